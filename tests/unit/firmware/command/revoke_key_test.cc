#include "tests/support/module_fixture.h"

// A key that officers end: the phone is lost, or its holder has left.
namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

class RevokeKey : public testing::Test {
protected:
    explicit RevokeKey(const People& people = {})
        : group_(2, people), holder_(*enrol(group_.target(0), group_.people)) {}

    hsm::Result<Activation> open(std::size_t module) {
        return open_activation(group_.target(module),
                               holder_.blob,
                               wire::Purpose::revoke,
                               {},
                               1,
                               revoke_root(holder_.blob));
    }
    hsm::Result<Bytes> revoke_key(const Activation& activation,
                                  const std::vector<Bytes>& assertions,
                                  std::size_t module = 0) {
        wire::RevokeKeyRequest request{holder_.blob, activation.preimage, activation.mac, {}, 1000};
        for (const auto& assertion : assertions) {
            CHECK(request.assertions.push_back(assertion));
        }
        TRY_ASSIGN(auto reply, call(group_.target(module), request));
        return copy_of(reply->revocation);
    }
    Bytes approved(const Activation& activation) const {
        return group_.people.officer_approves(activation.challenge);
    }
    Status signing(std::size_t module) {
        const auto signing = approved_signing(group_.target(module), group_.people, holder_);
        return signing ? status(call(group_.target(module), signing->request())) : signing.error();
    }

    ModuleGroup group_;
    const Holder holder_;
};

TEST_F(RevokeKey, EndsTheKeyOnEveryMember) {
    const auto activation = open(0);
    ASSERT_EQ(status(activation), Status::ok);
    // Opened before: dead as well.
    const auto before = approved_signing(group_.target(0), group_.people, holder_);
    ASSERT_TRUE(before);

    const auto revocation = revoke_key(*activation, {approved(*activation)});

    ASSERT_EQ(status(revocation), Status::ok);
    EXPECT_EQ(status(call(group_.target(0), before->request())), Status::blob_revoked);
    EXPECT_EQ(signing(0), Status::blob_revoked);
    EXPECT_EQ(signing(1), Status::ok);  // until it is told
    ASSERT_EQ(status(call(group_.target(1), wire::RevokeRequest{*revocation, 1000})), Status::ok);
    EXPECT_EQ(signing(1), Status::blob_revoked);
    for (const std::size_t module : {0, 1}) {
        group_[module].restart();
        EXPECT_EQ(signing(module), Status::blob_revoked);
        EXPECT_EQ(status(open(module)), Status::blob_revoked);
    }
}

// The answer may be lost, and the module may start anew: nothing is approved again.
TEST_F(RevokeKey, SaysItAgain) {
    const auto activation = open(0);
    const auto revocation = revoke_key(*activation, {approved(*activation)});
    ASSERT_TRUE(revocation);
    group_[0].restart();

    EXPECT_EQ(*revoke_key({}, {}), *revocation);
}

TEST_F(RevokeKey, NeedsAnOfficerAndNobodyElse) {
    const auto activation = open(0);
    const auto form = group_.people.form(activation->challenge);
    const Passkey stranger;

    EXPECT_EQ(status(revoke_key(*activation, {})), Status::assertion_missing);
    EXPECT_EQ(status(revoke_key(*activation, {holder_.keys[0].assertion(form)})),
              Status::assertion_key_unknown);
    EXPECT_EQ(status(revoke_key(*activation, {stranger.assertion(form)})),
              Status::assertion_key_unknown);
    EXPECT_EQ(signing(0), Status::ok);
}

TEST_F(RevokeKey, TakesNoActivationOfAnythingElse) {
    const auto other_root = open_activation(
        group_.target(0), holder_.blob, wire::Purpose::revoke, {}, 1, random_digest());
    ASSERT_EQ(status(other_root), Status::ok);
    EXPECT_EQ(status(revoke_key(*other_root, {approved(*other_root)})), Status::leaf_path_wrong);

    const auto rebinding = open_activation(
        group_.target(0), holder_.blob, wire::Purpose::rebind, {}, 1, revoke_root(holder_.blob));
    ASSERT_EQ(status(rebinding), Status::ok);
    EXPECT_EQ(status(revoke_key(*rebinding, {approved(*rebinding)})),
              Status::activation_purpose_wrong);

    const auto here = open(0);
    EXPECT_EQ(status(revoke_key(*here, {approved(*here)}, 1)), Status::activation_mac_wrong);
    const auto unbound = open_activation(group_.target(0),
                                         holder_.unbound,
                                         wire::Purpose::revoke,
                                         {},
                                         1,
                                         revoke_root(holder_.unbound));
    EXPECT_EQ(status(unbound), Status::blob_unbound);
    EXPECT_EQ(signing(0), Status::ok);
}

// What was prepared for another phone is no way around: that is finished first, and then dies.
TEST_F(RevokeKey, FollowsARebindThatWasBegun) {
    const Passkey new_key;
    const auto policy = policy_of(group_.people, {{new_key}, holder_.subject_hash});
    const auto rebinding = open_activation(group_.target(0),
                                           holder_.blob,
                                           wire::Purpose::rebind,
                                           {},
                                           1,
                                           rebind_root(holder_.blob, policy));
    const auto activation = open(0);
    const auto form = group_.people.form(rebinding->challenge);
    const auto by_old = holder_.keys[0].assertion(form);
    const auto by_new = new_key.assertion(form);
    wire::RebindPrepareRequest prepare{
        holder_.blob, rebinding->preimage, rebinding->mac, {}, policy, 0};
    CHECK(prepare.assertions.push_back(by_old));
    CHECK(prepare.assertions.push_back(by_new));
    ASSERT_EQ(status(call(group_.target(0), prepare)), Status::ok);

    EXPECT_EQ(status(revoke_key(*activation, {approved(*activation)})), Status::blob_revoked);
}

// Three passkeys of two officers, both needed.
People two_officers() {
    People people;
    people.officers = std::vector<Passkey>(3);
    people.officers_needed = 2;
    people.officers_persons = {1, 1, 2};
    return people;
}

class RevokeKeyByTwo : public RevokeKey {
protected:
    RevokeKeyByTwo() : RevokeKey(two_officers()) {}
};

TEST_F(RevokeKeyByTwo, TakesTwoPeople) {
    const auto activation = open(0);
    ASSERT_TRUE(activation);
    const auto by = [&](std::size_t officer) {
        return group_.people.officer_approves(activation->challenge, officer);
    };
    EXPECT_EQ(status(revoke_key(*activation, {by(2)})), Status::assertion_missing);
    EXPECT_EQ(status(revoke_key(*activation, {by(2), by(2)})), Status::assertion_repeated);
    EXPECT_EQ(status(revoke_key(*activation, {by(0), by(1)})), Status::assertion_missing);
    EXPECT_EQ(signing(0), Status::ok);

    EXPECT_EQ(status(revoke_key(*activation, {by(1), by(2)})), Status::ok);
    EXPECT_EQ(signing(0), Status::blob_revoked);
}

TEST_F(RevokeKeyByTwo, TakesNoOtherApprovalOfTheirs) {
    const auto activation = open(0);
    ASSERT_TRUE(activation);
    const auto by_second = group_.people.officer_approves(activation->challenge, 2);
    auto signing_in = group_.people.form(activation->challenge);
    signing_in.rp_id = "login.kyso.test";
    signing_in.origin = "https://login.kyso.test";
    const auto signed_in = group_.people.officers[0].assertion(signing_in);
    const auto of_another = group_.people.officer_approves(random_digest());

    const auto with_sign_in = status(revoke_key(*activation, {signed_in, by_second}));
    EXPECT_TRUE(with_sign_in == Status::assertion_client_data_wrong ||
                with_sign_in == Status::assertion_rp_id_wrong);
    EXPECT_EQ(status(revoke_key(*activation, {of_another, by_second})),
              Status::assertion_client_data_wrong);
    const auto by_first = group_.people.officer_approves(activation->challenge);
    group_.clock.now_ms += 3'600'000;
    EXPECT_EQ(status(revoke_key(*activation, {by_first, by_second})), Status::activation_expired);
    EXPECT_EQ(signing(0), Status::ok);
}

// On record: who approved, and that no version follows.
TEST_F(RevokeKey, IsOnRecord) {
    const auto activation = open(0);
    ASSERT_TRUE(revoke_key(*activation, {approved(*activation)}));

    const auto log = export_log(group_.target(0));
    const auto record = wire::decode<wire::AuditRecord>(log.back());
    ASSERT_TRUE(record);
    ASSERT_EQ(record->type, wire::RecordType::revocation_approved);
    const auto details = wire::decode<wire::KeyChangedDetails>(record->details);
    ASSERT_TRUE(details);
    EXPECT_EQ(details->version, 2u);
    EXPECT_EQ(details->challenge, activation->challenge);
    ASSERT_EQ(details->thumbprints.size(), 1u);
    EXPECT_EQ(details->thumbprints[0], group_.people.officers[0].thumbprint());
}

}  // namespace
