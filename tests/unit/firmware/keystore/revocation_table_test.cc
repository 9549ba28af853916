#include "firmware/keystore/revocation_table.h"

#include <map>

#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using firmware::keystore::RevocationTable;
using hsm::Status;

class NoVisitor final : public firmware::storage::LogVisitor {
public:
    hsm::Result<void> log_record(std::uint64_t, hsm::ByteView) override { return {}; }
    hsm::Result<void> note(hsm::ByteView) override { return {}; }
};

constexpr firmware::hal::FlashGeometry tiny = {
    .sector_size = 4096, .sector_count = 8, .program_unit = 16};

class RevocationTableTest : public testing::Test {
protected:
    using Memory = firmware::storage::LogStoreMemory<8, 64, 8192>;

    RevocationTableTest() {
        flash_ = *board::host::FileFlash::open(folder_.path() / "store", tiny);
        store_ = std::make_unique<firmware::storage::LogStore>(*flash_, memory_.spans());
        CHECK(store_->format(1).has_value());
    }
    void remount() {
        NoVisitor visitor;
        CHECK(store_->sync().has_value());
        memory_ = {};
        store_ = std::make_unique<firmware::storage::LogStore>(*flash_, memory_.spans());
        CHECK(store_->mount(visitor).has_value());
    }

    TemporaryFolder folder_;
    std::unique_ptr<board::host::FileFlash> flash_;
    Memory memory_;
    std::unique_ptr<firmware::storage::LogStore> store_;
    const hsm::Digest key_ = random_digest();
};

TEST_F(RevocationTableTest, RefusesVersionsBelowTheMinimum) {
    RevocationTable table(*store_);
    EXPECT_EQ(status(table.check(key_, 0)), Status::ok);
    EXPECT_EQ(status(table.check(key_, 1)), Status::ok);

    ASSERT_TRUE(table.put(key_, {3, 1, std::nullopt}));

    for (const std::uint32_t old : {0u, 1u, 2u}) {
        EXPECT_EQ(status(table.check(key_, old)), Status::blob_revoked);
    }
    EXPECT_EQ(status(table.check(key_, 3)), Status::ok);
    EXPECT_EQ(status(table.check(key_, 4)), Status::ok);
    EXPECT_EQ(status(table.check(random_digest(), 1)), Status::ok);
}

TEST_F(RevocationTableTest, NeverLowersAMinimum) {
    RevocationTable table(*store_);
    ASSERT_TRUE(table.put(key_, {3, 1, std::nullopt}));

    EXPECT_EQ(status(table.put(key_, {2, 1, std::nullopt})), Status::blob_revoked);
    EXPECT_EQ(table.find(key_)->minimum_version, 3u);
}

TEST_F(RevocationTableTest, SurvivesARestart) {
    const auto policy = random_digest();
    ASSERT_TRUE(RevocationTable(*store_).put(key_, {2, 1, policy}));

    remount();

    const auto entry = RevocationTable(*store_).find(key_);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->minimum_version, 2u);
    EXPECT_EQ(entry->epoch, 1u);
    EXPECT_EQ(entry->prepared_policy, policy);
}

// More of them than one pass over the store takes.
TEST_F(RevocationTableTest, ForgetsTheEntriesOfEpochsBefore) {
    RevocationTable table(*store_);
    std::vector<hsm::Digest> old(40);
    std::ranges::generate(old, random_digest);
    for (const auto& key : old) {
        ASSERT_TRUE(table.put(key, {2, 1, std::nullopt}));
    }
    ASSERT_TRUE(table.put(key_, {3, 2, std::nullopt}));
    ASSERT_TRUE(store_->put(hsm::view_of("rather another value"), old[0]));

    ASSERT_TRUE(table.forget_before(2));
    remount();

    RevocationTable after(*store_);
    for (const auto& key : old) {
        EXPECT_EQ(after.find(key)->minimum_version, 0u);
    }
    EXPECT_EQ(after.find(key_)->minimum_version, 3u);
    EXPECT_EQ(store_->key_count(), 2u);
}

TEST_F(RevocationTableTest, KeepsWhatIsCarriedIntoAnEpoch) {
    RevocationTable table(*store_);
    const auto policy = random_digest();
    ASSERT_TRUE(table.put(key_, {2, 1, policy}));

    ASSERT_TRUE(table.carry(key_, 2));
    ASSERT_TRUE(table.carry(key_, 1));
    ASSERT_TRUE(table.carry(random_digest(), 2));
    ASSERT_TRUE(table.forget_before(2));

    EXPECT_EQ(table.find(key_)->minimum_version, 2u);
    EXPECT_EQ(table.find(key_)->epoch, 2u);
    EXPECT_EQ(table.find(key_)->prepared_policy, policy);
    EXPECT_EQ(store_->key_count(), 1u);
}

TEST_F(RevocationTableTest, IsReadEntryByEntry) {
    RevocationTable table(*store_);
    std::map<hsm::Digest, std::uint32_t> left;
    for (std::uint32_t version = 2; version < 12; ++version) {
        const auto key = random_digest();
        left[key] = version;
        ASSERT_TRUE(table.put(key, {version, 1, std::nullopt}));
    }
    ASSERT_TRUE(store_->put(hsm::view_of("rather another value"), key_));

    std::size_t cursor = 0;
    hsm::Digest key{};
    firmware::keystore::RevocationEntry entry;
    while (*table.next(cursor, key, entry)) {
        const auto found = left.find(key);
        ASSERT_NE(found, left.end());
        EXPECT_EQ(entry.minimum_version, found->second);
        left.erase(found);
    }
    EXPECT_TRUE(left.empty());
}

TEST_F(RevocationTableTest, IsBounded) {
    RevocationTable table(*store_);
    Status last = Status::ok;
    for (int i = 0; i < 200 && last == Status::ok; ++i) {
        last = status(table.put(random_digest(), {2, 1, random_digest()}));
    }
    EXPECT_EQ(last, Status::table_full);
}

}  // namespace
