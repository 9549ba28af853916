#include "firmware/engine/psa/drbg_known_answer.h"

#include <mbedtls/ctr_drbg.h>

namespace firmware::engine::psa {

using hsm::ByteView;
using hsm::Result;
using hsm::Status;

namespace {

constexpr std::size_t entropy_size = 32;
constexpr std::size_t nonce_size = 16;

// Gives out what it was told, in order, as the entropy source of a generator.
int next_known(void* rest, unsigned char* out, std::size_t size) {
    auto& left = *static_cast<ByteView*>(rest);
    if (left.size() < size) {
        return MBEDTLS_ERR_CTR_DRBG_ENTROPY_SOURCE_FAILED;
    }
    std::ranges::copy(left.first(size), out);
    left = left.subspan(size);
    return 0;
}

class Generator {
public:
    Generator() { mbedtls_ctr_drbg_init(&context_); }
    ~Generator() { mbedtls_ctr_drbg_free(&context_); }
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    bool instantiate(ByteView& entropy, ByteView personal) {
        mbedtls_ctr_drbg_set_entropy_len(&context_, entropy_size);
        return mbedtls_ctr_drbg_set_nonce_len(&context_, nonce_size) == 0 &&
               mbedtls_ctr_drbg_seed(
                   &context_, next_known, &entropy, personal.data(), personal.size()) == 0;
    }
    bool reseed() { return mbedtls_ctr_drbg_reseed(&context_, nullptr, 0) == 0; }
    bool gives(ByteView expected) {
        hsm::Digest drawn;
        return mbedtls_ctr_drbg_random(&context_, drawn.data(), drawn.size()) == 0 &&
               hsm::equal(drawn, expected);
    }

private:
    mbedtls_ctr_drbg_context context_;
};

}  // namespace

Result<void> test_drbg(const selftest::KnownAnswers& answers) {
    Generator generator;
    auto entropy = answers.drbg_seed;
    if (!generator.instantiate(entropy, answers.drbg_personal) ||
        !generator.gives(answers.drbg_first)) {
        return Status::self_test_failed;
    }
    entropy = answers.drbg_reseed;
    if (!generator.reseed() || !generator.gives(answers.drbg_second)) {
        return Status::self_test_failed;
    }
    return {};
}

}  // namespace firmware::engine::psa
