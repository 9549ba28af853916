#pragma once

#include <vector>

#include "cloudsign/error.h"
#include "cloudsign/store/rows.h"
#include "hsm/protocol/merkle_tree.h"

namespace cloudsign::transaction {

// What the module and the phone compute from a transaction's documents and context: PROTOCOL.md
// "Activation".
struct Plan {
    std::vector<hsm::Digest> leaves;
    hsm::Digest root{};
    hsm::Digest context_hash{};
};

// `invalid` when there are none or more than 1,024 documents, a hash has another length than the
// algorithm's digest, or a text is longer than the protocol allows.
Result<Plan> make_plan(const store::Transaction& transaction);

hsm::Digest label_hash(const store::Document& document);

// The sibling hashes of one leaf, concatenated.
Bytes path_of(const Plan& plan, std::size_t index);

}  // namespace cloudsign::transaction
