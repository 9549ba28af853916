#include "tests/support/group_change.h"

// Who wants a member that does not know what was revoked, or one that nobody asks.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Digest;
using hsm::Status;
using wire::LiveMember;
using wire::State;

class MemberAttacks : public testing::Test {
protected:
    MemberAttacks() : first_(site_.add_module("first")), second_(site_.add_module("second")) {
        members_ = {first_.id(), second_.id()};
        CHECK(site_.provision(first_, members_).has_value());
        made_ = site_.make_whole(first_);
        CHECK(site_.provision(second_, members_).has_value());
        site_.restore_whole(second_, made_);
        holder_ = *enrol(first_.serving(), site_.people);
    }

    // A third member of the group's next revision, which the others have still to take.
    CeremonyModule add_third(LiveMember live) {
        auto third = site_.add_module("third");
        more_ = {members_[0], members_[1], third.id()};
        site_.people.revision = 2;
        CHECK(site_.provision(third, more_).has_value());
        site_.restore_whole(third, made_, live);
        return third;
    }
    Status takes_third(const CeremonyModule& module) const {
        return status_of_change(module.operating(),
                                change_of(module.serving(), site_.people, site_.people, more_));
    }

    // The holder's move to the new phone, in its three steps.
    hsm::Result<Bytes> prepare(const CeremonyModule& module, const Bytes& blob) const {
        const auto policy = new_policy();
        TRY_ASSIGN(
            const auto activation,
            open_activation(
                module.serving(), blob, wire::Purpose::rebind, {}, 1, rebind_root(blob, policy)));
        const auto form = site_.people.form(activation.challenge);
        const auto by_old = holder_.keys[0].assertion(form);
        const auto by_new = new_phone_.assertion(form);
        wire::RebindPrepareRequest request{
            blob, activation.preimage, activation.mac, {}, policy, 0};
        CHECK(request.assertions.push_back(by_old) && request.assertions.push_back(by_new));
        TRY_ASSIGN(const auto reply, call(module.serving(), request));
        return copy_of(reply->revocation);
    }
    hsm::Result<Bytes> prepare_again(const CeremonyModule& module, const Bytes& blob) const {
        const auto policy = new_policy();
        const wire::RebindPrepareRequest request{blob, {}, {}, {}, policy, 0};
        TRY_ASSIGN(const auto reply, call(module.serving(), request));
        return copy_of(reply->revocation);
    }
    static hsm::Result<Bytes> revoke(const CeremonyModule& module, const Bytes& revocation) {
        TRY_ASSIGN(const auto reply, call(module.serving(), wire::RevokeRequest{revocation, 0}));
        return copy_of(reply->acknowledgement);
    }
    hsm::Result<Bytes> finish(const CeremonyModule& module,
                              const Bytes& blob,
                              const std::vector<Bytes>& acknowledgements) const {
        const auto policy = new_policy();
        wire::RebindFinishRequest request{blob, policy, {}, 0};
        for (const auto& acknowledgement : acknowledgements) {
            CHECK(request.acknowledgements.push_back(acknowledgement));
        }
        TRY_ASSIGN(const auto reply, call(module.serving(), request));
        return copy_of(reply->blob);
    }
    Bytes new_policy() const {
        return policy_of(site_.people, {{new_phone_}, holder_.subject_hash});
    }
    Status old_phone_signs(const CeremonyModule& module, const Bytes& blob) const {
        auto holder = holder_;
        holder.blob = blob;
        const auto signing = approved_signing(module.serving(), site_.people, holder);
        return signing ? status(call(module.serving(), signing->request())) : signing.error();
    }
    static Bytes reseal(const CeremonyModule& module, const Bytes& blob) {
        const auto reply = call(module.serving(), wire::ResealRequest{blob});
        CHECK(reply.has_value());
        return copy_of((*reply)->blob);
    }

    CeremonySite site_;
    CeremonyModule first_;
    CeremonyModule second_;
    std::vector<Digest> members_;
    std::vector<Digest> more_;
    MadeShares made_;
    Holder holder_;
    const Passkey new_phone_;
};

// A host restores the KEK into one more module and keeps what was revoked from it.
TEST_F(MemberAttacks, ACloneWithoutTheRevocationTableSignsNothing) {
    const auto acknowledgement = revoke(second_, *prepare(first_, holder_.blob));
    ASSERT_TRUE(finish(first_, holder_.blob, {*acknowledgement}));
    const auto clone = add_third(LiveMember::exists);

    EXPECT_EQ(old_phone_signs(clone, holder_.blob), Status::wrong_state);
    // No live member has it in its list, and an old page of another is not its own.
    EXPECT_EQ(status(export_table(first_.serving(), clone.serving())), Status::member_unknown);
    const auto info = call(clone.serving(), wire::GetInfoRequest{});
    const auto others = call(first_.serving(),
                             wire::TableExportRequest{members_[1], (*info)->provisioning_nonce, 0});
    ASSERT_TRUE(others);
    EXPECT_EQ(status(call(clone.operating(), wire::TableImportRequest{(*others)->page, 0})),
              Status::acknowledgement_wrong);
    EXPECT_EQ(clone.module->module().state(), State::provisioned);

    // As a member it learns before it signs.
    ASSERT_EQ(takes_third(first_), Status::ok);
    const auto pages = export_table(first_.serving(), clone.serving());
    ASSERT_EQ(status(import_table(clone.operating(), *pages)), Status::ok);
    EXPECT_EQ(old_phone_signs(clone, holder_.blob), Status::blob_revoked);
}

// Between the export and the new member's start the others revoke on: none may finish without it.
TEST_F(MemberAttacks, ANewMemberIsAskedFromTheExportOn) {
    const auto third = add_third(LiveMember::exists);
    ASSERT_EQ(takes_third(first_), Status::ok);
    const auto pages = export_table(first_.serving(), third.serving());
    ASSERT_TRUE(pages);

    // The second still lives under the list of before, and asks nobody but the first.
    const auto revocation = prepare(second_, holder_.blob);
    ASSERT_TRUE(revocation);
    const auto by_first = revoke(first_, *revocation);
    ASSERT_TRUE(by_first);
    EXPECT_EQ(finish(second_, holder_.blob, {*by_first}).error(), Status::acknowledgement_wrong);
    ASSERT_EQ(takes_third(second_), Status::ok);
    EXPECT_EQ(finish(second_, holder_.blob, {*by_first}).error(), Status::acknowledgement_missing);

    ASSERT_TRUE(import_table(third.operating(), *pages));
    const auto by_third = revoke(third, *revocation);
    ASSERT_TRUE(by_third);
    EXPECT_TRUE(finish(second_, holder_.blob, {*by_first, *by_third}));
    for (const CeremonyModule* member :
         std::initializer_list<const CeremonyModule*>{&first_, &second_, &third}) {
        EXPECT_EQ(old_phone_signs(*member, holder_.blob), Status::blob_revoked);
    }
}

// A departed member's acknowledgement counts no more, and a member that is dropped is no longer
// needed.
TEST_F(MemberAttacks, ADepartedMemberHasNoSay) {
    const auto revocation = prepare(first_, holder_.blob);
    const auto acknowledgement = revoke(second_, *revocation);
    ASSERT_TRUE(acknowledgement);
    const auto receipt = zeroise(second_.operating(), site_.people);
    ASSERT_TRUE(receipt);
    auto after = site_.people;
    after.revision = 2;
    auto drop = change_of(first_.serving(), site_.people, after, std::vector<Digest>{members_[0]});
    drop.receipts = {*receipt};
    ASSERT_EQ(status_of_change(first_.operating(), drop), Status::ok);

    EXPECT_FALSE(finish(first_, holder_.blob, {*acknowledgement}));
    EXPECT_TRUE(finish(first_, holder_.blob, {}));
}

// A version that was revoked in one epoch, sealed anew by a member that had not heard of it, and
// released in the next: what refuses it must not be forgotten with the epoch before.
TEST_F(MemberAttacks, AnEpochChangeBringsNoOldPhoneBack) {
    const auto third = add_third(LiveMember::none);
    ASSERT_EQ(takes_third(first_), Status::ok);
    ASSERT_EQ(takes_third(second_), Status::ok);
    ASSERT_TRUE(revoke(second_, *prepare(first_, holder_.blob)));

    const auto made = site_.make_whole(third, 2);
    const auto old_blob = reseal(third, holder_.blob);
    site_.restore_whole(first_, made);
    site_.restore_whole(second_, made);
    const auto revocation = prepare_again(first_, old_blob);
    ASSERT_EQ(status(revocation), Status::ok);
    const auto by_second = revoke(second_, *revocation);
    const auto by_third = revoke(third, *revocation);
    ASSERT_TRUE(by_second && by_third);
    ASSERT_TRUE(finish(first_, old_blob, {*by_second, *by_third}));

    for (const CeremonyModule* member :
         std::initializer_list<const CeremonyModule*>{&first_, &second_, &third}) {
        ASSERT_EQ(status(call(member->operating(), wire::CloseEpochRequest{0})), Status::ok);
        EXPECT_EQ(old_phone_signs(*member, old_blob), Status::blob_revoked);
        member->module->restart();
        EXPECT_EQ(old_phone_signs(*member, old_blob), Status::blob_revoked);
    }
}

TEST_F(MemberAttacks, AnAcknowledgementOfOneEpochIsNoneInTheNext) {
    const auto acknowledgement = revoke(second_, *prepare(first_, holder_.blob));
    ASSERT_TRUE(acknowledgement);
    site_.make_whole(first_, 2);
    EXPECT_EQ(finish(first_, holder_.blob, {*acknowledgement}).error(), Status::blob_epoch_unknown);
}

// What is revoked stays behind when the living are sealed anew; then the table is empty again.
TEST_F(MemberAttacks, ARevokedBlobIsNotSealedAnew) {
    const auto acknowledgement = revoke(second_, *prepare(first_, holder_.blob));
    const auto living = finish(first_, holder_.blob, {*acknowledgement});
    ASSERT_TRUE(living);
    site_.make_whole(first_, 2);

    EXPECT_EQ(status(call(first_.serving(), wire::ResealRequest{holder_.blob})),
              Status::blob_revoked);
    const auto blob = reseal(first_, *living);
    ASSERT_EQ(status(call(first_.operating(), wire::CloseEpochRequest{0})), Status::ok);
    EXPECT_EQ(status(call(first_.serving(), wire::ResealRequest{holder_.blob})),
              Status::blob_epoch_unknown);
    EXPECT_EQ(old_phone_signs(first_, holder_.blob), Status::blob_epoch_unknown);
    auto renewed = holder_;
    renewed.keys = {new_phone_};
    renewed.blob = blob;
    const auto signing = approved_signing(first_.serving(), site_.people, renewed);
    ASSERT_TRUE(signing);
    EXPECT_EQ(status(call(first_.serving(), signing->request())), Status::ok);
}

}  // namespace
