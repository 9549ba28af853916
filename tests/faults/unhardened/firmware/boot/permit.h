#pragma once

#include <cstdint>

// The same names as in firmware/boot, and the one answer believed: see hardening/decision.h here.
namespace firmware::boot {

class Permit {
public:
    static constexpr std::uint32_t granted = 0x3a5c965a;

    struct Answer {
        std::uint32_t word = 0;
        std::uint32_t address = 0;
    };

    Answer& first() { return first_; }
    Answer& second() { return second_; }
    void deny() { first_.word = 0; }
    bool is_granted() const { return first_.word == granted; }
    std::uint32_t address() const { return first_.address; }

private:
    Answer first_;
    Answer second_;
};

}  // namespace firmware::boot
