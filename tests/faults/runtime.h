#pragma once

#include <cstdint>

extern "C" {

// Where a target arrives when something happens that no fault may bring about. The campaign stops
// there and counts an accept.
void unauthorised();

// Where a control arrives that does what was approved.
void as_approved();

}  // extern "C"

namespace tests::faults {

void run_constructors();

}  // namespace tests::faults
