#pragma once

#include "firmware/command/core.h"

namespace firmware::command {

using CustodianSignatures = hsm::protocol::BoundedList<ByteView, hsm::protocol::custodians_max>;

// Beside each custodian of the group a signature over a statement, or nothing. Every one that is
// there has to be right, and m of them have to be there: `custodian_wrong`.
Result<void> check_custodians(Core& core,
                              const hsm::protocol::GroupConfiguration& group,
                              const Digest& statement_hash,
                              const CustodianSignatures& signatures);

}  // namespace firmware::command
