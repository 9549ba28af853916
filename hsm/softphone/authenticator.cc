#include "hsm/softphone/authenticator.h"

#include <cstdio>

#include "hsm/openssl/digest.h"
#include "hsm/openssl/p256.h"

namespace hsm::softphone {
namespace {

// CCDToString of WebAuthn Level 3 §5.8.1.1, for the ASCII that an origin consists of.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\') {
            out += '\\';
            out += character;
        } else if (static_cast<unsigned char>(character) < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(character));
            out += escaped;
        } else {
            out += character;
        }
    }
    return out + '"';
}

std::string client_data(const Digest& challenge, std::string_view origin) {
    return R"({"type":"webauthn.get","challenge":)" + quoted(base64url(challenge)) +
           R"(,"origin":)" + quoted(origin) + R"(,"crossOrigin":false})";
}

}  // namespace

protocol::Assertion OwnedAssertion::view() const {
    return {thumbprint, authenticator_data, view_of(client_data_json), signature};
}

Passkey::Passkey(openssl::EvpKeyPtr key, const protocol::Point& point)
    : key_(std::move(key)), point_(point), thumbprint_(protocol::thumbprint(point, sha256)) {}

Passkey Passkey::generate() {
    auto key = openssl::make_p256_key();
    const auto point = openssl::p256_point(key.get());
    CHECK(point.has_value());
    return Passkey(std::move(key), *point);
}

Outcome<Passkey> Passkey::from_pem(std::string_view pem) {
    auto key = openssl::read_private_key_pem(pem);
    const auto point = key ? openssl::p256_point(key.get()) : std::nullopt;
    if (!point) {
        return Problem{ProblemKind::store, "the passkey is not a P-256 private key in PEM"};
    }
    return Passkey(std::move(key), *point);
}

std::string Passkey::to_pem() const {
    return openssl::private_key_pem(key_.get());
}

OwnedAssertion Passkey::make_assertion(const Digest& challenge,
                                       const AssertionOptions& options) const {
    OwnedAssertion assertion;
    assertion.thumbprint = thumbprint_;
    assertion.client_data_json = client_data(challenge, options.origin);
    auto& data = assertion.authenticator_data;
    std::ranges::copy(sha256(options.rp_id), data.begin());
    data[32] = options.flags;
    for (unsigned i = 0; i < 4; ++i) {
        data[33 + i] = static_cast<Byte>(options.sign_count >> (24 - 8 * i));
    }
    const auto client_data_hash = sha256(assertion.client_data_json);
    Bytes message(data.begin(), data.end());
    message.insert(message.end(), client_data_hash.begin(), client_data_hash.end());
    assertion.signature = openssl::sign_es256(key_.get(), message);
    return assertion;
}

}  // namespace hsm::softphone
