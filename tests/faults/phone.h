#pragma once

#include "firmware/activation/approvals.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/psa/key_handle.h"

namespace tests::faults {

inline constexpr std::string_view rp_id = "approve.localhost";
inline constexpr std::string_view origin = "https://approve.localhost";

// What an assertion says; the defaults are what the module wants to hear.
struct AssertionText {
    std::string_view type = "webauthn.get";
    std::string_view origin = faults::origin;
    std::string_view rp_id = faults::rp_id;
    bool cross_origin = false;
    hsm::Byte flags = 0x05;  // UP, UV
    hsm::Digest challenge{};
};

// A passkey, in the module's own Mbed TLS: the target has no other cryptography.
class Phone {
public:
    // Makes its key; P-256.
    void start();

    const hsm::protocol::Point& point() const { return point_; }
    hsm::Digest thumbprint() const;

    // DER, over an SHA-256 digest.
    firmware::engine::DerSignature sign_der(const hsm::Digest& digest) const;
    // r ‖ s over an SHA-256 digest.
    firmware::engine::RawEcdsa sign(const hsm::Digest& digest) const;

    // Writes the encoded assertion; `claimed` is the thumbprint that it gives itself.
    hsm::ByteView assertion(const AssertionText& text,
                            const hsm::Digest& claimed,
                            hsm::MutableBytes buffer) const;

private:
    firmware::engine::psa::KeyHandle key_;
    hsm::protocol::Point point_{};
};

}  // namespace tests::faults
