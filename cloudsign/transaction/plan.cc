#include "cloudsign/transaction/plan.h"

#include "cloudsign/sha256.h"
#include "hsm/protocol/activation.h"

namespace cloudsign::transaction {
namespace {

using hsm::protocol::leaf_count_max;

Result<hsm::Digest> hash_context(const store::Transaction& transaction) {
    const hsm::protocol::Context context{
        transaction.portal, transaction.purpose_text, transaction.code, transaction.language};
    Bytes scratch(4096);
    const auto hash = hsm::protocol::tagged_hash(context, scratch, cloudsign::sha256);
    if (!hash) {
        return Error{ErrorKind::invalid, "the texts of the request are too long"};
    }
    return *hash;
}

}  // namespace

hsm::Digest label_hash(const store::Document& document) {
    return sha256(document.label);
}

Result<Plan> make_plan(const store::Transaction& transaction) {
    Plan plan;
    if (transaction.documents.empty() || transaction.documents.size() > leaf_count_max) {
        return Error{ErrorKind::invalid, "a request holds 1 to 1,024 hashes"};
    }
    plan.leaves.reserve(transaction.documents.size());
    for (const auto& document : transaction.documents) {
        const auto index = static_cast<std::uint32_t>(plan.leaves.size());
        const auto leaf = hsm::protocol::leaf_hash(index,
                                                   transaction.algorithm.digest,
                                                   document.hash,
                                                   label_hash(document),
                                                   cloudsign::sha256);
        if (!leaf) {
            return Error{ErrorKind::invalid, "Invalid digest value length"};
        }
        plan.leaves.push_back(*leaf);
    }
    const auto root = hsm::protocol::tree_root(plan.leaves, cloudsign::sha256);
    CHECK(root.has_value());
    plan.root = *root;
    TRY_ASSIGN(plan.context_hash, hash_context(transaction));
    return plan;
}

Bytes path_of(const Plan& plan, std::size_t index) {
    const auto path = hsm::protocol::tree_path(plan.leaves, index, cloudsign::sha256);
    CHECK(path.has_value());
    Bytes bytes;
    bytes.reserve(path->size() * hsm::digest_size);
    for (const auto& sibling : *path) {
        bytes.insert(bytes.end(), sibling.begin(), sibling.end());
    }
    return bytes;
}

}  // namespace cloudsign::transaction
