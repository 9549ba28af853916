#include "hsm/softphone/authenticator.h"

#include <cstdio>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "hsm/softphone/sha256.h"

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

Bytes sign(EVP_PKEY* key, ByteView message) {
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    Bytes signature(protocol::ecdsa_der_size_max);
    std::size_t size = signature.size();
    CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1);
    CHECK(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
          1);
    signature.resize(size);
    return signature;
}

protocol::Point point_of(EVP_PKEY* key) {
    protocol::Point point{};
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_octet_string_param(
              key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1);
    CHECK(size == point.size());
    return point;
}

}  // namespace

protocol::Assertion OwnedAssertion::view() const {
    return {thumbprint, authenticator_data, view_of(client_data_json), signature};
}

Passkey::Passkey(EvpKeyPtr key)
    : key_(std::move(key)),
      point_(point_of(key_.get())),
      thumbprint_(protocol::thumbprint(point_, sha256_parts)) {}

Passkey Passkey::generate() {
    EvpKeyPtr key(EVP_EC_gen("P-256"));
    CHECK(key != nullptr);
    return Passkey(std::move(key));
}

Outcome<Passkey> Passkey::from_pem(std::string_view pem) {
    const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // Without this OpenSSL would ask the terminal for a passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return 0; };
    EvpKeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
    char group[32] = {};
    const bool p256 = key && EVP_PKEY_is_a(key.get(), "EC") == 1 &&
                      EVP_PKEY_get_group_name(key.get(), group, sizeof(group), nullptr) == 1 &&
                      std::string_view(group) == "prime256v1";
    ERR_clear_error();
    if (!p256) {
        return Problem{ProblemKind::store, "the passkey is not a P-256 private key in PEM"};
    }
    return Passkey(std::move(key));
}

std::string Passkey::to_pem() const {
    const BioPtr out(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_PKCS8PrivateKey(
              out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out.get(), &text);
    return {text, static_cast<std::size_t>(size)};
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
    assertion.signature = sign(key_.get(), message);
    return assertion;
}

}  // namespace hsm::softphone
