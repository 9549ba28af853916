#include "cloudsign/credential/resealing.h"

#include "cloudsign/credential/read_blob.h"
#include "cloudsign/store/key_blob_table.h"
#include "hsm/protocol/codec.h"
#include "tests/support/cloud_fixture.h"

// Every key under the group's next KEK. The module's part is a stand-in here, which changes the
// epoch and nothing else; the real one is in system_epochs.
namespace cloudsign::credential {
namespace {

using tests::support::Cloud;
using tests::support::kind_of;
using namespace std::chrono_literals;

Bytes of_epoch(const Bytes& blob, std::uint32_t epoch) {
    const auto decoded = read_blob(blob);
    CHECK(decoded.has_value());
    auto header = decoded->header;
    header.epoch = epoch;
    Bytes header_buffer(hsm::protocol::header_size_max);
    const auto encoded = hsm::protocol::encode(header, header_buffer);
    Bytes buffer(hsm::protocol::blob_size_max);
    const auto authenticated =
        hsm::protocol::encode_blob_authenticated(*encoded, decoded->wrapped, buffer);
    const auto whole =
        hsm::protocol::encode_blob_finish(authenticated->size(), decoded->mac, buffer);
    CHECK(whole.has_value());
    return {whole->begin(), whole->end()};
}

class ResealingTest : public testing::Test {
protected:
    ResealingTest() {
        cloud_.make_authority();
        an_ = cloud_.enrol("an").credential.id;
        binh_ = cloud_.enrol("binh").credential.id;
    }

    Bytes blob(const std::string& id) { return *cloud_.stored_credential(id).blob; }
    void put(const std::string& id, const Bytes& blob) {
        const auto before = this->blob(id);
        const auto replaced = cloud_.database->write([&](store::Session& session) {
            return store::KeyBlobTable(session).replace(id, before, blob);
        });
        CHECK(replaced.has_value() && *replaced);
    }
    std::uint64_t older(std::uint32_t epoch) {
        const auto sealed = count_sealed(*cloud_.database, epoch);
        CHECK(sealed.has_value());
        return sealed->older;
    }
    bool is_settled(std::uint32_t epoch) {
        return count_sealed(*cloud_.database, epoch)->is_settled;
    }
    Result<void> run(std::uint32_t epoch = 2) { return resealing_.run_due(epoch, 1s); }

    static constexpr std::int64_t quiet_ms = 30'000;
    static constexpr unsigned keys = 3;  // the authority's, and two people's

    Cloud cloud_;
    std::string an_;
    std::string binh_;
    unsigned asked_ = 0;
    std::function<hsm::Result<Bytes>(const Bytes&)> module_ = [](const Bytes& blob) {
        return of_epoch(blob, 2);
    };
    Resealing resealing_{*cloud_.database, cloud_.clock, [this](const Bytes& blob) {
                             ++asked_;
                             return module_(blob);
                         }};
};

TEST_F(ResealingTest, SealsEveryKeyOnceAndThenRests) {
    const auto before = blob(an_);
    ASSERT_EQ(older(2), keys);

    for (int turn = 0; turn < 4; ++turn) {
        ASSERT_TRUE(run().has_value());
    }

    EXPECT_EQ(asked_, keys);
    EXPECT_EQ(older(2), 0u);
    EXPECT_EQ(blob(an_), of_epoch(before, 2));
    EXPECT_FALSE(is_settled(2));
    cloud_.advance(quiet_ms);
    ASSERT_TRUE(run().has_value());
    EXPECT_TRUE(is_settled(2));
    // Nobody looks any more, also after a start.
    put(binh_, of_epoch(blob(binh_), 1));
    Resealing later{*cloud_.database, cloud_.clock, [](const Bytes&) -> hsm::Result<Bytes> {
                        ADD_FAILURE();
                        return hsm::Status::busy;
                    }};
    EXPECT_TRUE(later.run_due(2, 1s).has_value());
    EXPECT_EQ(older(2), 1u);
}

TEST_F(ResealingTest, WaitsUntilAllMembersAgree) {
    auto member = cloud_.modules.members().at(0);
    EXPECT_EQ(agreed_epoch({member}, 1), 1u);
    EXPECT_EQ(agreed_epoch({member}, 2), 0u);
    EXPECT_EQ(agreed_epoch({}, 0), 0u);
    auto other = member;
    other.epoch = 2;
    EXPECT_EQ(agreed_epoch({member, other}, 2), 0u);
    EXPECT_EQ(agreed_epoch({other, other}, 2), 2u);
    other.state = hsm::protocol::State::locked;
    EXPECT_EQ(agreed_epoch({other, other}, 2), 0u);
}

TEST_F(ResealingTest, LooksAtNoKeyInTheFirstEpoch) {
    EXPECT_TRUE(run(1).has_value());
    EXPECT_EQ(asked_, 0u);
    EXPECT_EQ(count_sealed(*cloud_.database, 1)->older, 0u);
    EXPECT_TRUE(is_settled(1));
}

TEST_F(ResealingTest, GoesOnWhereAModuleFailedIt) {
    module_ = [this](const Bytes& blob) -> hsm::Result<Bytes> {
        if (asked_ == 2) {
            return hsm::Status::link_timeout;
        }
        return of_epoch(blob, 2);
    };

    EXPECT_EQ(kind_of(run()), ErrorKind::unavailable);
    EXPECT_EQ(older(2), keys - 1);
    ASSERT_TRUE(run().has_value());

    EXPECT_EQ(older(2), 0u);
    EXPECT_EQ(asked_, keys + 1);
}

TEST_F(ResealingTest, LooksOnceMoreAfterItHasChangedSomething) {
    const auto old = blob(an_);
    ASSERT_TRUE(run().has_value());
    ASSERT_EQ(older(2), 0u);
    ASSERT_TRUE(run().has_value());  // nothing is left to do
    cloud_.advance(quiet_ms - 1);
    put(an_, old);  // by whoever had read the row before

    ASSERT_TRUE(run().has_value());

    EXPECT_EQ(older(2), 0u);
    EXPECT_EQ(asked_, keys + 1);
    cloud_.advance(1);
    ASSERT_TRUE(run().has_value());
    EXPECT_FALSE(is_settled(2));  // of the last one, not of the first
    cloud_.advance(quiet_ms);
    ASSERT_TRUE(run().has_value());
    EXPECT_TRUE(is_settled(2));
}

TEST_F(ResealingTest, LeavesWhatTheModulesRefuseForGood) {
    const auto refused = blob(an_);
    module_ = [&](const Bytes& blob) -> hsm::Result<Bytes> {
        if (blob == refused) {
            return hsm::Status::blob_revoked;
        }
        return of_epoch(blob, 2);
    };

    ASSERT_TRUE(run().has_value());
    cloud_.advance(quiet_ms);
    ASSERT_TRUE(run().has_value());

    EXPECT_EQ(older(2), 1u);
    EXPECT_EQ(blob(an_), refused);
    put(binh_, Bytes(40, 0x5a));  // no blob at all
    EXPECT_EQ(older(2), 2u);
    EXPECT_TRUE(run().has_value());
    EXPECT_EQ(asked_, keys + 1);
}

}  // namespace
}  // namespace cloudsign::credential
