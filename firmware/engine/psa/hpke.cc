#include "firmware/engine/hpke.h"

#include "firmware/engine/digest.h"
#include "firmware/engine/psa/key_handle.h"

namespace firmware::engine {
namespace {

using hsm::Status;
using psa::checked;
using psa::KeyHandle;

psa_key_attributes_t agreement_attributes(psa_key_usage_t usage) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_ECC_KEY_PAIR(PSA_ECC_FAMILY_SECP_R1));
    psa_set_key_bits(&attributes, 256);
    psa_set_key_algorithm(&attributes, PSA_ALG_ECDH);
    psa_set_key_usage_flags(&attributes, usage);
    return attributes;
}

Result<hsm::protocol::HpkeKeys> agree(const KeyHandle& own,
                                      const Point& peer,
                                      const Point& encapsulated,
                                      const Point& recipient,
                                      ByteView info) {
    hsm::Secret<32> agreed;
    std::size_t size = 0;
    TRY(checked(psa_raw_key_agreement(PSA_ALG_ECDH,
                                      own.id(),
                                      peer.data(),
                                      peer.size(),
                                      agreed.storage().data(),
                                      agreed.storage().size(),
                                      &size)));
    agreed.resize(size);
    return hsm::protocol::derive_hpke_keys(
        agreed.reveal(), encapsulated, recipient, info, hmac_sha256);
}

Result<KeyHandle> cipher_key(const hsm::protocol::HpkeKeys& keys, psa_key_usage_t usage) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, PSA_KEY_TYPE_AES);
    psa_set_key_algorithm(&attributes, PSA_ALG_GCM);
    psa_set_key_usage_flags(&attributes, usage);
    return KeyHandle::import(attributes, keys.key.reveal());
}

Result<KeyHandle> generate(Point& point, psa_key_usage_t usage) {
    TRY_ASSIGN(auto key, KeyHandle::generate(agreement_attributes(usage)));
    std::size_t size = 0;
    TRY(checked(psa_export_public_key(key.id(), point.data(), point.size(), &size)));
    return key;
}

}  // namespace

Result<HpkeKeyPair> make_hpke_key() {
    HpkeKeyPair made;
    TRY_ASSIGN(auto key, generate(made.point, PSA_KEY_USAGE_DERIVE | PSA_KEY_USAGE_EXPORT));
    std::size_t size = 0;
    TRY(checked(psa_export_key(
        key.id(), made.scalar.storage().data(), made.scalar.storage().size(), &size)));
    made.scalar.resize(size);
    return made;
}

Result<void> hpke_seal(const Point& recipient,
                       ByteView info,
                       ByteView plain,
                       Point& encapsulated,
                       MutableBytes ciphertext) {
    CHECK(ciphertext.size() == plain.size() + hsm::protocol::hpke_tag_size);
    TRY_ASSIGN(auto ephemeral, generate(encapsulated, PSA_KEY_USAGE_DERIVE));
    auto keys = agree(ephemeral, recipient, encapsulated, recipient, info);
    if (!keys) {
        return Status::configuration_wrong;
    }
    TRY_ASSIGN(auto key, cipher_key(*keys, PSA_KEY_USAGE_ENCRYPT));
    std::size_t size = 0;
    return checked(psa_aead_encrypt(key.id(),
                                    PSA_ALG_GCM,
                                    keys->nonce.data(),
                                    keys->nonce.size(),
                                    nullptr,
                                    0,
                                    plain.data(),
                                    plain.size(),
                                    ciphertext.data(),
                                    ciphertext.size(),
                                    &size));
}

Result<void> hpke_open(const HpkeKeyPair& key,
                       ByteView info,
                       const Point& encapsulated,
                       ByteView ciphertext,
                       MutableBytes plain) {
    if (ciphertext.size() != plain.size() + hsm::protocol::hpke_tag_size) {
        return Status::share_wrong;
    }
    TRY_ASSIGN(auto own,
               KeyHandle::import(agreement_attributes(PSA_KEY_USAGE_DERIVE), key.scalar.reveal()));
    auto keys = agree(own, encapsulated, encapsulated, key.point, info);
    if (!keys) {
        return Status::share_wrong;
    }
    TRY_ASSIGN(auto cipher, cipher_key(*keys, PSA_KEY_USAGE_DECRYPT));
    std::size_t size = 0;
    const auto status = psa_aead_decrypt(cipher.id(),
                                         PSA_ALG_GCM,
                                         keys->nonce.data(),
                                         keys->nonce.size(),
                                         nullptr,
                                         0,
                                         ciphertext.data(),
                                         ciphertext.size(),
                                         plain.data(),
                                         plain.size(),
                                         &size);
    if (status != PSA_SUCCESS || size != plain.size()) {
        hsm::base::zeroize(plain);
        return Status::share_wrong;
    }
    return {};
}

}  // namespace firmware::engine
