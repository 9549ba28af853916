#include "hsm/protocol/audit_record.h"
#include "tests/support/group_change.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Digest;
using hsm::Status;
using wire::LiveMember;
using wire::State;

class EpochChange : public testing::Test {
protected:
    EpochChange() : first_(site_.add_module("first")), second_(site_.add_module("second")) {
        members_ = {first_.id(), second_.id()};
        CHECK(site_.provision(first_, members_).has_value());
        const auto made = site_.make_whole(first_);
        CHECK(site_.provision(second_, members_).has_value());
        site_.restore_whole(second_, made);
        holder_ = *enrol(first_.serving(), site_.people);
    }

    static hsm::Result<Bytes> reseal(const CeremonyModule& module, const Bytes& blob) {
        TRY_ASSIGN(const auto reply, call(module.serving(), wire::ResealRequest{blob}));
        return copy_of(reply->blob);
    }
    static Status close(const CeremonyModule& module) {
        return status(call(module.operating(), wire::CloseEpochRequest{1000}));
    }
    static std::uint32_t epoch(const CeremonyModule& module) {
        return (*call(module.serving(), wire::GetInfoRequest{}))->epoch;
    }
    Status signs(const CeremonyModule& module, const Holder& holder) const {
        const auto signing = approved_signing(module.serving(), site_.people, holder);
        return signing ? status(call(module.serving(), signing->request())) : signing.error();
    }
    Holder with_blob(const Bytes& blob) const {
        auto holder = holder_;
        holder.blob = blob;
        return holder;
    }

    CeremonySite site_;
    CeremonyModule first_;
    CeremonyModule second_;
    std::vector<Digest> members_;
    Holder holder_;
};

TEST_F(EpochChange, SealsTheLivingAnewAndDestroysTheKekOfBefore) {
    const auto made = site_.make_whole(first_, 2);
    EXPECT_EQ(epoch(first_), 2u);
    EXPECT_EQ(signs(first_, holder_), Status::blob_epoch_unknown);

    const auto blob = reseal(first_, holder_.blob);
    ASSERT_EQ(status(blob), Status::ok);
    EXPECT_EQ(*reseal(first_, holder_.blob), *blob);
    EXPECT_EQ(signs(first_, with_blob(*blob)), Status::ok);
    site_.restore_whole(second_, made);
    EXPECT_EQ(signs(second_, with_blob(*blob)), Status::ok);
    EXPECT_EQ(*reseal(second_, holder_.blob), *blob);
    const auto before = wire::decode_blob(holder_.blob)->header;
    const auto after = wire::decode_blob(*blob)->header;
    EXPECT_EQ(after.epoch, 2u);
    EXPECT_EQ(after.key_id, before.key_id);
    EXPECT_EQ(after.version, before.version);
    EXPECT_EQ(copy_of(after.policy), copy_of(before.policy));

    ASSERT_EQ(close(first_), Status::ok);
    EXPECT_EQ(reseal(first_, holder_.blob).error(), Status::blob_epoch_unknown);
    EXPECT_FALSE(first_.module->engine().join_epoch(1));
    first_.module->restart();
    EXPECT_EQ(first_.module->module().state(), State::operational);
    EXPECT_FALSE(first_.module->engine().join_epoch(1));
    EXPECT_EQ(signs(first_, with_blob(*blob)), Status::ok);
    EXPECT_EQ(*reseal(second_, holder_.blob), *blob);
}

TEST_F(EpochChange, IsOnRecord) {
    site_.make_whole(first_, 2);
    ASSERT_EQ(close(first_), Status::ok);
    ASSERT_EQ(close(first_), Status::ok);

    std::size_t closed = 0;
    for (const auto& bytes : export_log(first_.serving())) {
        const auto record = wire::decode<wire::AuditRecord>(bytes);
        if (record->type == wire::RecordType::epoch_closed) {
            ++closed;
            EXPECT_EQ(wire::decode<wire::EpochClosedDetails>(record->details)->epoch, 1u);
        }
    }
    EXPECT_EQ(closed, 1u);
}

TEST_F(EpochChange, GoesOneEpochOnOnceTheOneBeforeIsClosed) {
    for (const std::uint32_t wrong : {1u, 3u, 4294967295u}) {
        EXPECT_EQ(status(site_.make(first_, wrong)), Status::wrong_state);
    }
    const auto made = site_.make_whole(first_, 2);
    EXPECT_EQ(status(site_.make(first_, 3)), Status::wrong_state);
    EXPECT_EQ(status(site_.restore(first_, made.papers.share_set)), Status::wrong_state);
    first_.module->restart();
    EXPECT_EQ(status(site_.make(first_, 3)), Status::wrong_state);

    ASSERT_EQ(close(first_), Status::ok);
    EXPECT_EQ(status(site_.restore(first_, made.papers.share_set)), Status::wrong_state);
    site_.make_whole(first_, 3);
    EXPECT_EQ(epoch(first_), 3u);
}

TEST_F(EpochChange, SealsNothingAnewButBlobsOfTheEpochBefore) {
    EXPECT_EQ(reseal(first_, holder_.blob).error(), Status::blob_epoch_unknown);
    site_.make_whole(first_, 2);
    const auto blob = reseal(first_, holder_.blob);
    ASSERT_TRUE(blob);
    EXPECT_EQ(reseal(first_, *blob).error(), Status::blob_epoch_unknown);
    for (std::size_t at = 0; at < holder_.blob.size(); at += 7) {
        auto damaged = holder_.blob;
        damaged[at] ^= 0x01;
        EXPECT_FALSE(reseal(first_, damaged)) << at;
    }
    // A key that nobody has bound yet goes with the others.
    const auto unbound = reseal(first_, holder_.unbound);
    ASSERT_EQ(status(unbound), Status::ok);
    EXPECT_EQ(signs(first_, with_blob(*unbound)), Status::blob_unbound);
}

// Half of the group has changed: each member serves the blobs of its own epoch.
TEST_F(EpochChange, LeavesAMemberThatHasNotChangedAsItWas) {
    site_.make_whole(first_, 2);
    EXPECT_EQ(signs(second_, holder_), Status::ok);
    EXPECT_EQ(signs(second_, with_blob(*reseal(first_, holder_.blob))), Status::blob_epoch_unknown);
}

// The power fails after the engine has kept the new KEK and before the store knows of it.
TEST_F(EpochChange, GoesOnWithAKekThatTheEngineHasKept) {
    const auto made = site_.make(first_, 2);
    ASSERT_TRUE(made);
    for (const std::size_t i : {0u, 1u}) {
        ASSERT_TRUE(site_.give(first_, *site_.carry(i, *made, made->papers)));
    }
    first_.module->break_flash();
    ASSERT_FALSE(site_.finish(first_));
    first_.module->restart();
    EXPECT_EQ(epoch(first_), 1u);
    EXPECT_EQ(signs(first_, holder_), Status::ok);

    site_.restore_whole(first_, *made);

    EXPECT_EQ(epoch(first_), 2u);
    EXPECT_EQ(signs(first_, with_blob(*reseal(first_, holder_.blob))), Status::ok);
}

}  // namespace
