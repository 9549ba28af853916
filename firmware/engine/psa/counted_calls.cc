#include "firmware/engine/psa/counted_calls.h"

#include <psa/crypto.h>

#include "firmware/port/counter.h"

namespace firmware::engine::psa {

CountedCalls& counted_calls() {
    static CountedCalls calls;
    return calls;
}

}  // namespace firmware::engine::psa

// The linker's names: calls of psa_… arrive at __wrap_psa_…, and __real_psa_… is the library's.
extern "C" {

psa_status_t __real_psa_sign_hash(  // NOLINT
    psa_key_id_t key,
    psa_algorithm_t algorithm,
    const std::uint8_t* hash,
    std::size_t hash_size,
    std::uint8_t* signature,
    std::size_t signature_size,
    std::size_t* written);
psa_status_t __real_psa_verify_hash(  // NOLINT
    psa_key_id_t key,
    psa_algorithm_t algorithm,
    const std::uint8_t* hash,
    std::size_t hash_size,
    const std::uint8_t* signature,
    std::size_t signature_size);

psa_status_t __wrap_psa_sign_hash(  // NOLINT
    psa_key_id_t key,
    psa_algorithm_t algorithm,
    const std::uint8_t* hash,
    std::size_t hash_size,
    std::uint8_t* signature,
    std::size_t signature_size,
    std::size_t* written) {
    auto& calls = firmware::engine::psa::counted_calls();
    const auto begun = firmware::port::ticks();
    const auto status =
        __real_psa_sign_hash(key, algorithm, hash, hash_size, signature, signature_size, written);
    calls.sign_ticks += firmware::port::ticks() - begun;
    ++calls.sign;
    return status;
}

psa_status_t __wrap_psa_verify_hash(  // NOLINT
    psa_key_id_t key,
    psa_algorithm_t algorithm,
    const std::uint8_t* hash,
    std::size_t hash_size,
    const std::uint8_t* signature,
    std::size_t signature_size) {
    auto& calls = firmware::engine::psa::counted_calls();
    const auto begun = firmware::port::ticks();
    const auto status =
        __real_psa_verify_hash(key, algorithm, hash, hash_size, signature, signature_size);
    calls.verify_ticks += firmware::port::ticks() - begun;
    ++calls.verify;
    return status;
}

}  // extern "C"
