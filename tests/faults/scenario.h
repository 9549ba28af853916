#pragma once

#include "hsm/base/result.h"

namespace tests::faults {

// One thing that a hostile host tries. The campaign calls prepare(), warm_up(), attack(), the last
// with one fault in it, all three with the same stack.
struct Scenario {
    const char* name;
    void (*prepare)();
    // The same command with a request that is in order, so that what a fault leaves uninitialised
    // has the values of a success.
    hsm::Status (*warm_up)();
    // What the module answers. `ok` counts as an accept, as does a call of unauthorised() before.
    hsm::Status (*attack)();
    // What it answers without a fault; `ok` for the controls, which end in as_approved() and must
    // not, with a fault, end in unauthorised().
    hsm::Status refusal;
};

}  // namespace tests::faults

// Each in a section of its own; the linker puts them into one table.
#define FAULT_SCENARIO(name) \
    [[gnu::section(".scenarios." #name), gnu::used]] constexpr Scenario name
