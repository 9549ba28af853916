#include "cloudsign/credential/phone_moves.h"

#include "cloudsign/approval/rebind_payload.h"
#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/notice_table.h"
#include "cloudsign/store/push_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/support/cloud_fixture.h"

// A new phone in an old one's place, over two modules.
namespace cloudsign::credential {
namespace {

using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;
using tests::support::Person;
using transaction::State;

class PhoneMovesTest : public testing::Test {
protected:
    PhoneMovesTest() : cloud_(2) {
        cloud_.make_authority();
        person_ = cloud_.enrol("an");
    }

    Announced announce(const Passkey& passkey, const std::string& peer = "192.0.2.1") {
        auto announced = cloud_->moves.announce(
            {{passkey.point(), passkey.is_backup_eligible()}, "new phone", peer});
        CHECK(announced.has_value());
        return *std::move(announced);
    }
    // The transaction by which the only key changes hands.
    std::string take(const Announced& announced) {
        const auto taken = cloud_->moves.take(person_.device, announced.move.thumbprint);
        CHECK(taken.has_value() && taken->items.size() == 1);
        return taken->items.front().transaction.id;
    }
    store::PhoneMove move_of(const Announced& announced) {
        const auto move = cloud_->moves.authenticate(announced.session);
        CHECK(move.has_value());
        return **move;
    }
    Result<store::Transaction> old_approves(const std::string& id) {
        return cloud_.approve(person_, id);
    }
    Result<store::Transaction> new_approves(const Announced& announced,
                                            const Passkey& passkey,
                                            const std::string& id) {
        return cloud_->moves.approve(
            move_of(announced), id, cloud_.assertion(passkey, cloud_.stored(id)));
    }
    MoveState state_of(const Announced& announced) {
        const auto progress = cloud_->moves.progress(move_of(announced));
        CHECK(progress.has_value());
        return progress->state;
    }
    store::DeviceStatus status_of(const std::string& device_id) {
        const auto device = cloud_.database->read(
            [&](store::Session& session) { return store::DeviceTable(session).by_id(device_id); });
        CHECK(device.has_value() && device->has_value());
        return (*device)->status;
    }
    // Of the old blob, which a hostile server may have kept.
    hsm::Status old_blob_at(std::size_t module) {
        cloud_.modules.first = module;
        OpenCall call;
        call.blob = *person_.credential.blob;
        call.algorithm = tests::support::es256;
        call.leaf_count = 1;
        call.lifetime_ms = 1000;
        const auto opened = cloud_.modules.open_activation(call);
        return opened ? hsm::Status::ok : opened.error();
    }
    std::size_t other_than(const hsm::Digest& module_id) {
        return cloud_.modules.members()[0].module_id == module_id ? 1 : 0;
    }

    Cloud cloud_;
    Person person_;
};

TEST_F(PhoneMovesTest, MovesTheKeyOnceBothPhonesApprove) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    EXPECT_EQ(state_of(announced), MoveState::open);
    store::PushSubscription subscription;
    subscription.device_id = person_.device.id;
    subscription.endpoint = "https://push.example/a";
    ASSERT_TRUE(cloud_.database
                    ->write([&](store::Session& session) {
                        return store::PushTable(session).put(subscription);
                    })
                    .has_value());
    ASSERT_TRUE(cloud_->signers.set_email("an", "an@kyso.example").has_value());
    Moved told;
    cloud_->moves.on_moved([&](const Moved& moved) { told = moved; });

    const auto id = take(announced);
    const auto device_id = *move_of(announced).device_id;
    EXPECT_EQ(state_of(announced), MoveState::waiting);
    EXPECT_EQ(status_of(device_id), store::DeviceStatus::joining);
    ASSERT_TRUE(old_approves(id).has_value());
    EXPECT_EQ(cloud_.stored_credential(person_.credential.id).version, 1u);
    const auto approved = new_approves(announced, passkey, id);
    ASSERT_TRUE(approved.has_value()) << approved.error().detail;

    EXPECT_EQ(state_of(announced), MoveState::done);
    EXPECT_EQ(cloud_.stored(id).state, State::signed_);
    const auto credential = cloud_.stored_credential(person_.credential.id);
    EXPECT_EQ(credential.version, 2u);
    EXPECT_EQ(credential.status, store::CredentialStatus::enabled);
    EXPECT_EQ(credential.certificate, person_.credential.certificate);
    for (const std::size_t module : {0, 1}) {
        EXPECT_EQ(old_blob_at(module), hsm::Status::blob_revoked);
    }
    EXPECT_EQ(status_of(person_.device.id), store::DeviceStatus::removed);
    EXPECT_EQ(status_of(device_id), store::DeviceStatus::active);
    const auto push = cloud_.database->read([&](store::Session& session) {
        return store::PushTable(session).of_device(person_.device.id);
    });
    ASSERT_TRUE(push.has_value());
    EXPECT_FALSE(push->has_value());
    identity::DeviceSessions sessions(*cloud_.database, cloud_.clock);
    const auto device = sessions.authenticate(announced.session);
    ASSERT_TRUE(device.has_value());
    EXPECT_EQ((*device)->id, device_id);
    const auto notices = cloud_.database->read(
        [](store::Session& session) { return store::NoticeTable(session).page("", 10); });
    ASSERT_TRUE(notices.has_value() && !notices->empty());
    EXPECT_EQ(notices->front().kind, store::NoticeKind::phone_replaced);
    EXPECT_EQ(notices->front().about, "new phone");
    EXPECT_EQ(told.credential_id, person_.credential.id);
    EXPECT_EQ(told.old_device_id, person_.device.id);
    EXPECT_EQ(told.device_id, device_id);
}

TEST_F(PhoneMovesTest, TheNewPhoneSignsAndTheOldOneNoMore) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(new_approves(announced, passkey, id).has_value());
    ASSERT_TRUE(old_approves(id).has_value());
    Person renewed = person_;
    renewed.credential = cloud_.stored_credential(person_.credential.id);
    renewed.passkey = passkey;
    renewed.device.thumbprint = passkey.thumbprint();
    const auto request = cloud_.request_for(renewed);

    const auto opened = cloud_->transactions.open(request);
    ASSERT_TRUE(opened.has_value()) << opened.error().detail;
    EXPECT_EQ(kind_of(cloud_.approve(person_, opened->id)), ErrorKind::assertion_refused);
    const auto approved = cloud_.approve(renewed, opened->id);
    ASSERT_TRUE(approved.has_value()) << approved.error().detail;
    const auto made = cloud_->transactions.sign(*approved, {request.documents[0].hash});

    ASSERT_TRUE(made.has_value()) << made.error().detail;
    EXPECT_TRUE(tests::support::verifies(tests::support::spki_of(renewed.credential),
                                         request.algorithm,
                                         request.documents[0].hash,
                                         made->front().signature));
}

TEST_F(PhoneMovesTest, TheModuleTakesNoChangeThatTheNewPhoneHasNotSigned) {
    const Passkey passkey;
    const auto id = take(announce(passkey));
    ASSERT_TRUE(old_approves(id).has_value());
    EXPECT_EQ(cloud_.stored(id).state, State::seen);
    EXPECT_EQ(kind_of(old_approves(id)), ErrorKind::conflict);  // once is enough, and not for two

    const auto transaction = cloud_.stored(id);
    const auto assertions = cloud_->transactions.assertions(id);
    const auto payload = approval::read_rebind(transaction.payload);
    ASSERT_TRUE(assertions.has_value() && payload.has_value());
    const auto rebound = cloud_.modules.rebind(transaction.module_id,
                                               *person_.credential.blob,
                                               transaction.preimage,
                                               transaction.mac,
                                               *assertions,
                                               payload->policy);

    ASSERT_FALSE(rebound.has_value());
    EXPECT_EQ(rebound.error(), hsm::Status::assertion_missing);
}

// What both have signed names one passkey; the database may say another afterwards.
TEST_F(PhoneMovesTest, TheModuleTakesNoOtherPasskeyThanTheOneThatBothApproved) {
    const Passkey passkey;
    const Passkey other;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    const auto assertion = cloud_.assertion(passkey, cloud_.stored(id));
    cloud_.modules.down = {other_than(cloud_.stored(id).module_id) == 0 ? 1u : 0u};
    EXPECT_EQ(kind_of(cloud_->moves.approve(move_of(announced), id, assertion)),
              ErrorKind::unavailable);
    auto transaction = cloud_.stored(id);
    auto payload = approval::read_rebind(transaction.payload);
    ASSERT_TRUE(payload.has_value());
    auto policy = hsm::protocol::decode<hsm::protocol::Policy>(payload->policy);
    ASSERT_TRUE(policy.has_value());
    policy->points[0] = other.point();
    Bytes forged(hsm::protocol::policy_size_max);
    const auto encoded = hsm::protocol::encode(*policy, forged);
    ASSERT_TRUE(encoded.has_value());
    forged.resize(encoded->size());
    payload->policy = forged;
    transaction.payload = approval::write_rebind(*payload);
    cloud_.store(transaction);

    cloud_.modules.down.clear();
    cloud_->approvals.retry();

    EXPECT_EQ(cloud_.stored(id).state, State::expired);
    EXPECT_EQ(state_of(announced), MoveState::expired);
    EXPECT_EQ(cloud_.stored_credential(person_.credential.id).version, 1u);
    EXPECT_EQ(old_blob_at(0), hsm::Status::ok);
    EXPECT_EQ(status_of(person_.device.id), store::DeviceStatus::active);
}

TEST_F(PhoneMovesTest, AnApprovalCountsForOneQuestionAlone) {
    const Passkey passkey;
    const auto first = take(announce(passkey));
    const auto given = cloud_.assertion(person_.passkey, cloud_.stored(first));
    cloud_.advance(1);

    const auto second = take(announce(passkey));

    EXPECT_EQ(cloud_.stored(first).state, State::rejected);
    EXPECT_EQ(kind_of(cloud_->approvals.approve(person_.device, first, given)),
              ErrorKind::conflict);
    EXPECT_EQ(kind_of(cloud_->approvals.approve(person_.device, second, given)),
              ErrorKind::assertion_refused);
}

TEST_F(PhoneMovesTest, IsNobodyElses) {
    const auto other = cloud_.enrol("binh");
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);

    EXPECT_EQ(kind_of(cloud_->moves.take(other.device, announced.move.thumbprint)),
              ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->approvals.approve(
                  other.device, id, cloud_.assertion(other.passkey, cloud_.stored(id)))),
              ErrorKind::not_found);
    const auto theirs = announce(Passkey());
    EXPECT_EQ(kind_of(cloud_->moves.take(cloud_.officer(), theirs.move.thumbprint)),
              ErrorKind::forbidden);
    ASSERT_TRUE(cloud_->moves.take(other.device, theirs.move.thumbprint).has_value());
    EXPECT_EQ(kind_of(cloud_->moves.approve(
                  move_of(theirs), id, cloud_.assertion(passkey, cloud_.stored(id)))),
              ErrorKind::not_found);
}

TEST_F(PhoneMovesTest, IsFoundByTheShortCodeThatIsTyped) {
    const Passkey passkey;
    const auto announced = announce(passkey);

    const auto taken = cloud_->moves.take(person_.device, announced.move.short_code);

    ASSERT_TRUE(taken.has_value()) << taken.error().detail;
    EXPECT_EQ(taken->move.thumbprint, passkey.thumbprint());
    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device, "0000-0000-0000")), ErrorKind::not_found);
    const auto again = cloud_->moves.take(person_.device, announced.move.short_code);
    ASSERT_TRUE(again.has_value()) << again.error().detail;
    EXPECT_EQ(again->items[0].transaction.id, taken->items[0].transaction.id);
}

TEST_F(PhoneMovesTest, RunsOutOfTime) {
    const Passkey passkey;
    const auto late = announce(passkey);
    cloud_.advance(PhoneMoves::open_ms);
    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device, late.move.thumbprint)),
              ErrorKind::not_found);
    EXPECT_EQ(state_of(late), MoveState::expired);

    const auto announced = announce(passkey);
    const auto id = take(announced);
    cloud_.advance(tests::support::answer_ms);

    EXPECT_EQ(kind_of(old_approves(id)), ErrorKind::expired);
    EXPECT_EQ(kind_of(new_approves(announced, passkey, id)), ErrorKind::expired);
    EXPECT_EQ(state_of(announced), MoveState::expired);
}

TEST_F(PhoneMovesTest, IsFinishedWhenTheOtherModuleIsThereAgain) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    const auto assertion = cloud_.assertion(passkey, cloud_.stored(id));
    cloud_.modules.down = {other_than(cloud_.stored(id).module_id)};

    EXPECT_EQ(kind_of(cloud_->moves.approve(move_of(announced), id, assertion)),
              ErrorKind::unavailable);
    EXPECT_EQ(state_of(announced), MoveState::finishing);
    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device, announce(Passkey()).move.thumbprint)),
              ErrorKind::conflict);
    cloud_->approvals.retry();
    EXPECT_EQ(state_of(announced), MoveState::finishing);

    // Far longer than a request lives.
    cloud_.advance(24 * tests::support::sign_ms);
    ASSERT_TRUE(cloud_->transactions.sweep().has_value());
    cloud_.restart_server();
    cloud_.modules.down.clear();
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_EQ(state_of(announced), MoveState::done);
    EXPECT_EQ(cloud_.stored_credential(person_.credential.id).version, 2u);
    EXPECT_EQ(old_blob_at(0), hsm::Status::blob_revoked);
    EXPECT_EQ(old_blob_at(1), hsm::Status::blob_revoked);
}

TEST_F(PhoneMovesTest, AsksBothAgainWhenTheModuleForgot) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    const auto assertion = cloud_.assertion(passkey, cloud_.stored(id));
    const auto other = other_than(cloud_.stored(id).module_id);
    cloud_.restart_module(1 - other);

    EXPECT_EQ(kind_of(cloud_->moves.approve(move_of(announced), id, assertion)),
              ErrorKind::conflict);
    EXPECT_EQ(cloud_.stored(id).state, State::notified);
    ASSERT_TRUE(new_approves(announced, passkey, id).has_value());
    ASSERT_TRUE(old_approves(id).has_value());

    EXPECT_EQ(state_of(announced), MoveState::done);
}

TEST_F(PhoneMovesTest, PortalsAskTheNewPhoneWhatTheyHadAskedTheOldOne) {
    const auto waiting = cloud_->transactions.open(cloud_.request_for(person_));
    auto second = cloud_.request_for(person_, 2);
    const auto approved = cloud_->transactions.open(second);
    ASSERT_TRUE(waiting.has_value() && approved.has_value());
    ASSERT_TRUE(cloud_.approve(person_, approved->id).has_value());
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    ASSERT_TRUE(new_approves(announced, passkey, id).has_value());
    auto renewed = person_;
    renewed.passkey = passkey;
    renewed.device.thumbprint = passkey.thumbprint();

    for (const auto& one : {*waiting, *approved}) {
        EXPECT_TRUE(transaction::is_waiting(cloud_.stored(one.id).state));
        ASSERT_TRUE(cloud_.approve(renewed, one.id).has_value());
        const auto current = cloud_.stored(one.id);
        EXPECT_TRUE(cloud_->transactions.sign(current, {one.documents[0].hash}).has_value());
    }
}

TEST_F(PhoneMovesTest, ALostPhoneTakesTheOneThatWasToFollowItAlong) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    identity::DeviceSessions sessions(*cloud_.database, cloud_.clock);

    ASSERT_TRUE(sessions.remove_all_of("an").has_value());

    EXPECT_EQ(kind_of(cloud_->moves.authenticate(announced.session)), ErrorKind::unauthenticated);
}

TEST_F(PhoneMovesTest, OfficersEndAKeyThatIsHalfChangedOnceItIsWhole) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(old_approves(id).has_value());
    const auto assertion = cloud_.assertion(passkey, cloud_.stored(id));
    cloud_.modules.down = {other_than(cloud_.stored(id).module_id)};
    ASSERT_FALSE(cloud_->moves.approve(move_of(announced), id, assertion).has_value());
    const auto revoke = [&] {
        return cloud_->credentials.revoke(person_.credential.id,
                                          pki::RevocationReason::key_compromise);
    };

    EXPECT_EQ(kind_of(revoke()), ErrorKind::conflict);
    EXPECT_EQ(cloud_.stored_credential(person_.credential.id).status,
              store::CredentialStatus::deleted);
    cloud_.modules.down.clear();
    cloud_->approvals.retry();
    ASSERT_EQ(cloud_.stored(id).state, State::signed_);
    const auto asked = revoke();
    ASSERT_TRUE(asked.has_value()) << asked.error().detail;
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    EXPECT_FALSE(cloud_.stored_credential(person_.credential.id).blob.has_value());
}

TEST_F(PhoneMovesTest, ARevokedKeyIsNotChangedAnyMore) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);

    ASSERT_TRUE(
        cloud_->credentials.revoke(person_.credential.id, pki::RevocationReason::key_compromise)
            .has_value());

    EXPECT_EQ(cloud_.stored(id).state, State::rejected);
    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device, announce(Passkey()).move.thumbprint)),
              ErrorKind::conflict);
}

TEST_F(PhoneMovesTest, WhoDidNotStartItSuspendsTheSigning) {
    const auto id = take(announce(Passkey()));
    using Refusal = transaction::TransactionService::Refusal;

    ASSERT_TRUE(cloud_->approvals.refuse(person_.device, id, Refusal::not_mine).has_value());

    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device, announce(Passkey()).move.thumbprint)),
              ErrorKind::conflict);
    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::active).has_value());
    EXPECT_TRUE(
        cloud_->moves.take(person_.device, announce(Passkey()).move.thumbprint).has_value());
}

TEST_F(PhoneMovesTest, StandsStillWhileSigningIsSuspended) {
    const Passkey passkey;
    const auto announced = announce(passkey);
    const auto id = take(announced);
    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::frozen).has_value());

    EXPECT_EQ(kind_of(old_approves(id)), ErrorKind::conflict);
    EXPECT_EQ(kind_of(new_approves(announced, passkey, id)), ErrorKind::conflict);
    EXPECT_TRUE(transaction::is_waiting(cloud_.stored(id).state));

    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::active).has_value());
    ASSERT_TRUE(old_approves(id).has_value());
    ASSERT_TRUE(new_approves(announced, passkey, id).has_value());

    EXPECT_EQ(state_of(announced), MoveState::done);
}

TEST_F(PhoneMovesTest, TheNewPhoneMaySayNoToo) {
    const auto announced = announce(Passkey());
    const auto id = take(announced);

    ASSERT_TRUE(cloud_->moves.reject(move_of(announced)).has_value());

    EXPECT_EQ(cloud_.stored(id).state, State::rejected);
    EXPECT_EQ(state_of(announced), MoveState::rejected);
}

TEST_F(PhoneMovesTest, APasskeyIsWhatItWasAnnouncedAs) {
    const Passkey synced(Passkey::Backup::eligible);
    const auto announced = cloud_->moves.announce({{synced.point(), false}, "new phone", "::1"});
    ASSERT_TRUE(announced.has_value());
    const auto id = take(*announced);

    EXPECT_EQ(kind_of(new_approves(*announced, synced, id)), ErrorKind::assertion_refused);
}

TEST_F(PhoneMovesTest, IsBounded) {
    for (std::int64_t i = 0; i < PhoneMoves::open_of_peer_max; ++i) {
        announce(Passkey());
    }
    const Passkey passkey;
    const NewPhone one_more{{passkey.point(), false}, "new phone", "192.0.2.1"};
    EXPECT_EQ(kind_of(cloud_->moves.announce(one_more)), ErrorKind::busy);
    announce(passkey, "192.0.2.2");
    cloud_.advance(PhoneMoves::open_ms);
    EXPECT_TRUE(cloud_->moves.announce(one_more).has_value());

    for (std::int64_t i = 0; i < PhoneMoves::taken_max; ++i) {
        take(announce(Passkey(), "192.0.2.3"));
    }
    EXPECT_EQ(kind_of(cloud_->moves.take(person_.device,
                                         announce(Passkey(), "192.0.2.3").move.thumbprint)),
              ErrorKind::busy);
}

}  // namespace
}  // namespace cloudsign::credential
