#include <sqlite3.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"
#include "tests/support/cloud_fixture.h"

// A hostile hand in the database: whatever row it changes, the module signs nothing that the phone
// did not approve.
namespace cloudsign::transaction {
namespace {

using tests::support::Cloud;
using tests::support::count_signatures;

class TamperingTest : public testing::Test {
protected:
    void SetUp() override {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
        other_ = cloud_.enrol("binh");
        request_ = cloud_.request_for(person_, 2);
        const auto opened = cloud_->transactions.open(request_);
        CHECK(opened.has_value());
        id_ = opened->id;
        CHECK(cloud_.approve(person_, id_).has_value());
        signatures_before_ = count_signatures(cloud_.group.target());
    }

    void change(const std::string& sql) {
        sqlite3* database = nullptr;
        CHECK(sqlite3_open((cloud_.folder.path() / "kyso.db").c_str(), &database) == SQLITE_OK);
        char* error = nullptr;
        const auto done = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error);
        EXPECT_EQ(done, SQLITE_OK) << (error != nullptr ? error : "");
        EXPECT_GT(sqlite3_changes(database), 0) << sql;
        sqlite3_free(error);
        sqlite3_close(database);
    }

    // Asks for `hash` and for all that is authorised, and expects no new signature at the module.
    void expect_no_signature(const std::vector<Bytes>& hashes) {
        const auto transaction = cloud_->transactions.find(id_);
        if (transaction) {
            EXPECT_FALSE(cloud_->transactions.sign(*transaction, hashes).has_value());
        }
        EXPECT_EQ(count_signatures(cloud_.group.target()), signatures_before_);
    }

    std::string of_transaction() const { return " WHERE id = '" + id_ + "'"; }

    Cloud cloud_;
    tests::support::Person person_;
    tests::support::Person other_;
    SignatureRequest request_;
    std::string id_;
    std::size_t signatures_before_ = 0;
};

const Bytes& evil() {
    static const auto hash = bytes_of(sha256("what the phone never saw"));
    return hash;
}

TEST_F(TamperingTest, SignsNoOtherHash) {
    change("UPDATE transactions SET documents = replace(documents, '" +
           base64url(request_.documents[0].hash) + "', '" + base64url(evil()) + "')" +
           of_transaction());
    change("UPDATE occurrences SET hash = '" + base64url(evil()) + "' WHERE transaction_id = '" +
           id_ + "' AND position = 0");
    expect_no_signature({evil()});
}

TEST_F(TamperingTest, SignsNoHashUnderAnotherLabel) {
    change("UPDATE transactions SET documents = replace(documents, 'document 0', 'document 7')" +
           of_transaction());
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsWithNoOtherKey) {
    change("UPDATE transactions SET credential_id = '" + other_.credential.id + "'" +
           of_transaction());
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsWithNoOtherBlob) {
    change("UPDATE credentials SET blob = (SELECT blob FROM credentials WHERE id = '" +
           other_.credential.id + "') WHERE id = '" + person_.credential.id + "'");
    cloud_.restart_server();  // it remembers the row that it has read
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsByNoOtherAlgorithm) {
    change("UPDATE transactions SET digest = 2" + of_transaction());
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsNoMoreThanWasApproved) {
    change("INSERT INTO occurrences (transaction_id, position, hash, state) VALUES ('" + id_ +
           "', 2, '" + base64url(evil()) + "', 'authorised')");
    change("UPDATE transactions SET documents = replace(documents, '}]', '},{\"hash\":\"" +
           base64url(evil()) + "\",\"label\":\"more\"}]')" + of_transaction());
    expect_no_signature({evil()});
}

TEST_F(TamperingTest, SignsNothingWithAnotherAssertion) {
    change("UPDATE assertions SET assertion = 'AAAA' WHERE transaction_id = '" + id_ + "'");
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsNothingWithAnotherActivation) {
    change("UPDATE transactions SET mac = '" + base64url(sha256("mac")) + "'" + of_transaction());
    expect_no_signature({request_.documents[0].hash});
}

TEST_F(TamperingTest, SignsNothingThatWaits) {
    const auto waiting = cloud_->transactions.open(cloud_.request_for(person_));
    ASSERT_TRUE(waiting.has_value());
    id_ = waiting->id;
    change("UPDATE transactions SET state = 'approved'" + of_transaction());
    change("INSERT INTO occurrences (transaction_id, position, hash, state) VALUES ('" + id_ +
           "', 0, '" + base64url(waiting->documents[0].hash) + "', 'authorised')");
    expect_no_signature({waiting->documents[0].hash});
}

TEST_F(TamperingTest, SignsNothingTwice) {
    const auto transaction = cloud_->transactions.find(id_);
    ASSERT_TRUE(transaction.has_value());
    ASSERT_TRUE(cloud_->transactions.sign_all(*transaction).has_value());
    signatures_before_ = count_signatures(cloud_.group.target());
    change(
        "UPDATE occurrences SET state = 'authorised', signature = NULL, receipt = NULL "
        "WHERE transaction_id = '" +
        id_ + "'");
    change("UPDATE transactions SET state = 'approved'" + of_transaction());
    expect_no_signature({request_.documents[0].hash});
}

}  // namespace
}  // namespace cloudsign::transaction
