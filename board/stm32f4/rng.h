#pragma once

#include "board/stm32f4/bus.h"
#include "board/stm32f4/peripherals.h"
#include "firmware/hal/rng.h"

namespace board::stm32f4 {

// The random number generator, RM0090 chapter 24: ring oscillators, XORed, seed a linear feedback
// shift register that gives a word every 40 cycles of its clock. The oscillators themselves cannot
// be read, so what the health tests see has been through that register. The chip watches them:
// SECS.
//
// Claim: one bit of min-entropy a byte, four a word. ST publishes no figure for this chip, only
// that the output passes the tests of SP 800-22 (AN4230), which a register with little noise would
// pass too. A word's 40 cycles of 48 MHz take in up to 40 samples of the XORed oscillators; the
// claim asks a tenth of a bit of each. It is a judgement, not a measurement: whoever makes a
// product of it measures a batch. Being low costs nothing: a seed of 256 bits takes 64 words, 55
// us.
template <class AnyBus>
class RandomGenerator final : public firmware::hal::Noise {
public:
    explicit constexpr RandomGenerator(AnyBus bus = {}) : bus_(bus) {}

    firmware::hal::NoiseClaim claim() const override { return {8, 1024}; }

    // Four bytes a word; of a last word what is not asked for is dropped. After `rng_failed` the
    // next call starts the generator anew.
    hsm::Result<void> sample(hsm::MutableBytes raw) override {
        while (!raw.empty()) {
            const auto word = next_word();
            if (!word) {
                running_ = false;
                return word.error();
            }
            for (unsigned i = 0; i < 4 && !raw.empty(); ++i) {
                raw[0] = static_cast<hsm::Byte>(*word >> (8 * i));
                raw = raw.subspan(1);
            }
        }
        return {};
    }

private:
    static constexpr std::uintptr_t control = rng + 0x00;
    static constexpr std::uintptr_t state = rng + 0x04;
    static constexpr std::uintptr_t data = rng + 0x08;
    static constexpr std::uint32_t control_enable = 1u << 2;
    static constexpr std::uint32_t state_ready = 1u << 0;
    static constexpr std::uint32_t state_clock_error_now = 1u << 1;  // CECS
    static constexpr std::uint32_t state_seed_error_now = 1u << 2;   // SECS
    static constexpr std::uint32_t state_clock_error = 1u << 5;      // CEIS
    static constexpr std::uint32_t state_seed_error = 1u << 6;       // SEIS
    static constexpr std::uint32_t state_errors =
        state_clock_error_now | state_seed_error_now | state_clock_error | state_seed_error;
    // A word takes 40 cycles of 48 MHz, 140 of the core.
    static constexpr std::uint32_t polls_max = 10'000;

    // §24.3.1: the first word after enabling is not used but kept for comparison; each later one is
    // compared with the one before (FIPS 140-2, continuous test).
    hsm::Result<std::uint32_t> next_word() {
        if (!running_) {
            // §24.3.2: after a seed error the interrupt flag is cleared, and RNGEN cleared and set;
            // after a clock error its flag is cleared. Flags are cleared by writing 0.
            bus_.write(state, 0);
            bus_.write(control, 0);
            bus_.write(control, control_enable);
            TRY_ASSIGN(last_, read_word());
            running_ = true;
        }
        TRY_ASSIGN(const auto word, read_word());
        if (word == last_) {
            return hsm::Status::rng_failed;
        }
        last_ = word;
        return word;
    }

    // An error that has come and gone counts as well: the word may be from then. It is looked for
    // again after the word was taken, since it may come between the two readings.
    hsm::Result<std::uint32_t> read_word() {
        for (std::uint32_t i = 0; i < polls_max; ++i) {
            const auto now = bus_.read(state);
            if ((now & state_errors) != 0) {
                return hsm::Status::rng_failed;
            }
            if ((now & state_ready) != 0) {
                const auto word = bus_.read(data);
                if ((bus_.read(state) & state_errors) != 0) {
                    return hsm::Status::rng_failed;
                }
                return word;
            }
        }
        return hsm::Status::rng_failed;
    }

    [[no_unique_address]] AnyBus bus_;
    bool running_ = false;
    std::uint32_t last_ = 0;
};

}  // namespace board::stm32f4
