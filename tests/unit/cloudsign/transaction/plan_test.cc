#include "cloudsign/transaction/plan.h"

#include <gtest/gtest.h>

#include "cloudsign/sha256.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::transaction {
namespace {

using hsm::protocol::DigestAlgorithm;
using hsm::protocol::Scheme;

store::Transaction with_documents(std::size_t count) {
    auto transaction = store::a_transaction("tx");
    transaction.algorithm = {Scheme::ecdsa, DigestAlgorithm::sha256, 0};
    transaction.documents.clear();
    for (std::size_t i = 0; i < count; ++i) {
        transaction.documents.push_back(
            {bytes_of(sha256("document " + std::to_string(i))), "Học bạ " + std::to_string(i)});
    }
    return transaction;
}

TEST(Plan, HasAPathForEachLeafThatTheProtocolAccepts) {
    for (const std::size_t count : {1u, 2u, 3u, 7u, 200u, 1024u}) {
        const auto plan = make_plan(with_documents(count));
        ASSERT_TRUE(plan.has_value()) << count;

        for (std::size_t i = 0; i<count; i += count> 7 ? 61 : 1) {
            const auto path = path_of(*plan, i);
            EXPECT_TRUE(hsm::protocol::verify_path(
                            plan->leaves[i], i, count, path, plan->root, cloudsign::sha256)
                            .has_value())
                << i << " of " << count;
        }
    }
}

TEST(Plan, ChangesWithOrderLabelHashAndContext) {
    const auto transaction = with_documents(3);
    const auto plan = make_plan(transaction);
    ASSERT_TRUE(plan.has_value());

    auto swapped = transaction;
    std::swap(swapped.documents[0], swapped.documents[1]);
    EXPECT_NE(make_plan(swapped)->root, plan->root);
    auto relabelled = transaction;
    relabelled.documents[2].label += "x";
    EXPECT_NE(make_plan(relabelled)->root, plan->root);
    auto renamed = transaction;
    renamed.portal += "x";
    EXPECT_EQ(make_plan(renamed)->root, plan->root);
    EXPECT_NE(make_plan(renamed)->context_hash, plan->context_hash);
}

TEST(Plan, RefusesWhatTheModuleWouldRefuse) {
    const auto kind = [](const store::Transaction& transaction) {
        const auto plan = make_plan(transaction);
        return plan ? std::optional<ErrorKind>() : plan.error().kind;
    };
    EXPECT_EQ(kind(with_documents(0)), ErrorKind::invalid);
    EXPECT_EQ(kind(with_documents(1025)), ErrorKind::invalid);
    auto longer = with_documents(2);
    longer.algorithm.digest = DigestAlgorithm::sha384;
    EXPECT_EQ(kind(longer), ErrorKind::invalid);
    auto wordy = with_documents(1);
    wordy.purpose_text = std::string(100'000, 'x');
    EXPECT_EQ(kind(wordy), ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::transaction
