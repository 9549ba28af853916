#pragma once

#include "hsm/base/result.h"

namespace firmware::hardening {

// Runs a check two times and answers its outcome. One skipped instruction or one flipped word can
// turn a refusal into a success once; here the two runs then disagree, and the module stops. The
// words compared are hsm::Status, of which each differs from `ok` in at least six bits; `volatile`
// and the barrier keep the compiler from running the check once.
//
// This is not a defence against two equal faults, nor against one in the caller's own branch: a
// board adds delays and a second caller-side check here, in one place.
template <class Check>
hsm::Result<void> twice(const Check& check) {
    const auto run = [&]() -> hsm::Status {
        const hsm::Result<void> outcome = check();
        return outcome ? hsm::Status::ok : outcome.error();
    };
    volatile auto first = run();
    asm volatile("" ::: "memory");
    volatile auto second = run();
    CHECK(first == second);
    if (first != hsm::Status::ok) {
        return static_cast<hsm::Status>(first);
    }
    if (second != hsm::Status::ok) {
        return static_cast<hsm::Status>(second);
    }
    return {};
}

}  // namespace firmware::hardening
