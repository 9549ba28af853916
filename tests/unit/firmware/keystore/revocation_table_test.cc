#include "firmware/keystore/revocation_table.h"

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
    using Memory = firmware::storage::LogStoreMemory<8, 16, 8192>;

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

    ASSERT_TRUE(table.put(key_, {3, std::nullopt}));

    for (const std::uint32_t old : {0u, 1u, 2u}) {
        EXPECT_EQ(status(table.check(key_, old)), Status::blob_revoked);
    }
    EXPECT_EQ(status(table.check(key_, 3)), Status::ok);
    EXPECT_EQ(status(table.check(key_, 4)), Status::ok);
    EXPECT_EQ(status(table.check(random_digest(), 1)), Status::ok);
}

TEST_F(RevocationTableTest, NeverLowersAMinimum) {
    RevocationTable table(*store_);
    ASSERT_TRUE(table.put(key_, {3, std::nullopt}));

    EXPECT_EQ(status(table.put(key_, {2, std::nullopt})), Status::blob_revoked);
    EXPECT_EQ(table.find(key_)->minimum_version, 3u);
}

TEST_F(RevocationTableTest, SurvivesARestart) {
    const auto policy = random_digest();
    ASSERT_TRUE(RevocationTable(*store_).put(key_, {2, policy}));

    remount();

    const auto entry = RevocationTable(*store_).find(key_);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->minimum_version, 2u);
    EXPECT_EQ(entry->prepared_policy, policy);
}

TEST_F(RevocationTableTest, IsBounded) {
    RevocationTable table(*store_);
    Status last = Status::ok;
    for (int i = 0; i < 100 && last == Status::ok; ++i) {
        last = status(table.put(random_digest(), {2, random_digest()}));
    }
    EXPECT_EQ(last, Status::table_full);
}

}  // namespace
