// The key object and the one-call verification are OpenSSL's older interface: building an EVP_PKEY
// from a point costs several times the verification itself.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "cloudsign/approval/assertion_check.h"

#include <memory>
#include <string>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "cloudsign/approval/client_data.h"
#include "cloudsign/sha256.h"

namespace cloudsign::approval {
namespace {

using hsm::ByteView;

constexpr hsm::Byte user_present = 0x01;
constexpr hsm::Byte user_verified = 0x04;
constexpr hsm::Byte backup_eligible = 0x08;
constexpr hsm::Byte attested_data = 0x40;
constexpr hsm::Byte extension_data = 0x80;
constexpr std::size_t flags_at = 32;

Error refused(std::string detail) {
    return {ErrorKind::assertion_refused, std::move(detail)};
}

Result<void> check_authenticator_data(ByteView data,
                                      std::string_view rp_id,
                                      bool enrolled_eligible,
                                      hsm::protocol::BackupPolicy backup) {
    if (data.size() != hsm::protocol::authenticator_data_size) {
        return refused("authenticatorData is not 37 bytes long");
    }
    if (!hsm::equal(data.first(flags_at), sha256(rp_id))) {
        return refused("the passkey belongs to another rpId");
    }
    const auto flags = data[flags_at];
    if ((flags & user_present) == 0 || (flags & user_verified) == 0) {
        return refused("the phone has not verified the user");
    }
    if ((flags & (attested_data | extension_data)) != 0) {
        return refused("authenticatorData holds more than an assertion needs");
    }
    const bool eligible = (flags & backup_eligible) != 0;
    if (eligible != enrolled_eligible ||
        (eligible && backup == hsm::protocol::BackupPolicy::refused)) {
        return refused("synced passkeys are not accepted here");
    }
    return {};
}

struct KeyFree {
    void operator()(EC_KEY* key) const { EC_KEY_free(key); }
};

// Made once: its constants are computed anew for each group.
const EC_GROUP* p256() {
    static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return group;
}

bool verify(const hsm::protocol::Point& point, const hsm::Digest& digest, ByteView signature) {
    const std::unique_ptr<EC_KEY, KeyFree> key(EC_KEY_new());
    const bool good = key && EC_KEY_set_group(key.get(), p256()) == 1 &&
                      EC_KEY_oct2key(key.get(), point.data(), point.size(), nullptr) == 1 &&
                      ECDSA_verify(0,
                                   digest.data(),
                                   static_cast<int>(digest.size()),
                                   signature.data(),
                                   static_cast<int>(signature.size()),
                                   key.get()) == 1;
    if (!good) {
        ERR_clear_error();
    }
    return good;
}

}  // namespace

bool is_backup_eligible(ByteView authenticator_data) {
    return authenticator_data.size() > flags_at &&
           (authenticator_data[flags_at] & backup_eligible) != 0;
}

Result<void> check_assertion(const hsm::protocol::Assertion& assertion,
                             const hsm::protocol::ActivationKey& key,
                             std::string_view rp_id,
                             std::string_view origin,
                             const hsm::Digest& challenge,
                             hsm::protocol::BackupPolicy backup) {
    TRY(check_client_data(assertion.client_data_json, "webauthn.get", origin, challenge));
    TRY(check_authenticator_data(assertion.authenticator_data, rp_id, key.backup_eligible, backup));
    const auto client_data_hash = sha256(assertion.client_data_json);
    const ByteView parts[] = {assertion.authenticator_data, client_data_hash};
    if (!verify(key.point, sha256(parts), assertion.signature)) {
        return refused("the passkey's signature is wrong");
    }
    return {};
}

}  // namespace cloudsign::approval
