#include "tests/faults/signing_watch.h"

#include <psa/crypto.h>

#include "firmware/selftest/known_answers.h"
#include "tests/faults/attempt.h"
#include "tests/faults/runtime.h"

namespace tests::faults {
namespace {

// Words that no stray store writes; one that is none of them counts as the worst of them.
enum class Watch : std::uint32_t {
    off = 0x2d94c3b1,
    on_hostile = 0x74e15f0a,
    on_in_order = 0x8bd2661c,
};
enum class Signed : std::uint32_t {
    nothing = 0x9d2b41e7,
    approved = 0x61c7e85a,
    other = 0x3ef01d94,
};

Watch watch = Watch::off;
Signed has_signed = Signed::nothing;

// A fault may make the module test its algorithms once more, on keys that everybody knows.
bool is_self_test(hsm::ByteView hash) {
    const auto& known = firmware::selftest::known_answers;
    return hsm::equal(hash, known.p256_digest) || hsm::equal(hash, known.p384_digest) ||
           hsm::equal(hash, known.rsa_digest);
}

// A key that is there, and that this world did not have before the request: an unsealed one. A wild
// jump may bring any number here, or into the scenarios' own code.
bool is_unsealed(mbedtls_svc_key_id_t key) {
    const auto& known = world().known_keys;
    psa_key_attributes_t attributes = PSA_KEY_ATTRIBUTES_INIT;
    return std::ranges::find(known, key) == known.end() &&
           psa_get_key_attributes(key, &attributes) == PSA_SUCCESS;
}

bool is_approved(hsm::ByteView hash) {
    return hash.size() == hsm::digest_size &&
           std::ranges::all_of(hash, [](hsm::Byte byte) { return byte == approved_byte; });
}

}  // namespace

void watch_signing(bool in_order) {
    watch = in_order ? Watch::on_in_order : Watch::on_hostile;
    has_signed = Signed::nothing;
}

hsm::Status judge_signing(hsm::Status answer) {
    watch = Watch::off;
    if (answer != hsm::Status::ok) {
        return answer;
    }
    // A fault that spoils no more than the answer's form may present an earlier signature as this
    // request's. That one was approved.
    if (has_signed == Signed::nothing) {
        return hsm::Status::signature_wrong;
    }
    if (has_signed != Signed::approved) {
        unauthorised();
    }
    return hsm::Status::ok;
}

}  // namespace tests::faults

extern "C" {

psa_status_t __real_psa_sign_hash(mbedtls_svc_key_id_t key,
                                  psa_algorithm_t algorithm,
                                  const std::uint8_t* hash,
                                  std::size_t hash_size,
                                  std::uint8_t* signature,
                                  std::size_t signature_size,
                                  std::size_t* signature_length);

// The linker gives every call of psa_sign_hash to this one. A request in order may go on with
// another hash, since the module looks at what it has signed before it lets it out.
psa_status_t __wrap_psa_sign_hash(mbedtls_svc_key_id_t key,
                                  psa_algorithm_t algorithm,
                                  const std::uint8_t* hash,
                                  std::size_t hash_size,
                                  std::uint8_t* signature,
                                  std::size_t signature_size,
                                  std::size_t* signature_length) {
    using namespace tests::faults;  // NOLINT: this file's own parts
    const hsm::ByteView signs(hash, hash_size);
    if (watch != Watch::off && is_unsealed(key) && !is_self_test(signs)) {
        has_signed = is_approved(signs) ? Signed::approved : Signed::other;
        if (watch != Watch::on_in_order) {
            unauthorised();
        } else if (has_signed == Signed::approved) {
            as_approved();
        }
    }
    if (watch == Watch::off && !world().is_ready) {
        (void)world().known_keys.push_back(key);
    }
    return __real_psa_sign_hash(
        key, algorithm, hash, hash_size, signature, signature_size, signature_length);
}

}  // extern "C"
