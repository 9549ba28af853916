#pragma once

#include "board/host/softhsm/token_setup.h"

// SoftHSM 2.6.1 writes a token's token.object anew, in place, at every C_Login. A process that is
// killed just then leaves a file that is no token any more, and with it every key of the group. So
// a copy is kept beside it, which SoftHSM does not look at. All of this under the token's lock.
namespace board::host::softhsm {

// After a login, when the file is known to be whole. `storage_failed` when no copy can be made.
hsm::Result<void> keep_token_copy(const TokenConfig& config);

// Before SoftHSM looks: puts the copy in place of a file that is missing, cut off, or has lost the
// token's label. No effect without a copy.
hsm::Result<void> restore_token(const TokenConfig& config);

}  // namespace board::host::softhsm
