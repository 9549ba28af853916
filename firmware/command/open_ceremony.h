#pragma once

#include "firmware/command/core.h"

namespace firmware::command {

// May a KEK of this epoch come now? A member without one takes any, an operational one the next.
// `wrong_state`.
Result<void> check_next_epoch(const Core& core, std::uint32_t epoch);

// The module's signed word on the ceremony that core.ceremony has made or will restore, in
// workspace.receipt; from here on it is open.
Result<ByteView> open_ceremony(Core& core);

}  // namespace firmware::command
