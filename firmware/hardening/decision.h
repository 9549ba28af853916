#pragma once

#include <cstdint>

#include "hsm/base/result.h"

namespace firmware::hardening {

// What the compiler has read so far, it reads again: a check of what was just done looks at it, and
// not at a register that a fault has spoilt for both.
inline void read_anew() {
    asm volatile("" ::: "memory");
}

// `object`, whose address the compiler computes once more: a part of it is then not found where a
// fault has looked for it before.
template <class T>
T& found_anew(T& object) {
    T* address = &object;
    asm volatile("" : "+r"(address) : : "memory");
    return *address;
}

// A decision that one fault must not turn: a skipped or altered instruction, one flipped word. The
// check is made whole a second time, and each outcome is kept as a word of its own until the very
// step that it permits asks for both. What a fault may spoil is then one evaluation, one word or
// one question, and each of the others refuses.
//
// It denies from its construction on. Not a defence against two faults that meet.
enum class Evaluations : std::uint8_t { one, two };
template <Evaluations evaluations>
class DecisionOf {
public:
    DecisionOf() = default;
    DecisionOf(const DecisionOf&) = delete;
    DecisionOf& operator=(const DecisionOf&) = delete;

    // `check` answers Result<void> and gives the same answer when it is called again; what it
    // leaves for its caller is that of the last call. The first refusal is the answer.
    template <class Check>
    hsm::Result<void> make(const Check& check) {
        first_ = denied;
        second_ = denied;
        first_ = word_of(check);
        if (first_ != granted) {
            return reason(first_);
        }
        second_ = evaluations == Evaluations::two ? word_of(check) : granted;
        if (second_ != granted) {
            return reason(second_);
        }
        return {};
    }

    // Right before the step that needs the decision, more than once if something comes between.
    // Stops the module when anything but make()'s success leads here.
    void require() const {
        CHECK(first_ == granted);
        CHECK(second_ == granted);
    }

private:
    static constexpr std::uint32_t denied = 0xc3a5695a;
    static constexpr std::uint32_t granted = 0x3a5c965a;

    // `noinline`: a call that is skipped leaves no word.
    template <class Check>
    [[gnu::noinline]] static std::uint32_t word_of(const Check& check) {
        read_anew();
        const hsm::Result<void> outcome = check();
        read_anew();
        if (outcome) {
            return granted;
        }
        CHECK(outcome.error() != hsm::Status::ok);
        return static_cast<std::uint32_t>(outcome.error()) ^
               static_cast<std::uint32_t>(hsm::Status::ok) ^ granted;
    }

    // A refusal whose word says `ok` was none: a fault has led here.
    static hsm::Status reason(std::uint32_t word) {
        const auto status =
            static_cast<hsm::Status>(word ^ granted ^ static_cast<std::uint32_t>(hsm::Status::ok));
        CHECK(status != hsm::Status::ok);
        return status;
    }

    // volatile: what was stored is what is compared, each time anew.
    volatile std::uint32_t first_ = denied;
    volatile std::uint32_t second_ = denied;
};

// On Linux nobody reaches the processor who does not have the process anyhow, and a second
// verification of a signature would be half of what a flow costs.
#ifdef __linux__
using Decision = DecisionOf<Evaluations::one>;
#else
using Decision = DecisionOf<Evaluations::two>;
#endif

}  // namespace firmware::hardening
