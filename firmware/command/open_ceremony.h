#pragma once

#include "firmware/command/core.h"

namespace firmware::command {

// The module's signed word on the ceremony that core.ceremony has made or will restore, in
// workspace.receipt; from here on it is open.
Result<ByteView> open_ceremony(Core& core);

}  // namespace firmware::command
