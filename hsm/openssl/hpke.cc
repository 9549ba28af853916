#include "hsm/openssl/hpke.h"

#include <openssl/err.h>

#include "hsm/openssl/hmac_key.h"
#include "hsm/openssl/p256.h"

namespace hsm::openssl {
namespace {

using protocol::Point;
using CipherContextPtr = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;

Digest hmac(ByteView key, std::span<const ByteView> parts) {
    Bytes message;
    for (const auto& part : parts) {
        message.insert(message.end(), part.begin(), part.end());
    }
    const auto digest = HmacKey(key).mac(message);
    base::zeroize(message);
    return digest;
}

}  // namespace

Result<HpkeSealed> hpke_seal(const Point& recipient, ByteView info, ByteView plain) {
    const auto ephemeral = make_p256_key();
    HpkeSealed sealed;
    sealed.encapsulated = p256_point(ephemeral.get()).value();
    Secret<32> agreed;
    if (!agree_p256(ephemeral.get(), recipient, agreed)) {
        return Status::configuration_wrong;
    }
    const auto keys =
        protocol::derive_hpke_keys(agreed.reveal(), sealed.encapsulated, recipient, info, hmac);

    const CipherContextPtr cipher(EVP_CIPHER_CTX_new());
    sealed.ciphertext.resize(plain.size() + protocol::hpke_tag_size);
    int size = 0;
    int last = 0;
    CHECK(EVP_EncryptInit_ex2(cipher.get(),
                              EVP_aes_256_gcm(),
                              keys.key.reveal().data(),
                              keys.nonce.data(),
                              nullptr) == 1);
    CHECK(EVP_EncryptUpdate(cipher.get(),
                            sealed.ciphertext.data(),
                            &size,
                            plain.data(),
                            static_cast<int>(plain.size())) == 1);
    CHECK(EVP_EncryptFinal_ex(cipher.get(), sealed.ciphertext.data() + size, &last) == 1);
    CHECK(EVP_CIPHER_CTX_ctrl(cipher.get(),
                              EVP_CTRL_AEAD_GET_TAG,
                              protocol::hpke_tag_size,
                              sealed.ciphertext.data() + plain.size()) == 1);
    return sealed;
}

Result<void> hpke_open(EVP_PKEY* key,
                       ByteView info,
                       const Point& encapsulated,
                       ByteView ciphertext,
                       MutableBytes plain) {
    const auto recipient = p256_point(key);
    Secret<32> agreed;
    if (!recipient || ciphertext.size() != plain.size() + protocol::hpke_tag_size ||
        !agree_p256(key, encapsulated, agreed)) {
        return Status::share_wrong;
    }
    const auto keys =
        protocol::derive_hpke_keys(agreed.reveal(), encapsulated, *recipient, info, hmac);

    const CipherContextPtr cipher(EVP_CIPHER_CTX_new());
    auto tag = Bytes(ciphertext.end() - protocol::hpke_tag_size, ciphertext.end());
    int size = 0;
    int last = 0;
    const bool good =
        EVP_DecryptInit_ex2(cipher.get(),
                            EVP_aes_256_gcm(),
                            keys.key.reveal().data(),
                            keys.nonce.data(),
                            nullptr) == 1 &&
        EVP_DecryptUpdate(
            cipher.get(), plain.data(), &size, ciphertext.data(), static_cast<int>(plain.size())) ==
            1 &&
        EVP_CIPHER_CTX_ctrl(
            cipher.get(), EVP_CTRL_AEAD_SET_TAG, protocol::hpke_tag_size, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), plain.data() + size, &last) == 1;
    if (!good) {
        ERR_clear_error();
        base::zeroize(plain);
        return Status::share_wrong;
    }
    return {};
}

}  // namespace hsm::openssl
