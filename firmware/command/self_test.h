#pragma once

#include "firmware/command/core.h"

namespace firmware::command {

hsm::protocol::SelfTestTimes self_test_times(const Core& core);

// The pairwise test of the device identity: signs and verifies. `self_test_failed`.
Result<void> test_identity(Core& core);

}  // namespace firmware::command
