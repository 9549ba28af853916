#include "firmware/selftest/noise_health.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "firmware/engine/psa/initialize.h"
#include "firmware/engine/psa/noise_source.h"

extern "C" int mbedtls_hardware_poll(void*, unsigned char*, std::size_t, std::size_t*);

namespace {

using namespace firmware::selftest;
using firmware::hal::NoiseClaim;
using Bytes = std::vector<hsm::Byte>;

constexpr NoiseClaim claim_of(std::uint8_t bits, std::uint32_t min_entropy) {
    return {bits, min_entropy * 1024};
}

// CRITBINOM(W, 2^-H, 1 - 2^-30), from the far tail, where a double keeps its digits.
std::uint32_t critical_binomial(std::uint32_t trials, std::uint32_t min_entropy) {
    const auto log_p = -static_cast<long double>(min_entropy) * std::log(2.0L);
    const auto log_q = std::log1p(-std::exp(log_p));
    long double tail = 0;
    for (auto successes = trials;; --successes) {
        tail += std::exp(std::lgamma(trials + 1.0L) - std::lgamma(successes + 1.0L) -
                         std::lgamma(trials - successes + 1.0L) + successes * log_p +
                         (trials - successes) * log_q);
        if (tail > std::exp2(-30.0L)) {
            return successes;
        }
    }
}

TEST(NoiseCutoffs, AreThoseOfTheStandardsFormulas) {
    for (std::uint32_t min_entropy = 1; min_entropy <= 8; ++min_entropy) {
        const auto cutoffs = noise_cutoffs(claim_of(8, min_entropy));
        ASSERT_TRUE(cutoffs) << min_entropy;
        EXPECT_EQ(cutoffs->repetition, 1 + std::ceil(30.0 / min_entropy)) << min_entropy;
        EXPECT_EQ(cutoffs->proportion, 1 + critical_binomial(512, min_entropy)) << min_entropy;
        EXPECT_EQ(cutoffs->window, 512u);
    }
    const auto bits = noise_cutoffs(claim_of(1, 1));
    ASSERT_TRUE(bits);
    EXPECT_EQ(bits->repetition, 31u);
    EXPECT_EQ(bits->proportion, 1 + critical_binomial(1024, 1));
    EXPECT_EQ(bits->window, 1024u);
}

TEST(NoiseCutoffs, NeverClaimMoreThanTheBoardDoes) {
    const auto between = noise_cutoffs({8, 5 * 1024 + 1023});
    ASSERT_TRUE(between);
    EXPECT_EQ(between->proportion, noise_cutoffs(claim_of(8, 5))->proportion);
    EXPECT_EQ(between->repetition, 7u);  // 1 + ceil(30 / 5.999)

    for (const NoiseClaim claim : {NoiseClaim{8, 0},
                                   NoiseClaim{8, 1023},
                                   NoiseClaim{1, 1023},
                                   NoiseClaim{1, 1025},
                                   NoiseClaim{8, 8193},
                                   NoiseClaim{0, 1024},
                                   NoiseClaim{9, 1024}}) {
        EXPECT_FALSE(noise_cutoffs(claim))
            << int(claim.sample_bits) << " " << claim.min_entropy_per_1024;
    }
}

constexpr NoiseCutoffs small{5, 12, 32};

// Samples that repeat nothing: each other byte is a number of its own.
Bytes varied(std::size_t count, unsigned from = 0) {
    Bytes samples;
    for (std::size_t i = 0; i < count; ++i) {
        samples.push_back(static_cast<hsm::Byte>(from + i));
    }
    return samples;
}

TEST(NoiseHealth, AllowsOneRepetitionLessThanItsCutoff) {
    NoiseHealth health(small);
    EXPECT_TRUE(health.add(Bytes(4, 7)));
    EXPECT_TRUE(health.add(Bytes(4, 8)));
    EXPECT_TRUE(health.add(Bytes(1, 9)));
}

TEST(NoiseHealth, CountsRepetitionsAcrossCalls) {
    NoiseHealth health(small);
    EXPECT_TRUE(health.add(Bytes(3, 7)));
    EXPECT_TRUE(health.add(Bytes(1, 7)));
    EXPECT_FALSE(health.add(Bytes(1, 7)));
}

TEST(NoiseHealth, AllowsOneOfAKindLessThanItsCutoffInAWindow) {
    // Eleven, then twelve, samples equal to the first of the window, and never two in a row.
    for (const std::size_t equal : {11u, 12u}) {
        Bytes window;
        for (std::size_t i = 0; i < 16; ++i) {
            window.push_back(i < equal ? 200 : static_cast<hsm::Byte>(i));
            window.push_back(static_cast<hsm::Byte>(100 + i));
        }
        ASSERT_EQ(window.size(), small.window);
        NoiseHealth health(small);
        EXPECT_EQ(health.add(window).has_value(), equal < small.proportion) << equal;
    }
}

TEST(NoiseHealth, BeginsEachWindowAnew) {
    Bytes window;
    for (std::size_t i = 0; i < 16; ++i) {
        window.push_back(i < 11 ? 200 : static_cast<hsm::Byte>(i));
        window.push_back(static_cast<hsm::Byte>(100 + i));
    }
    NoiseHealth health(small);
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(health.add(window)) << i;
    }
    // The window's first sample is what is counted, not the one that is most frequent.
    auto shifted = window;
    shifted[0] = 1;
    EXPECT_TRUE(health.add(shifted));
}

TEST(NoiseHealth, FailsForGood) {
    NoiseHealth health(small);
    EXPECT_FALSE(health.add(Bytes(5, 7)));
    EXPECT_FALSE(health.add(varied(100)));
    EXPECT_FALSE(health.add({}));
}

// A board's source, healthy until it is told otherwise.
class FakeNoise final : public firmware::hal::Noise {
public:
    explicit FakeNoise(NoiseClaim claim = claim_of(8, 4)) : claim_(claim) {}

    NoiseClaim claim() const override { return claim_; }
    hsm::Result<void> sample(hsm::MutableBytes raw) override {
        for (auto& byte : raw) {
            const auto drawn = static_cast<hsm::Byte>(random_());
            byte = stuck ? 0xa5 : random_() % 100 < biased_percent ? 0 : drawn;
            given += 1;
        }
        return broken ? hsm::Result<void>(hsm::Status::rng_failed) : hsm::Result<void>();
    }

    bool stuck = false;
    bool broken = false;
    unsigned biased_percent = 0;
    std::size_t given = 0;

private:
    NoiseClaim claim_;
    std::mt19937 random_{20261127};  // NOLINT: the same numbers each time
};

TEST(TestedNoise, GivesNothingBeforeItsStartUpTest) {
    FakeNoise source;
    TestedNoise noise(source);
    Bytes out(32, 1);

    EXPECT_FALSE(noise.sample(out));
    EXPECT_EQ(out, Bytes(32));
    EXPECT_EQ(source.given, 0u);

    EXPECT_TRUE(noise.start());
    EXPECT_GE(source.given, 1024u);
    EXPECT_TRUE(noise.sample(out));
    EXPECT_NE(out, Bytes(32));
}

TEST(TestedNoise, RunsOnAHealthySource) {
    FakeNoise source;
    TestedNoise noise(source);
    ASSERT_TRUE(noise.start());
    Bytes out(1 << 20);
    EXPECT_TRUE(noise.sample(out));
}

TEST(TestedNoise, TellsASourceThatIsStuckWithinOneWindow) {
    FakeNoise source;
    TestedNoise noise(source);
    ASSERT_TRUE(noise.start());
    source.stuck = true;
    Bytes out(9);

    EXPECT_FALSE(noise.sample(out));
    EXPECT_EQ(out, Bytes(9));
    source.stuck = false;
    EXPECT_FALSE(noise.sample(out)) << "it cannot get well again";
    EXPECT_FALSE(noise.start());
}

TEST(TestedNoise, TellsASourceThatLeans) {
    FakeNoise source;
    TestedNoise noise(source);
    ASSERT_TRUE(noise.start());
    // 4 bits for each sample allow one value in 6 of 100; this has one in 30.
    source.biased_percent = 30;
    Bytes out(64);
    std::size_t drawn = 0;
    while (drawn < 20 * 512 && noise.sample(out)) {
        drawn += out.size();
    }
    EXPECT_LT(drawn, 20u * 512);
}

TEST(TestedNoise, DoesNotStartOnASourceThatIsNone) {
    FakeNoise stuck;
    stuck.stuck = true;
    EXPECT_FALSE(TestedNoise(stuck).start());
    FakeNoise broken;
    broken.broken = true;
    EXPECT_FALSE(TestedNoise(broken).start());
    FakeNoise poor({8, 512});
    EXPECT_FALSE(TestedNoise(poor).start());
}

// What Mbed TLS is seeded from on a board.
TEST(NoiseSource, GivesMbedTlsTestedSamplesOrNone) {
    Bytes out(128, 1);
    std::size_t written = 99;
    EXPECT_NE(mbedtls_hardware_poll(nullptr, out.data(), out.size(), &written), 0);
    EXPECT_EQ(written, 0u);
    EXPECT_EQ(firmware::engine::psa::test_noise_source().error(), hsm::Status::not_supported);

    static FakeNoise broken_source;
    broken_source.stuck = true;
    static TestedNoise broken(broken_source);
    EXPECT_FALSE(firmware::engine::psa::initialize(broken));
    EXPECT_NE(mbedtls_hardware_poll(nullptr, out.data(), out.size(), &written), 0);

    static FakeNoise source;
    static TestedNoise noise(source);
    ASSERT_TRUE(firmware::engine::psa::initialize(noise));
    EXPECT_EQ(mbedtls_hardware_poll(nullptr, out.data(), out.size(), &written), 0);
    EXPECT_EQ(written, out.size());
    EXPECT_TRUE(firmware::engine::psa::test_noise_source());

    source.stuck = true;
    EXPECT_NE(mbedtls_hardware_poll(nullptr, out.data(), out.size(), &written), 0);
    EXPECT_EQ(written, 0u);
    EXPECT_EQ(out, Bytes(128));
    EXPECT_EQ(firmware::engine::psa::test_noise_source().error(), hsm::Status::rng_failed);
}

}  // namespace
