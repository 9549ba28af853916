#pragma once

#include "hsm/base/bytes.h"
#include "hsm/base/result.h"

namespace firmware::hal {

// What a board's maker claims of its noise source, for the cut-offs of the health tests
// (SP 800-90B §4.4) and for how much of it seeds the generator.
struct NoiseClaim {
    std::uint8_t sample_bits = 8;            // of each byte that sample() gives; the rest is 0
    std::uint32_t min_entropy_per_1024 = 0;  // of 1,024 samples, in bits
};

// The board's noise source, before any conditioning by software: health tests look at exactly
// what it gives, and Mbed TLS's entropy accumulator conditions it afterwards.
class Noise {
public:
    virtual NoiseClaim claim() const = 0;

    // Fills `raw` with consecutive samples, one in each byte, waiting for them. `rng_failed` when
    // the source reports a fault or does not deliver in time; then `raw` is not to be used.
    virtual hsm::Result<void> sample(hsm::MutableBytes raw) = 0;

protected:
    ~Noise() = default;
};

}  // namespace firmware::hal
