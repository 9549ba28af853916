#pragma once

#include "board/cortex_m/registers.h"
#include "firmware/hal/presence.h"
#include "firmware/hal/tamper.h"

namespace board::cmsdk {

// A word of the mapped file instead of a pin: not zero means closed, pressed, opened. Whoever can
// write the file is, for an emulated board, who stands beside it.
class MappedPresence final : public firmware::hal::Presence {
public:
    explicit constexpr MappedPresence(std::uintptr_t word) : word_(word) {}
    bool pressed() override { return cortex_m::reg32(word_) != 0; }

private:
    std::uintptr_t word_;
};

class MappedTamper final : public firmware::hal::Tamper {
public:
    explicit constexpr MappedTamper(std::uintptr_t word) : word_(word) {}
    bool tampered() override { return cortex_m::reg32(word_) != 0; }

private:
    std::uintptr_t word_;
};

}  // namespace board::cmsdk
