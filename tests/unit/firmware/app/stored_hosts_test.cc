#include "firmware/app/stored_hosts.h"

#include "firmware/engine/psa/store_vault.h"
#include "tests/support/module_fixture.h"
#include "tests/support/sim_flash.h"

// What a board keeps in its store instead of in files.
namespace {

namespace wire = hsm::protocol;
using firmware::app::StoredHosts;
using firmware::channel::HostTable;
using firmware::engine::psa::Creation;
using firmware::engine::psa::StoreVault;
using firmware::storage::LogStore;
using hsm::Status;
using tests::support::SimFlash;
using tests::support::status;

class NothingToSee final : public firmware::storage::LogVisitor {
public:
    hsm::Result<void> log_record(std::uint64_t, hsm::ByteView) override { return {}; }
    hsm::Result<void> note(hsm::ByteView) override { return {}; }
};

class BoardStore : public testing::Test {
protected:
    BoardStore() {
        CHECK(store_->format(7).has_value());
        hosts_ = std::make_unique<StoredHosts>(*store_, *table_);
        CHECK(hosts_->load().has_value());
    }

    void restart() {
        store_ = std::make_unique<LogStore>(flash_, memory_->spans());
        NothingToSee visitor;
        CHECK(store_->mount(visitor).has_value());
        table_ = std::make_unique<HostTable>();
        hosts_ = std::make_unique<StoredHosts>(*store_, *table_);
    }

    using Memory = firmware::storage::LogStoreMemory<64, 128, 4352>;
    SimFlash flash_{{8192, 64, 16}};
    std::unique_ptr<Memory> memory_ = std::make_unique<Memory>();
    std::unique_ptr<LogStore> store_ = std::make_unique<LogStore>(flash_, memory_->spans());
    std::unique_ptr<HostTable> table_ = std::make_unique<HostTable>();
    std::unique_ptr<StoredHosts> hosts_;
};

wire::InstallHostsRequest two_hosts() {
    wire::InstallHostsRequest hosts;
    CHECK(hosts.names.push_back("kyso-server") && hosts.names.push_back("kyso-operator"));
    CHECK(hosts.roles.push_back(1) && hosts.roles.push_back(2));
    wire::Nonce key{};
    key.fill(1);
    CHECK(hosts.keys.push_back(key));
    key.fill(2);
    CHECK(hosts.keys.push_back(key));
    return hosts;
}

TEST_F(BoardStore, LetsEverybodyConnectUntilItIsToldItsHosts) {
    EXPECT_FALSE(hosts_->installed());
    ASSERT_NE(nullptr, table_->find(wire::bring_up_identity));
    EXPECT_EQ(wire::Role::operating, table_->find(wire::bring_up_identity)->role);

    ASSERT_EQ(Status::ok, status(hosts_->install(two_hosts())));

    EXPECT_TRUE(hosts_->installed());
    EXPECT_EQ(nullptr, table_->find(wire::bring_up_identity));
    ASSERT_NE(nullptr, table_->find("kyso-server"));
    EXPECT_EQ(wire::Role::server, table_->find("kyso-server")->role);
}

TEST_F(BoardStore, KnowsItsHostsAfterARestart) {
    ASSERT_EQ(Status::ok, status(hosts_->install(two_hosts())));

    restart();

    ASSERT_EQ(Status::ok, status(hosts_->load()));
    EXPECT_TRUE(hosts_->installed());
    EXPECT_EQ(nullptr, table_->find(wire::bring_up_identity));
    const auto* found = table_->find("kyso-operator");
    ASSERT_NE(nullptr, found);
    EXPECT_EQ(wire::Role::operating, found->role);
    EXPECT_EQ(2, found->secret.reveal()[0]);
}

TEST_F(BoardStore, RefusesHostsThatDoNotBelongTogether) {
    std::vector<wire::InstallHostsRequest> wrong(7, two_hosts());
    wrong[0] = {};
    CHECK(wrong[1].names.push_back("third"));
    CHECK(wrong[2].roles.push_back(4));
    CHECK(wrong[3].keys.push_back({}));
    wrong[4].names[1] = "kyso-server";
    wrong[5].roles[0] = 3;
    wrong[6].names[0] = wire::bring_up_identity;

    for (const auto& hosts : wrong) {
        EXPECT_EQ(Status::malformed, status(hosts_->install(hosts)));
        EXPECT_FALSE(hosts_->installed());
    }
    restart();
    EXPECT_EQ(Status::ok, status(hosts_->load()));
    EXPECT_FALSE(hosts_->installed());
}

TEST_F(BoardStore, SaysSoWhenItsHostsCannotBeTrusted) {
    ASSERT_EQ(Status::ok,
              status(store_->put(hsm::view_of("hosts"), hsm::view_of("not a list of hosts"))));
    ASSERT_EQ(Status::ok, status(store_->sync()));

    restart();

    EXPECT_EQ(Status::storage_corrupt, status(hosts_->load()));
    EXPECT_EQ(nullptr, table_->find(wire::bring_up_identity));
}

TEST_F(BoardStore, KeepsTheEnginesRecords) {
    StoreVault vault(*store_);
    std::array<hsm::Byte, 64> buffer{};
    EXPECT_EQ(Status::key_missing, status(vault.load("salt", buffer)));

    const auto created = vault.create("salt", hsm::view_of("first"));
    ASSERT_EQ(Status::ok, status(created));
    EXPECT_EQ(Creation::created, *created);
    const auto again = vault.create("salt", hsm::view_of("second"));
    ASSERT_EQ(Status::ok, status(again));
    EXPECT_EQ(Creation::existed, *again);

    restart();
    StoreVault after(*store_);
    const auto size = after.load("salt", buffer);
    ASSERT_EQ(Status::ok, status(size));
    EXPECT_EQ("first", hsm::text_of(hsm::ByteView(buffer).first(*size)));
    EXPECT_EQ(Status::storage_corrupt,
              status(after.load("salt", hsm::MutableBytes(buffer).first(4))));
    EXPECT_EQ(Status::storage_full,
              status(after.create(std::string(firmware::storage::key_size_max, 'x'), {})));

    ASSERT_TRUE(after.create("epoch-1", hsm::view_of("kept")));
    ASSERT_EQ(Status::ok, status(after.remove("salt")));
    EXPECT_EQ(Status::ok, status(after.remove("salt")));
    restart();
    StoreVault last(*store_);
    EXPECT_EQ(Status::key_missing, status(last.load("salt", buffer)));
    EXPECT_EQ(Status::ok, status(last.load("epoch-1", buffer)));
}

}  // namespace
