#include <gtest/gtest.h>

#include "tests/hostile/update/update_site.h"

// Who may have an image installed: maker and k officers, together, for this release and this group.
namespace tests::hostile {
namespace {

using firmware::boot::testing::header_of;
using firmware::boot::testing::make_release;
using firmware::boot::testing::ReleaseForm;
using firmware::boot::testing::signed_head;
using support::call;
using support::status;

constexpr ReleaseForm next_form{.version = version_of(1, 0, 2), .security_version = 2};

class UpdateApproval : public ::testing::Test {
protected:
    // Refused, and nothing is different.
    void refused(const std::string& name,
                 const Release& release,
                 const std::vector<Bytes>& approvals,
                 Status expected) {
        const auto before = site.everything();
        EXPECT_EQ(status(call(site.operating(), site.begin_request(release, approvals))), expected)
            << name;
        EXPECT_TRUE(site.everything() == before) << name;
    }

    UpdateSite site;
};

TEST_F(UpdateApproval, InstallsWhatMakerAndOfficersHaveSigned) {
    const auto records = support::export_log(site.operating()).size();
    EXPECT_EQ(site.state().board, firmware::boot::testing::board_name);
    EXPECT_EQ(site.state().firmware_hash, site.present.hash);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::none);

    ASSERT_EQ(site.begin(site.next), Status::ok);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::written);
    ASSERT_EQ(site.write_all(site.next), Status::ok);
    EXPECT_EQ(site.state().written, site.next.images[1].size());
    ASSERT_EQ(site.finish(), Status::ok);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::pending);
    EXPECT_EQ(site.state().next_hash, site.next.hash);
    EXPECT_EQ(site.state().firmware_hash, site.present.hash);

    const auto log = support::export_log(site.operating());
    ASSERT_EQ(log.size(), records + 1);
    const auto record = wire::decode<wire::AuditRecord>(log.back());
    ASSERT_EQ(record->type, wire::RecordType::update_approved);
    const auto details = wire::decode<wire::UpdateApprovedDetails>(record->details);
    ASSERT_TRUE(details.has_value());
    EXPECT_EQ(details->firmware_hash, site.next.hash);
    EXPECT_EQ(details->version, site.next.version);
    EXPECT_EQ(details->challenge, site.challenge_of(site.next));
    ASSERT_EQ(details->thumbprints.size(), 2u);
    EXPECT_EQ(details->thumbprints[1], site.people().officers[2].thumbprint());

    EXPECT_EQ(site.restart(), 1u);
    EXPECT_EQ(site.module().module().state(), wire::State::operational);
    EXPECT_EQ(site.state().firmware_hash, site.next.hash);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::none);
    const auto exported = support::export_log(site.operating());
    const auto started = wire::decode<wire::AuditRecord>(exported.back());
    EXPECT_EQ(started->type, wire::RecordType::started);
    EXPECT_EQ(wire::decode<wire::StartedDetails>(started->details)->firmware_hash, site.next.hash);
    EXPECT_EQ(site.restart(), 1u);
}

TEST_F(UpdateApproval, IsOnTrialUntilItIsUnlocked) {
    ASSERT_EQ(site.begin(site.next), Status::ok);
    ASSERT_EQ(site.write_all(site.next), Status::ok);
    ASSERT_EQ(site.finish(), Status::ok);
    site.module().stop();
    ASSERT_EQ(*site.device.start(), 1u);
    site.module().updater = &site.device.updater();
    site.module().start_locked();

    EXPECT_EQ(site.state().stage, wire::UpdateStage::on_trial);
    EXPECT_EQ(
        status(site.module().module().unlock(hsm::view_of("a wrong secret, 32 bytes of it too"))),
        Status::secret_wrong);
    EXPECT_EQ(site.state().stage, wire::UpdateStage::on_trial);
    EXPECT_EQ(site.restart(), 0u);
    EXPECT_EQ(site.state().firmware_hash, site.present.hash);
}

TEST_F(UpdateApproval, IsNotTheMakersAlone) {
    refused("no officer", site.next, {}, Status::assertion_missing);
    const auto challenge = site.challenge_of(site.next);
    const auto& people = site.people();
    refused("one of two officers",
            site.next,
            {people.officer_approves(challenge, 1)},
            Status::assertion_missing);
    refused("one officer twice",
            site.next,
            {people.officer_approves(challenge, 1), people.officer_approves(challenge, 1)},
            Status::assertion_repeated);
}

TEST_F(UpdateApproval, IsNotTheOfficersAlone) {
    auto unsigned_release = site.next;
    const auto header = header_of(next_form, site.next.images);
    unsigned_release.head = signed_head(header, site.people().officers[0]);
    refused("signed by an officer",
            unsigned_release,
            site.approvals_of(unsigned_release),
            Status::image_signature_wrong);
    unsigned_release.head = signed_head(header, site.people().custodians[0]);
    refused("signed by the custodian",
            unsigned_release,
            site.approvals_of(unsigned_release),
            Status::image_signature_wrong);
    std::fill(unsigned_release.head.begin() + 128, unsigned_release.head.end(), hsm::Byte{0});
    refused("not signed",
            unsigned_release,
            site.approvals_of(unsigned_release),
            Status::image_signature_wrong);
}

TEST_F(UpdateApproval, IsNotByOthers) {
    const auto challenge = site.challenge_of(site.next);
    const auto& people = site.people();
    const auto right = people.officer_approves(challenge, 0);
    const support::Passkey departed;
    refused("somebody who is no officer, or no longer",
            site.next,
            {right, departed.assertion(people.form(challenge))},
            Status::assertion_key_unknown);
    refused("the custodian",
            site.next,
            {right, people.custodians[0].assertion(people.form(challenge))},
            Status::assertion_key_unknown);
    const auto holder = support::enrol(site.module().target(), people);
    ASSERT_TRUE(holder.has_value());
    refused("a signer",
            site.next,
            {right, holder->keys[0].assertion(people.form(challenge))},
            Status::assertion_key_unknown);
    auto form = people.form(challenge);
    form.flags = support::user_present;
    refused("an officer who was not verified",
            site.next,
            {right, people.officers[1].assertion(form)},
            Status::assertion_flags_wrong);
}

// Each of them approved by two right officers, for something else.
TEST_F(UpdateApproval, IsForThisReleaseAndGroup) {
    const auto approve = [&](const wire::UpdateStatement& statement) {
        Bytes buffer(256);
        const auto challenge = *wire::tagged_hash(statement, buffer, support::sha256);
        return std::vector<Bytes>{site.people().officer_approves(challenge, 0),
                                  site.people().officer_approves(challenge, 1)};
    };
    const wire::UpdateStatement right{
        site.group_id(), site.next.hash, site.next.version, site.next.security_version};

    auto other = right;
    other.group_id[3] ^= 1;
    refused("another group", site.next, approve(other), Status::assertion_client_data_wrong);
    other = right;
    other.firmware_hash = site.present.hash;
    refused("another release", site.next, approve(other), Status::assertion_client_data_wrong);
    other = right;
    other.version += 1;
    refused("another version", site.next, approve(other), Status::assertion_client_data_wrong);
    other = right;
    other.security_version += 1;
    refused(
        "another security version", site.next, approve(other), Status::assertion_client_data_wrong);
    auto mixed = approve(right);
    mixed[1] = approve(other)[1];
    refused("one right, one not", site.next, mixed, Status::assertion_client_data_wrong);

    EXPECT_EQ(status(call(site.operating(), site.begin_request(site.next, approve(right)))),
              Status::ok);
}

// What was right once is not right again.
TEST_F(UpdateApproval, IsUsedUpByTheUpdate) {
    const auto approvals = site.approvals_of(site.next);
    const auto present_approvals = site.approvals_of(site.present);
    ASSERT_EQ(status(call(site.operating(), site.begin_request(site.next, approvals))), Status::ok);
    ASSERT_EQ(site.write_all(site.next), Status::ok);
    ASSERT_EQ(site.finish(), Status::ok);
    ASSERT_EQ(site.restart(), 1u);

    refused("the same again", site.next, approvals, Status::image_too_old);
    refused("the one before", site.present, present_approvals, Status::image_too_old);
    const auto insecure = make_release({.version = version_of(9, 0, 0), .security_version = 1});
    refused(
        "a lower security version", insecure, site.approvals_of(insecure), Status::image_too_old);
}

TEST_F(UpdateApproval, IsForOtherBoardsNotForThis) {
    auto form = next_form;
    form.board = "other_board";
    const auto release = make_release(form);
    refused("another board", release, site.approvals_of(release), Status::image_of_other_board);
}

TEST(UpdateOfABlankModule, NeedsTheMakerOnly) {
    support::TemporaryFolder folder;
    support::TestClock clock;
    const auto present = make_release({.version = 1, .security_version = 1});
    const auto next = make_release({.version = 2, .security_version = 1});
    SimDevice device;
    ASSERT_TRUE(device.flash_raw(0, present).has_value() && device.start().has_value());
    support::InProcessModule module(folder.path(), "blank", clock);
    module.stop();
    module.updater = &device.updater();
    module.start();
    ASSERT_EQ(module.module().state(), wire::State::blank);
    const auto operating = module.target(wire::Role::operating);

    wire::UpdateBeginRequest request;
    request.head = next.head;
    request.head[150] ^= 1;
    EXPECT_EQ(status(call(operating, request)), Status::image_signature_wrong);
    request.head[150] ^= 1;
    const support::People people;
    const auto assertion = people.officer_approves({});
    ASSERT_TRUE(request.assertions.push_back(assertion));
    EXPECT_EQ(status(call(operating, request)), Status::assertion_key_unknown);
    request.assertions.clear();
    EXPECT_EQ(status(call(operating, request)), Status::ok);
    EXPECT_EQ(status(call(operating, wire::UpdateWriteRequest{0, next.images[1]})), Status::ok);
    EXPECT_EQ(status(call(operating, wire::UpdateFinishRequest{})), Status::ok);
    module.stop();
    EXPECT_EQ(*device.start(), 1u);
}

TEST(UpdateWithoutALoader, IsNotSupported) {
    support::ModuleGroup group;
    const auto operating = group.target(0, wire::Role::operating);
    EXPECT_EQ(status(call(operating, wire::UpdateBeginRequest{})), Status::not_supported);
    const Bytes chunk(32);
    EXPECT_EQ(status(call(operating, wire::UpdateWriteRequest{0, chunk})), Status::not_supported);
    EXPECT_EQ(status(call(operating, wire::UpdateFinishRequest{})), Status::not_supported);
    EXPECT_EQ(status(call(operating, wire::UpdateStateRequest{})), Status::not_supported);
}

}  // namespace
}  // namespace tests::hostile
