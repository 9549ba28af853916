#include "firmware/selftest/noise_health.h"

#include "hsm/base/zeroize.h"

namespace firmware::selftest {
namespace {

// alpha = 2^-alpha_bits
constexpr std::uint32_t alpha_bits = 30;

// SP 800-90B §4.4.2: 1,024 samples of two values, 512 of more.
constexpr std::uint32_t window_of_bits = 1024;
constexpr std::uint32_t window_of_bytes = 512;

// Adaptive Proportion, §4.4.2: C = 1 + CRITBINOM(W, 2^-H, 1 - alpha), the smallest c for which a
// binomial variable of W trials with probability 2^-H is at most c with probability 1 - alpha. It
// needs more than integers; these were computed with exact fractions, and
// tests/unit/firmware/selftest/noise_health_test.cc computes them again. A claim takes the row
// whose H is the largest not above it, so that no healthy source fails more often than alpha says.
struct Proportion {
    std::uint32_t min_entropy;  // H, bits of one sample
    std::uint32_t cutoff;
};
constexpr std::uint32_t cutoff_of_bits = 609;  // H = 1
constexpr Proportion proportions_of_bytes[] = {
    {1, 325}, {2, 190}, {3, 114}, {4, 71}, {5, 46}, {6, 31}, {7, 22}, {8, 16}};

std::uint32_t proportion_of_bytes(std::uint32_t min_entropy) {
    std::uint32_t cutoff = 0;
    for (const auto& row : proportions_of_bytes) {
        if (row.min_entropy <= min_entropy) {
            cutoff = row.cutoff;
        }
    }
    return cutoff;
}

NoiseCutoffs cutoffs_of(const hal::NoiseClaim& claim) {
    // No cut-off that could ever be reached by a healthy source, and none that is ever passed: a
    // claim without one counts as failed with its first sample.
    return noise_cutoffs(claim).value_or(NoiseCutoffs{1, 1, 1});
}

}  // namespace

std::optional<NoiseCutoffs> noise_cutoffs(const hal::NoiseClaim& claim) {
    constexpr std::uint32_t unit = 1024;  // claims are of 1,024 samples
    if (claim.sample_bits < 1 || claim.sample_bits > 8 || claim.min_entropy_per_1024 < unit ||
        claim.min_entropy_per_1024 > unit * claim.sample_bits) {
        return std::nullopt;
    }
    // Repetition Count, §4.4.1: C = 1 + ceil(-log2(alpha) / H).
    const auto repetition =
        1 + (alpha_bits * unit + claim.min_entropy_per_1024 - 1) / claim.min_entropy_per_1024;
    if (claim.sample_bits == 1) {
        return NoiseCutoffs{repetition, cutoff_of_bits, window_of_bits};
    }
    return NoiseCutoffs{
        repetition, proportion_of_bytes(claim.min_entropy_per_1024 / unit), window_of_bytes};
}

Result<void> NoiseHealth::add(ByteView samples) {
    for (const auto sample : samples) {
        // Both, always: each counts on.
        const bool repeated = repeats(sample);
        const bool dominated = dominates(sample);
        failed_ = failed_ || repeated || dominated;
    }
    if (failed_) {
        return Status::rng_failed;
    }
    return {};
}

bool NoiseHealth::repeats(Byte sample) {
    run_ = run_ != 0 && sample == last_ ? run_ + 1 : 1;
    last_ = sample;
    return run_ >= cutoffs_.repetition;
}

bool NoiseHealth::dominates(Byte sample) {
    if (seen_ == 0) {
        first_ = sample;
        equal_ = 0;
    }
    equal_ += sample == first_ ? 1 : 0;
    seen_ = seen_ + 1 == cutoffs_.window ? 0 : seen_ + 1;
    return equal_ >= cutoffs_.proportion;
}

TestedNoise::TestedNoise(hal::Noise& source)
    : source_(source), health_(cutoffs_of(source.claim())) {}

Result<void> TestedNoise::start() {
    std::array<Byte, 128> thrown_away;
    for (std::size_t done = 0; done < startup_samples; done += thrown_away.size()) {
        TRY(draw(thrown_away));
    }
    hsm::zeroize(thrown_away);
    started_ = true;
    return {};
}

Result<void> TestedNoise::sample(MutableBytes out) {
    if (!started_) {
        hsm::zeroize(out);
        return Status::rng_failed;
    }
    return draw(out);
}

Result<void> TestedNoise::draw(MutableBytes out) {
    if (failed_ || !source_.sample(out) || !health_.add(out)) {
        failed_ = true;
        hsm::zeroize(out);
        return Status::rng_failed;
    }
    return {};
}

}  // namespace firmware::selftest
