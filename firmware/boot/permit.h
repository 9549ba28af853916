#pragma once

#include <cstdint>

#include "hsm/base/result.h"

namespace firmware::boot {

// The permission to start one image. It denies from its construction on and grants only when two
// whole and separate evaluations, which share no variable, have answered `ok` for the same address;
// their answers are kept as words, so that a skipped branch or call leaves a word that is wrong.
class Permit {
public:
    struct Answer {
        // volatile: what was stored is what is compared, each time anew.
        volatile std::uint32_t word = denied;
        volatile std::uint32_t address = 0;
    };

    Permit() = default;
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

    Answer& first() { return first_; }
    Answer& second() { return second_; }

    void deny() {
        first_.word = denied;
        second_.word = denied;
    }

    bool is_granted() const {
        return first_.word == granted && second_.word == granted &&
               first_.address == second_.address;
    }

    // Where the image lies that may start. Stops unless it is granted; each answer is asked twice.
    std::uint32_t address() const {
        CHECK(first_.word == granted);
        CHECK(second_.word == granted);
        CHECK(first_.address == second_.address);
        CHECK(is_granted());
        // Were all four skipped, a word that is not `granted` would still lead nowhere; added, not
        // xored, so that two equal wrong words do not cancel.
        return first_.address + (first_.word ^ granted) + (second_.word ^ granted);
    }

private:
    static constexpr std::uint32_t denied = 0xc3a5695a;

public:
    static constexpr std::uint32_t granted = 0x3a5c965a;

private:
    Answer first_;
    Answer second_;
};

}  // namespace firmware::boot
