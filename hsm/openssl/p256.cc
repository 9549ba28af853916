#include "hsm/openssl/p256.h"

#include <array>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/pem.h>

namespace hsm::openssl {
namespace {

using PkeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;

// nullptr when that is no point of the curve.
EvpKeyPtr public_key(const protocol::Point& point) {
    std::string group = "P-256";
    protocol::Point copy = point;
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.data(), copy.size()),
        OSSL_PARAM_construct_end()};
    const PkeyContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    if (EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(
            context.get(), &key, EVP_PKEY_PUBLIC_KEY, const_cast<OSSL_PARAM*>(parameters)) != 1) {
        ERR_clear_error();
        return nullptr;
    }
    return EvpKeyPtr(key);
}

}  // namespace

EvpKeyPtr make_p256_key() {
    EvpKeyPtr key(EVP_EC_gen("P-256"));
    CHECK(key != nullptr);
    return key;
}

std::optional<protocol::Point> p256_point(const EVP_PKEY* key) {
    constexpr Byte uncompressed = 4;  // SEC 1 §2.3.3
    std::array<char, 32> group{};
    protocol::Point point{};
    std::size_t size = 0;
    const bool good = EVP_PKEY_is_a(key, "EC") == 1 &&
                      EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr) == 1 &&
                      std::string_view(group.data()) == SN_X9_62_prime256v1 &&
                      EVP_PKEY_get_octet_string_param(
                          key, OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size(), &size) == 1 &&
                      size == point.size() && point[0] == uncompressed;
    if (!good) {
        ERR_clear_error();
        return std::nullopt;
    }
    return point;
}

bool agree_p256(EVP_PKEY* own, const protocol::Point& peer, Secret<32>& agreed) {
    const auto other = public_key(peer);
    const PkeyContextPtr context(EVP_PKEY_CTX_new(own, nullptr));
    std::size_t size = agreed.storage().size();
    const bool good = other != nullptr && EVP_PKEY_derive_init(context.get()) == 1 &&
                      EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
                      EVP_PKEY_derive(context.get(), agreed.storage().data(), &size) == 1;
    if (!good) {
        ERR_clear_error();
        return false;
    }
    agreed.resize(size);
    return true;
}

Bytes sign_es256(EVP_PKEY* key, ByteView message) {
    const EvpMdContextPtr context(EVP_MD_CTX_new());
    Bytes signature(protocol::ecdsa_der_size_max);
    std::size_t size = signature.size();
    CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1);
    CHECK(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) ==
          1);
    signature.resize(size);
    return signature;
}

std::string private_key_pem(const EVP_PKEY* key) {
    const BioPtr out(BIO_new(BIO_s_mem()));
    CHECK(PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) ==
          1);
    return text_of(out.get());
}

EvpKeyPtr read_private_key_pem(std::string_view pem) {
    const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    // Without this OpenSSL would ask the terminal for a passphrase.
    const auto no_passphrase = [](char*, int, int, void*) { return -1; };
    EvpKeyPtr key(PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr));
    if (!key) {
        ERR_clear_error();
    }
    return key;
}

EvpKeyPtr read_public_key_pem(std::string_view pem) {
    const BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    EvpKeyPtr key(PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr));
    if (!key) {
        ERR_clear_error();
    }
    return key;
}

}  // namespace hsm::openssl
