#include "firmware/engine/psa/noise_source.h"

#include <mbedtls/entropy.h>

namespace firmware::engine::psa {
namespace {

selftest::TestedNoise* source = nullptr;

}  // namespace

void use_noise(selftest::TestedNoise& noise) {
    source = &noise;
}

hsm::Result<void> test_noise_source() {
    if (source == nullptr) {
        return hsm::Status::not_supported;
    }
    return source->start();
}

}  // namespace firmware::engine::psa

// Mbed TLS's entropy source on a board (MBEDTLS_ENTROPY_HARDWARE_ALT): tested raw samples, which
// its accumulator conditions with SHA-512. The configuration asks for enough of them that the least
// claim which the health tests accept, one bit each, fills the accumulator with 64 bits to spare
// (SP 800-90B §3.1.5.1.2). No samples after a failure, so no seed and no reseed: the generator
// halts.
extern "C" int mbedtls_hardware_poll(void*,
                                     unsigned char* output,
                                     std::size_t size,
                                     std::size_t* written) {
    *written = 0;
    const auto source = firmware::engine::psa::source;
    if (source == nullptr || !source->sample({output, size})) {
        return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
    }
    *written = size;
    return 0;
}
