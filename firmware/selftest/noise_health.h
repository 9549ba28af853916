#pragma once

#include <optional>

#include "firmware/hal/rng.h"

namespace firmware::selftest {

using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

// How often a healthy source would be called a broken one: alpha = 2^-30 for each sample of the
// repetition count, for each window of the adaptive proportion.
struct NoiseCutoffs {
    std::uint32_t repetition = 0;  // so many equal samples in a row are a failure
    std::uint32_t proportion = 0;  // so many in a window equal to its first are a failure
    std::uint32_t window = 0;      // samples
};

// The cut-offs for what a board claims; nothing for a claim below one bit of min-entropy for each
// sample (such a source joins several samples into one), or above the sample's size.
std::optional<NoiseCutoffs> noise_cutoffs(const hal::NoiseClaim& claim);

// The health tests of SP 800-90B §4.4 on raw samples: Repetition Count and Adaptive Proportion.
// A failure is for good: the source has stopped to be what its entropy was estimated for.
class NoiseHealth {
public:
    explicit NoiseHealth(const NoiseCutoffs& cutoffs) : cutoffs_(cutoffs) {}

    // `rng_failed` from the first sample on with which a test fails.
    Result<void> add(ByteView samples);

private:
    bool repeats(Byte sample);
    bool dominates(Byte sample);

    const NoiseCutoffs cutoffs_;
    bool failed_ = false;
    std::uint32_t run_ = 0;  // equal samples up to now; 0 before the first
    Byte last_ = 0;
    std::uint32_t seen_ = 0;  // samples in this window; 0 before its first
    std::uint32_t equal_ = 0;
    Byte first_ = 0;
};

// A board's noise source behind its health tests: no sample is given out that has not been tested.
// This, and not the bare source, is what Mbed TLS is seeded from (engine/psa/initialize.h).
class TestedNoise {
public:
    explicit TestedNoise(hal::Noise& source);
    TestedNoise(const TestedNoise&) = delete;
    TestedNoise& operator=(const TestedNoise&) = delete;

    // The start-up test (SP 800-90B §4.3 requirement 4) over startup_samples, which are thrown
    // away. Once before sample(), and again on demand.
    Result<void> start();

    // `rng_failed` and no samples before start(), when the source or a test fails, and ever after.
    Result<void> sample(MutableBytes out);

    static constexpr std::size_t startup_samples = 1024;

private:
    Result<void> draw(MutableBytes out);

    hal::Noise& source_;
    NoiseHealth health_;
    bool started_ = false;
    bool failed_ = false;
};

}  // namespace firmware::selftest
