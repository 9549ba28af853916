#include "board/stm32f4/rng.h"

#include <deque>

#include <gtest/gtest.h>

#include "tests/unit/board/stm32f4/model_bus.h"

namespace board::stm32f4 {
namespace {

using hsm::Byte;
using hsm::Status;

// The generator after RM0090 §24.3 and §24.4: nothing while it is off or in an error, a word after
// some polls, flags that are cleared by writing 0, SECS by enabling anew.
class Generator final : public PeripheralModel {
public:
    std::uint32_t read(std::uintptr_t address) override {
        if (address == sr) {
            const bool ready = enabled() && (state & 0b110) == 0 && ++polls_ % 5 == 0;
            ready_ = ready_ || ready;
            return state | (ready_ ? 1u : 0u);
        }
        if (address != dr || !ready_ || silent) {
            return 0;
        }
        ready_ = false;
        if (fail_while_reading) {
            state |= 1u << 2 | 1u << 6;
        }
        if (words.empty()) {
            return ++last_ * 0x01010101;
        }
        const auto word = words.front();
        words.pop_front();
        return word;
    }

    void write(std::uintptr_t address, std::uint32_t value) override {
        if (address == cr) {
            if ((value & enable) != 0 && !enabled()) {
                ++starts;
                state &= ~(1u << 2);
            }
            ready_ = false;
            control_ = value;
        } else if (address == sr) {
            state &= value | 0b111;
        }
    }

    std::uint32_t state = 0;
    std::deque<std::uint32_t> words;
    bool silent = false;
    bool fail_while_reading = false;
    int starts = 0;

private:
    static constexpr std::uintptr_t cr = 0x50060800;
    static constexpr std::uintptr_t sr = 0x50060804;
    static constexpr std::uintptr_t dr = 0x50060808;
    static constexpr std::uint32_t enable = 1u << 2;

    bool enabled() const { return (control_ & enable) != 0; }

    std::uint32_t control_ = 0;
    bool ready_ = false;
    unsigned polls_ = 0;
    std::uint32_t last_ = 0;
};

class RandomGeneratorTest : public testing::Test {
protected:
    Status sample(std::size_t size) {
        raw.assign(size, 0);
        const auto done = noise.sample(raw);
        return done ? Status::ok : done.error();
    }

    Generator chip;
    RandomGenerator<ModelBus> noise{ModelBus{&chip}};
    std::vector<Byte> raw;
};

TEST_F(RandomGeneratorTest, GivesEveryByteOfEachWordButTheFirstWord) {
    chip.words = {0x01020304, 0x11121314, 0x21222324};

    EXPECT_EQ(sample(8), Status::ok);

    EXPECT_EQ(raw, (std::vector<Byte>{0x14, 0x13, 0x12, 0x11, 0x24, 0x23, 0x22, 0x21}));
    EXPECT_EQ(chip.starts, 1);
}

TEST_F(RandomGeneratorTest, GivesAnyNumberOfBytes) {
    for (const std::size_t size : {0, 1, 3, 4, 5, 1024}) {
        EXPECT_EQ(sample(size), Status::ok);
    }
    EXPECT_EQ(chip.starts, 1);
}

TEST_F(RandomGeneratorTest, ComparesEachWordWithTheOneBefore) {
    chip.words = {1, 2, 3, 3};
    EXPECT_EQ(sample(12), Status::rng_failed);

    chip.words = {9, 9};
    EXPECT_EQ(sample(4), Status::rng_failed) << "also with the one that is not used";
}

TEST_F(RandomGeneratorTest, ComparesOverTwoCalls) {
    chip.words = {1, 2, 2};

    EXPECT_EQ(sample(4), Status::ok);
    EXPECT_EQ(sample(4), Status::rng_failed);
}

TEST_F(RandomGeneratorTest, FailsOnEachErrorNowOrSince) {
    for (const unsigned bit : {1, 2, 5, 6}) {
        EXPECT_EQ(sample(4), Status::ok);
        chip.state |= 1u << bit;
        EXPECT_EQ(sample(4), Status::rng_failed) << bit;
        // The clock's own state ends when its clock is right again.
        chip.state &= ~(1u << 1);
    }
}

TEST_F(RandomGeneratorTest, DoesNotUseAWordThatAnErrorMetWhileItWasRead) {
    EXPECT_EQ(sample(4), Status::ok);
    chip.fail_while_reading = true;

    EXPECT_EQ(sample(4), Status::rng_failed);
}

TEST_F(RandomGeneratorTest, StartsAnewAfterAnErrorAndDropsTheFirstWordAgain) {
    EXPECT_EQ(sample(4), Status::ok);
    chip.state |= 1u << 2 | 1u << 6;
    EXPECT_EQ(sample(4), Status::rng_failed);
    chip.words = {0x01020304, 0x11121314};

    EXPECT_EQ(sample(4), Status::ok);

    EXPECT_EQ(raw, (std::vector<Byte>{0x14, 0x13, 0x12, 0x11}));
    EXPECT_EQ(chip.starts, 2);
}

TEST_F(RandomGeneratorTest, DoesNotWaitForeverForAWord) {
    chip.state = 1u << 1;
    EXPECT_EQ(sample(4), Status::rng_failed);
    EXPECT_EQ(sample(4), Status::rng_failed);
}

TEST_F(RandomGeneratorTest, TakesAGeneratorThatAnswersZerosForBroken) {
    chip.silent = true;
    EXPECT_EQ(sample(4), Status::rng_failed);
}

TEST_F(RandomGeneratorTest, ClaimsLessThanWhatItGives) {
    const auto claim = noise.claim();

    EXPECT_EQ(claim.sample_bits, 8);
    EXPECT_GT(claim.min_entropy_per_1024, 0u);
    // No more than a bit of each sample of the oscillators, of which a word takes in up to 40.
    EXPECT_LE(claim.min_entropy_per_1024 * 4, 1024u * 40 / 8);
}

}  // namespace
}  // namespace board::stm32f4
