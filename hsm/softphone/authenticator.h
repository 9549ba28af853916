#pragma once

#include <array>
#include <string>
#include <string_view>

#include "hsm/openssl/base64.h"
#include "hsm/openssl/pointers.h"
#include "hsm/protocol/activation.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/softphone/problem.h"

namespace hsm::softphone {

// Flags of authenticatorData, WebAuthn Level 3 §6.1.
constexpr Byte flag_user_present = 0x01;
constexpr Byte flag_user_verified = 0x04;
constexpr Byte flag_backup_eligible = 0x08;
constexpr Byte flag_backup_state = 0x10;

enum class Backup { single_device, synced };

constexpr Byte assertion_flags(Backup backup) {
    constexpr Byte user = flag_user_present | flag_user_verified;
    return backup == Backup::synced ? user | flag_backup_eligible | flag_backup_state : user;
}

// What the browser and the authenticator put into an assertion, beside the challenge.
struct AssertionOptions {
    std::string_view rp_id;
    std::string_view origin;
    Byte flags = assertion_flags(Backup::single_device);
    std::uint32_t sign_count = 0;
};

struct OwnedAssertion {
    Digest thumbprint{};
    std::array<Byte, protocol::authenticator_data_size> authenticator_data{};
    std::string client_data_json;
    Bytes signature;  // DER ECDSA, WebAuthn Level 3 §6.5.5

    // Views into this object.
    protocol::Assertion view() const;
};

// An approval passkey in software: a P-256 key and the assertions that it makes, byte for byte as a
// browser on a phone writes them. Keeps no count and asks nobody: PhoneStore and Approver do.
class Passkey {
public:
    static Passkey generate();
    // `store` when the text is not an unencrypted P-256 private key in PEM.
    static Outcome<Passkey> from_pem(std::string_view pem);

    // PKCS#8, not encrypted.
    std::string to_pem() const;

    const protocol::Point& point() const { return point_; }
    const Digest& thumbprint() const { return thumbprint_; }

    OwnedAssertion make_assertion(const Digest& challenge, const AssertionOptions& options) const;

private:
    Passkey(openssl::EvpKeyPtr key, const protocol::Point& point);

    openssl::EvpKeyPtr key_;
    protocol::Point point_{};
    Digest thumbprint_{};
};

}  // namespace hsm::softphone
