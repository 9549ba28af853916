#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/evp.h>

#include "hsm/protocol/activation.h"
#include "hsm/protocol/key_blob.h"

namespace tests::support {

using Bytes = std::vector<hsm::Byte>;

hsm::Digest sha256(std::span<const hsm::ByteView> parts);
hsm::Digest sha256_of(hsm::ByteView bytes);
hsm::Digest random_digest();

inline Bytes copy_of(hsm::ByteView view) {
    return {view.begin(), view.end()};
}

// Flags of authenticatorData: WebAuthn §6.1.
constexpr hsm::Byte user_present = 0x01;
constexpr hsm::Byte user_verified = 0x04;
constexpr hsm::Byte backup_eligible = 0x08;
constexpr hsm::Byte backed_up = 0x10;
constexpr hsm::Byte attested_data = 0x40;
constexpr hsm::Byte extension_data = 0x80;

// What an authenticator and a browser are made to say. The defaults are right.
struct AssertionForm {
    hsm::Digest challenge{};
    std::string rp_id;
    std::string origin;
    std::string type = "webauthn.get";
    std::optional<std::string> cross_origin = "false";
    std::string more;                                // after crossOrigin, with its comma
    hsm::Byte flags = user_present | user_verified;  // the passkey adds its own BE
    std::uint32_t sign_count = 7;
    Bytes extra_authenticator_data;
};

std::string client_data_json(const AssertionForm& form);
Bytes authenticator_data(const AssertionForm& form);

// A software authenticator: one P-256 key in OpenSSL.
class Passkey {
public:
    enum class Backup { device_bound, eligible };

    Passkey() : Passkey(Backup::device_bound) {}
    explicit Passkey(Backup backup);

    const hsm::protocol::Point& point() const { return point_; }
    hsm::Digest thumbprint() const;
    bool is_backup_eligible() const { return backup_ == Backup::eligible; }

    EVP_PKEY* get() const { return key_.get(); }

    // DER ECDSA over an SHA-256 digest.
    Bytes sign(const hsm::Digest& digest) const;

    // The encoded assertion [thumbprint, authenticatorData, clientDataJSON, signature].
    Bytes assertion(const AssertionForm& form) const;

    // The same over bytes that no browser would make.
    Bytes assertion_over(hsm::ByteView authenticator_data, std::string_view client_data) const;

private:
    std::shared_ptr<EVP_PKEY> key_;
    hsm::protocol::Point point_{};
    Backup backup_;
};

}  // namespace tests::support
