#include "tests/support/passkey.h"

#include <openssl/ec.h>
#include <openssl/rand.h>

#include "tests/support/raw_cbor.h"

namespace tests::support {
namespace {

std::string base64url(hsm::ByteView bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const auto size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      bytes.data(),
                                      static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    while (!text.empty() && text.back() == '=') {
        text.pop_back();
    }
    return text;
}

}  // namespace

hsm::Digest sha256(std::span<const hsm::ByteView> parts) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
    for (const auto part : parts) {
        CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    hsm::Digest digest{};
    CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
    return digest;
}

hsm::Digest sha256_of(hsm::ByteView bytes) {
    const hsm::ByteView parts[] = {bytes};
    return sha256(parts);
}

hsm::Digest random_digest() {
    hsm::Digest digest{};
    CHECK(RAND_bytes(digest.data(), static_cast<int>(digest.size())) == 1);
    return digest;
}

std::string client_data_json(const AssertionForm& form) {
    std::string json = R"({"type":")" + form.type + R"(","challenge":")" +
                       base64url(form.challenge) + R"(","origin":")" + form.origin + '"';
    if (form.cross_origin) {
        json += R"(,"crossOrigin":)" + *form.cross_origin;
    }
    return json + form.more + '}';
}

Bytes authenticator_data(const AssertionForm& form) {
    const auto rp_id_hash = sha256_of(hsm::view_of(form.rp_id));
    auto bytes = copy_of(rp_id_hash);
    bytes.push_back(form.flags);
    for (int shift = 24; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<hsm::Byte>(form.sign_count >> shift));
    }
    bytes.insert(
        bytes.end(), form.extra_authenticator_data.begin(), form.extra_authenticator_data.end());
    return bytes;
}

Passkey::Passkey(Backup backup) : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), backup_(backup) {
    CHECK(key_ != nullptr);
    std::size_t size = 0;
    CHECK(EVP_PKEY_get_octet_string_param(key_.get(), "pub", point_.data(), point_.size(), &size) ==
          1);
    CHECK(size == point_.size());
}

hsm::Digest Passkey::thumbprint() const {
    return hsm::protocol::thumbprint(point_, sha256);
}

Bytes Passkey::sign(const hsm::Digest& digest) const {
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key_.get(), nullptr), EVP_PKEY_CTX_free);
    Bytes signature(hsm::protocol::ecdsa_der_size_max);
    auto size = signature.size();
    CHECK(EVP_PKEY_sign_init(context.get()) == 1);
    CHECK(EVP_PKEY_sign(context.get(), signature.data(), &size, digest.data(), digest.size()) == 1);
    signature.resize(size);
    return signature;
}

Bytes Passkey::assertion(const AssertionForm& form) const {
    auto own = form;
    if (is_backup_eligible()) {
        own.flags = static_cast<hsm::Byte>(own.flags | backup_eligible);
    }
    return assertion_over(authenticator_data(own), client_data_json(own));
}

Bytes Passkey::assertion_over(hsm::ByteView authenticator_data,
                              std::string_view client_data) const {
    const auto client_data_hash = sha256_of(hsm::view_of(client_data));
    const hsm::ByteView parts[] = {authenticator_data, client_data_hash};
    const auto signature = sign(sha256(parts));
    const auto own_thumbprint = thumbprint();
    auto encoded = cbor_head(4, 4);
    for (const auto item : {hsm::ByteView(own_thumbprint),
                            authenticator_data,
                            hsm::view_of(client_data),
                            hsm::ByteView(signature)}) {
        const auto string = cbor_string(2, item);
        encoded.insert(encoded.end(), string.begin(), string.end());
    }
    return encoded;
}

}  // namespace tests::support
