#include "cloudsign/push/message_encryption.h"

#include <string_view>

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "cloudsign/random.h"
#include "hsm/base/check.h"
#include "hsm/base/secret.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::push {
namespace {

namespace openssl = hsm::openssl;
using hsm::Byte;
using hsm::ByteView;

using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, openssl::Freed<EVP_CIPHER_CTX_free>>;
using KdfPtr = std::unique_ptr<EVP_KDF, openssl::Freed<EVP_KDF_free>>;
using KdfContextPtr = std::unique_ptr<EVP_KDF_CTX, openssl::Freed<EVP_KDF_CTX_free>>;

constexpr std::size_t tag_size = 16;
constexpr std::size_t nonce_size = 12;
constexpr std::uint32_t record_size = 4096;
// RFC 8188 §2: the last record of a message ends in this byte, then padding.
constexpr Byte last_record = 2;

template <std::size_t size>
using Key = hsm::Secret<size>;

// RFC 5869, extract and expand.
template <std::size_t size>
Key<size> hkdf(ByteView salt, ByteView key, ByteView info) {
    static const KdfPtr algorithm(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
    const KdfContextPtr context(EVP_KDF_CTX_new(algorithm.get()));
    std::string digest = SN_sha256;
    const auto octets = [](const char* name, ByteView bytes) {
        return OSSL_PARAM_construct_octet_string(
            name, const_cast<Byte*>(bytes.data()), bytes.size());
    };
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), digest.size()),
        octets(OSSL_KDF_PARAM_SALT, salt),
        octets(OSSL_KDF_PARAM_KEY, key),
        octets(OSSL_KDF_PARAM_INFO, info),
        OSSL_PARAM_construct_end()};
    Key<size> derived;
    CHECK(EVP_KDF_derive(context.get(), derived.storage().data(), size, parameters) == 1);
    derived.resize(size);
    return derived;
}

void append(Bytes& to, ByteView bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

// With the zero byte that both RFCs put behind their names.
Bytes info_of(std::string_view name) {
    Bytes info(name.begin(), name.end());
    info.push_back(0);
    return info;
}

// RFC 8188 §2.1: salt, record size, and the sender's point in place of a key's name.
Bytes header(const Salt& salt, const hsm::protocol::Point& sender) {
    Bytes header(salt.begin(), salt.end());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        header.push_back(static_cast<Byte>(record_size >> shift));
    }
    header.push_back(static_cast<Byte>(sender.size()));
    append(header, sender);
    return header;
}

void append_record(Bytes& body, ByteView key, ByteView nonce, ByteView message) {
    const CipherContextPtr cipher(EVP_CIPHER_CTX_new());
    const auto begin = body.size();
    body.resize(begin + message.size() + 1 + tag_size);
    auto* out = body.data() + begin;
    int size = 0;
    int last = 0;
    CHECK(EVP_EncryptInit_ex2(cipher.get(), EVP_aes_128_gcm(), key.data(), nonce.data(), nullptr) ==
          1);
    CHECK(EVP_EncryptUpdate(
              cipher.get(), out, &size, message.data(), static_cast<int>(message.size())) == 1);
    CHECK(EVP_EncryptUpdate(cipher.get(), out + message.size(), &last, &last_record, 1) == 1);
    CHECK(EVP_EncryptFinal_ex(cipher.get(), out + message.size() + 1, &last) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(
              cipher.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, out + message.size() + 1) == 1);
}

}  // namespace

Result<Bytes> encrypt_message(const SubscriptionKeys& keys, ByteView message) {
    const auto sender = openssl::make_p256_key();
    Salt salt{};
    fill_random(salt);
    return encrypt_message(keys, message, sender.get(), salt);
}

Result<Bytes> encrypt_message(const SubscriptionKeys& keys,
                              ByteView message,
                              EVP_PKEY* sender,
                              const Salt& salt) {
    if (message.size() > push_message_max) {
        return Error{ErrorKind::invalid, "the push message is too long"};
    }
    hsm::Secret<32> agreed;
    if (!openssl::agree_p256(sender, keys.p256dh, agreed)) {
        return Error{ErrorKind::invalid, "p256dh is not a point on P-256"};
    }
    const auto own = openssl::p256_point(sender).value();
    auto info = info_of("WebPush: info");  // RFC 8291 §3.4
    append(info, keys.p256dh);
    append(info, own);
    const auto secret = hkdf<32>(keys.auth, agreed.reveal(), info);
    const auto key = hkdf<16>(salt, secret.reveal(), info_of("Content-Encoding: aes128gcm"));
    const auto nonce = hkdf<nonce_size>(salt, secret.reveal(), info_of("Content-Encoding: nonce"));
    auto body = header(salt, own);
    append_record(body, key.reveal(), nonce.reveal(), message);
    return body;
}

}  // namespace cloudsign::push
