#include "firmware/engine/psa/raw_keys.h"

#include "firmware/engine/algorithm.h"
#include "firmware/engine/digest.h"
#include "firmware/engine/ecdsa_der.h"
#include "firmware/engine/es256.h"
#include "firmware/engine/psa/key_handle.h"
#include "firmware/engine/psa/psa_algorithm.h"
#include "hsm/base/zeroize.h"

namespace firmware::engine::psa::raw {

using hsm::Status;
using hsm::protocol::Scheme;

namespace {

Result<KeyHandle> import(psa_key_type_t type,
                         psa_algorithm_t algorithm,
                         psa_key_usage_t usage,
                         ByteView key) {
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    psa_set_key_type(&attributes, type);
    psa_set_key_algorithm(&attributes, algorithm);
    psa_set_key_usage_flags(&attributes, usage);
    return KeyHandle::import(attributes, key);
}

psa_algorithm_t hash_of(DigestAlgorithm digest) {
    return PSA_ALG_GET_HASH(psa_algorithm({Scheme::ecdsa, digest, 0}));
}

Result<void> verify_es256_message(ByteView key, ByteView message, ByteView raw) {
    Point point;
    if (key.size() != point.size()) {
        return Status::signature_wrong;
    }
    std::ranges::copy(key, point.begin());
    const ByteView parts[] = {message};
    return engine::verify_es256(point, engine::sha256(parts), raw);
}

Result<void> verify_hashed(const PublicKey& key,
                           const Algorithm& algorithm,
                           ByteView message,
                           ByteView signature) {
    std::array<hsm::Byte, PSA_HASH_MAX_SIZE> hash;
    std::size_t size = 0;
    TRY(checked(psa_hash_compute(hash_of(algorithm.digest),
                                 message.data(),
                                 message.size(),
                                 hash.data(),
                                 hash.size(),
                                 &size)));
    const auto scheme = psa_algorithm(algorithm);
    auto imported = import(PSA_KEY_TYPE_PUBLIC_KEY_OF_KEY_PAIR(psa_key_pair_type(key.type)),
                           scheme,
                           PSA_KEY_USAGE_VERIFY_HASH,
                           key.key);
    if (!imported ||
        psa_verify_hash(
            imported->id(), scheme, hash.data(), size, signature.data(), signature.size()) !=
            PSA_SUCCESS) {
        return Status::signature_wrong;
    }
    return {};
}

Result<void> derive(psa_key_derivation_operation_t& operation,
                    DigestAlgorithm digest,
                    const Hkdf& from,
                    MutableBytes out) {
    const auto input = [&](psa_key_derivation_step_t step, ByteView bytes) {
        return checked(
            psa_key_derivation_input_bytes(&operation, step, bytes.data(), bytes.size()));
    };
    TRY(checked(psa_key_derivation_setup(&operation, PSA_ALG_HKDF(hash_of(digest)))));
    TRY(input(PSA_KEY_DERIVATION_INPUT_SALT, from.salt));
    TRY(input(PSA_KEY_DERIVATION_INPUT_SECRET, from.secret));
    TRY(input(PSA_KEY_DERIVATION_INPUT_INFO, from.info));
    return checked(psa_key_derivation_output_bytes(&operation, out.data(), out.size()));
}

}  // namespace

Result<void> verify(const PublicKey& key,
                    const Algorithm& algorithm,
                    Encoding encoding,
                    ByteView message,
                    ByteView signature) {
    if (!algorithm_fits(key.type, algorithm)) {
        return Status::algorithm_wrong;
    }
    RawEcdsa raw;
    if (!is_rsa(key.type) && encoding == Encoding::der) {
        TRY_ASSIGN(raw, ecdsa_from_der(key.type, signature));
        signature = raw;
    }
    if (key.type == KeyType::p256 && algorithm.digest == DigestAlgorithm::sha256) {
        return verify_es256_message(key.key, message, signature);
    }
    return verify_hashed(key, algorithm, message, signature);
}

Result<std::size_t> gcm_open(const Gcm& gcm, ByteView sealed, MutableBytes out) {
    TRY_ASSIGN(auto key, import(PSA_KEY_TYPE_AES, PSA_ALG_GCM, PSA_KEY_USAGE_DECRYPT, gcm.key));
    std::size_t size = 0;
    const auto opened = checked(psa_aead_decrypt(key.id(),
                                                 PSA_ALG_GCM,
                                                 gcm.nonce.data(),
                                                 gcm.nonce.size(),
                                                 gcm.associated.data(),
                                                 gcm.associated.size(),
                                                 sealed.data(),
                                                 sealed.size(),
                                                 out.data(),
                                                 out.size(),
                                                 &size));
    if (!opened) {
        hsm::zeroize(out);
        return opened.error();
    }
    return size;
}

Result<std::size_t> hmac(DigestAlgorithm digest, ByteView key, ByteView message, MutableBytes out) {
    const auto algorithm = PSA_ALG_HMAC(hash_of(digest));
    TRY_ASSIGN(auto imported,
               import(PSA_KEY_TYPE_HMAC, algorithm, PSA_KEY_USAGE_SIGN_MESSAGE, key));
    std::size_t size = 0;
    TRY(checked(psa_mac_compute(
        imported.id(), algorithm, message.data(), message.size(), out.data(), out.size(), &size)));
    return size;
}

Result<void> hkdf(DigestAlgorithm digest, const Hkdf& from, MutableBytes out) {
    psa_key_derivation_operation_t operation = PSA_KEY_DERIVATION_OPERATION_INIT;
    const auto derived = derive(operation, digest, from, out);
    (void)psa_key_derivation_abort(&operation);
    return derived;
}

}  // namespace firmware::engine::psa::raw
