#pragma once

namespace tests::faults {

// Something whose instructions are counted: as many for every secret. prepare() draws new ones.
struct Timed {
    const char* name;
    void (*prepare)();
    void (*run)();
};

// Each in a section of its own; the linker puts them into one table.
#define TIMED(name) [[gnu::section(".timed." #name), gnu::used]] constexpr Timed name

}  // namespace tests::faults
