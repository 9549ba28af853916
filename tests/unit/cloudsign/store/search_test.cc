#include <gtest/gtest.h>

#include "cloudsign/store/database.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_search.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::store {
namespace {

class Search : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(folder_.file("kyso.db"));
        ASSERT_TRUE(opened.has_value());
        database_ = *std::move(opened);
    }

    void add_signer(const std::string& id, const std::string& name, const std::string& email) {
        auto signer = a_signer(id);
        signer.name = name;
        signer.email = email;
        const auto done =
            database_->write([&](Session& session) { return SignerTable(session).insert(signer); });
        ASSERT_TRUE(done.has_value()) << done.error().detail;
    }

    std::string signers(const std::string& text, const std::string& after = "") {
        const auto found = database_->read(
            [&](Session& session) { return SignerTable(session).search(text, after, 50); });
        std::string ids;
        for (const auto& signer : *found) {
            ids += signer.id + " ";
        }
        return ids;
    }

    void add_transaction(const std::string& id,
                         const std::string& approver,
                         transaction::State state,
                         std::int64_t created_at) {
        auto row = a_transaction(id);
        row.approver_id = approver;
        row.state = state;
        row.created_at = created_at;
        const auto done = database_->write(
            [&](Session& session) { return TransactionTable(session).insert(row); });
        ASSERT_TRUE(done.has_value()) << done.error().detail;
    }

    std::string transactions(const TransactionQuery& query, std::uint32_t limit = 50) {
        const auto found = database_->read(
            [&](Session& session) { return search_transactions(session, query, limit); });
        std::string ids;
        for (const auto& one : *found) {
            ids += one.id + " ";
        }
        return ids;
    }

    ScratchFolder folder_;
    std::unique_ptr<Database> database_;
};

TEST_F(Search, FindsSignersByWhatStandsInThem) {
    add_signer("an", "Nguyễn Văn An", "an@truong.example");
    add_signer("binh", "100% Bình_", "binh@so.example");

    EXPECT_EQ(signers(""), "an binh ");
    EXPECT_EQ(signers("Văn AN"), "an ");
    EXPECT_EQ(signers("so.example"), "binh ");
    EXPECT_EQ(signers("%"), "binh ");
    EXPECT_EQ(signers("_"), "binh ");
    EXPECT_EQ(signers("!"), "");
    EXPECT_EQ(signers("example", "an"), "binh ");
}

TEST_F(Search, FindsANameHoweverItIsTyped) {
    const std::string composed = "Đặng Thị Thủy";
    const std::string decomposed = "Đa\u0323\u0306ng Thi\u0323 Thu\u0309y";
    add_signer("a", composed, "");
    add_signer("b", decomposed, "");
    add_signer("c", "Đặng Văn Thụ", "");

    for (const std::string text :
         {"thủy", "THỦY", "thuy", "Thu\u0309y", "dang thi thuy", "ĐẶNG THỊ"}) {
        EXPECT_EQ(signers(text), "a b ") << text;
    }
    EXPECT_EQ(signers("đ"), "a b c ");
    EXPECT_EQ(signers("\xff"), "");
}

TEST_F(Search, FindsTransactionsNewestFirst) {
    using transaction::State;
    add_transaction("tx_1", "an", State::signed_, 10);
    add_transaction("tx_2", "binh", State::rejected, 20);
    add_transaction("tx_3", "an", State::rejected, 30);
    TransactionQuery query;

    EXPECT_EQ(transactions(query), "tx_3 tx_2 tx_1 ");
    EXPECT_EQ(transactions(query, 2), "tx_3 tx_2 ");
    query.before_id = "tx_2";
    EXPECT_EQ(transactions(query), "tx_1 ");
    query = {};
    query.approver_id = "an";
    EXPECT_EQ(transactions(query), "tx_3 tx_1 ");
    query.state = State::rejected;
    EXPECT_EQ(transactions(query), "tx_3 ");
    query = {};
    query.from = 20;
    query.to = 30;
    EXPECT_EQ(transactions(query), "tx_2 ");
}

}  // namespace
}  // namespace cloudsign::store
