#include <gmock/gmock.h>

#include "cloudsign/notice/notices.h"
#include "tests/support/cloud_fixture.h"

// Another certificate for a living key, and what the credential's life shows of it.
namespace cloudsign::credential {
namespace {

using store::CertificateEventKind;
using store::CredentialStatus;
using testing::ElementsAre;
using testing::HasSubstr;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Person;
using transaction::State;

constexpr std::int64_t day_ms = 24ll * 3600 * 1000;
constexpr std::int64_t year_ms = 365 * day_ms;
constexpr auto stays_valid = OldCertificate::stays_valid;
constexpr auto superseded = OldCertificate::superseded;

class RenewalTest : public testing::Test {
protected:
    RenewalTest() { cloud_.make_authority(); }

    Result<store::Transaction> ask(const Person& person, OldCertificate old = stays_valid) {
        return cloud_->credentials.renew({person.credential.id}, old);
    }
    store::Credential renew(const Person& person, OldCertificate old = stays_valid) {
        CHECK(ask(person, old).has_value());
        CHECK(cloud_.officer_approves_all() == 1);
        return now(person);
    }
    store::Credential now(const Person& person) {
        return cloud_.stored_credential(person.credential.id);
    }
    std::vector<LivedCertificate> life(const Person& person) {
        auto life = cloud_->credentials.life(now(person));
        CHECK(life.has_value());
        return *std::move(life);
    }
    std::string refusal(const Person& person) {
        const auto refused = ask(person);
        CHECK(!refused.has_value() && refused.error().kind == ErrorKind::conflict);
        return refused.error().detail;
    }
    std::vector<std::string> mails() {
        const auto log = notice::Notices(*cloud_.database, cloud_.clock).log("", 100);
        std::vector<std::string> kinds;
        for (const auto& notice : *log) {
            kinds.emplace_back(name(notice.kind));
        }
        return kinds;
    }
    void add_address(const Person& person) {
        CHECK(cloud_->signers.set_email(person.signer_id, "an@kyso.example").has_value());
    }

    Cloud cloud_;
};

std::vector<CertificateEventKind> kinds(const LivedCertificate& certificate) {
    std::vector<CertificateEventKind> kinds;
    for (const auto& event : certificate.events) {
        kinds.push_back(event.kind);
    }
    return kinds;
}

TEST_F(RenewalTest, MakesAnotherCertificateOfTheSameKeyAndSubject) {
    const auto person = cloud_.enrol("an");
    cloud_.advance(4 * year_ms);

    const auto renewed = renew(person);

    EXPECT_EQ(renewed.status, CredentialStatus::enabled);
    EXPECT_NE(renewed.serial_number, person.credential.serial_number);
    EXPECT_EQ(*renewed.valid_from, cloud_.clock.now_ms() / 1000 * 1000);
    EXPECT_EQ(*renewed.valid_to - *renewed.valid_from, pki::renewal_ms(pki::Profile::person));
    const auto before = pki::read_certificate(*person.credential.certificate);
    const auto after = pki::read_certificate(*renewed.certificate);
    EXPECT_EQ(before->spki, after->spki);
    EXPECT_EQ(before->subject, after->subject);
    EXPECT_EQ(cloud_->credentials.chain(renewed)->front(), *renewed.certificate);
    EXPECT_EQ(renewed.blob, person.credential.blob);
}

TEST_F(RenewalTest, IsNamedToTheOfficersAsWhatItIs) {
    const auto person = cloud_.enrol("an");

    EXPECT_EQ(ask(person)->purpose_text, "renewal of 1 certificate");
    cloud_.officer_approves_all();
    EXPECT_EQ(ask(person, superseded)->purpose_text,
              "renewal of 1 certificate; those before are revoked (superseded)");
}

TEST_F(RenewalTest, NeverEndsBeforeTheCertificateWhosePlaceItTakes) {
    const auto person = cloud_.enrol("an");
    cloud_.advance(day_ms);

    EXPECT_EQ(renew(person).valid_to, person.credential.valid_to);
}

TEST_F(RenewalTest, KeepsTheOldCertificateValidUnlessItIsSuperseded) {
    const auto person = cloud_.enrol("an");
    const auto binh = cloud_.enrol("binh");
    cloud_.advance(day_ms);
    const auto second = renew(person);
    cloud_.advance(day_ms);

    auto shown = life(person);
    ASSERT_EQ(shown.size(), 2u);
    EXPECT_EQ(shown[0].facts.serial_number, person.credential.serial_number);
    EXPECT_EQ(shown[0].state, CertificateState::valid);
    EXPECT_FALSE(shown[0].is_in_use);
    EXPECT_EQ(shown[1].facts.serial_number, second.serial_number);
    EXPECT_EQ(shown[1].state, CertificateState::valid);
    EXPECT_TRUE(shown[1].is_in_use);

    renew(person, superseded);

    shown = life(person);
    ASSERT_EQ(shown.size(), 3u);
    for (const auto i : {0, 1}) {
        EXPECT_EQ(shown[i].state, CertificateState::revoked);
        EXPECT_EQ(shown[i].reason, pki::RevocationReason::superseded);
        EXPECT_EQ(shown[i].events.back().at, cloud_.clock.now_ms());
        EXPECT_EQ(shown[i].events.back().reason, store::reason_superseded);
    }
    EXPECT_THAT(kinds(shown[0]),
                ElementsAre(CertificateEventKind::issued, CertificateEventKind::revoked));
    EXPECT_THAT(kinds(shown[1]),
                ElementsAre(CertificateEventKind::renewed, CertificateEventKind::revoked));
    EXPECT_EQ(shown[2].state, CertificateState::valid);
    EXPECT_EQ(life(binh).front().state, CertificateState::valid);
}

TEST_F(RenewalTest, RenewsManyInOneApproval) {
    std::vector<std::string> ids;
    for (const auto* who : {"an", "binh", "chi"}) {
        ids.push_back(cloud_.enrol(who).credential.id);
    }

    ASSERT_TRUE(cloud_->credentials.renew(ids, stays_valid).has_value());
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    for (const auto& id : ids) {
        EXPECT_EQ(cloud_->credentials.life(cloud_.stored_credential(id))->size(), 2u);
    }
}

TEST_F(RenewalTest, IsRefusedInWords) {
    const auto person = cloud_.enrol("an");
    ASSERT_TRUE(cloud_->credentials.suspend(person.credential.id).has_value());
    EXPECT_THAT(refusal(person), HasSubstr("is suspended"));
    ASSERT_TRUE(cloud_->credentials.resume_use(person.credential.id).has_value());

    const auto asked = ask(person);
    ASSERT_TRUE(asked.has_value());
    EXPECT_THAT(refusal(person), HasSubstr(asked->id));
    EXPECT_EQ(cloud_->approvals.pending(cloud_.officer())->size(), 1u);

    ASSERT_TRUE(
        cloud_->credentials.revoke(person.credential.id, pki::RevocationReason::unspecified));
    EXPECT_THAT(refusal(person), HasSubstr("is revoked"));

    cloud_.add_signer("binh");
    const auto invited =
        cloud_->credentials.invite("binh", hsm::protocol::KeyType::p256, "")->credential;
    const auto early = cloud_->credentials.renew({invited.id}, stays_valid);
    EXPECT_EQ(kind_of(early), ErrorKind::conflict);
    EXPECT_THAT(early.error().detail, HasSubstr("has no certificate yet"));

    EXPECT_EQ(kind_of(cloud_->credentials.renew({"cred_none"}, stays_valid)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(cloud_->credentials.renew({}, stays_valid)), ErrorKind::invalid);
}

TEST_F(RenewalTest, RenewsNoneOfABatchThatHasOneThatCannotBe) {
    const auto person = cloud_.enrol("an");
    const auto other = cloud_.enrol("binh");
    ASSERT_TRUE(cloud_->credentials.suspend(other.credential.id).has_value());

    const auto refused =
        cloud_->credentials.renew({person.credential.id, other.credential.id}, stays_valid);

    EXPECT_EQ(kind_of(refused), ErrorKind::conflict);
    EXPECT_THAT(refused.error().detail, HasSubstr(other.credential.id));
    EXPECT_TRUE(cloud_->approvals.pending(cloud_.officer())->empty());
    const auto twice =
        cloud_->credentials.renew({person.credential.id, person.credential.id}, stays_valid);
    EXPECT_EQ(kind_of(twice), ErrorKind::invalid);
}

TEST_F(RenewalTest, IsAskedForAgainWhenNobodyAnswered) {
    const auto person = cloud_.enrol("an");
    ASSERT_TRUE(ask(person).has_value());
    cloud_.advance(tests::support::answer_ms);

    renew(person);

    EXPECT_EQ(life(person).size(), 2u);
}

TEST_F(RenewalTest, RenewsNoIssuer) {
    const auto issuer = cloud_.stored_credential(*cloud_.enrol("an").credential.issuer_id);

    EXPECT_EQ(kind_of(cloud_->credentials.renew({issuer.id}, stays_valid)), ErrorKind::conflict);
}

TEST_F(RenewalTest, WaitsWithTheOthersWhenTheCredentialIsSuspendedMeanwhile) {
    const auto person = cloud_.enrol("an");
    ASSERT_TRUE(ask(person).has_value());
    ASSERT_TRUE(cloud_->credentials.suspend(person.credential.id).has_value());

    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    EXPECT_EQ(now(person).status, CredentialStatus::disabled);
    for (const auto& one : life(person)) {
        EXPECT_EQ(one.state, CertificateState::suspended);
    }
    ASSERT_TRUE(cloud_->credentials.resume_use(person.credential.id).has_value());
    for (const auto& one : life(person)) {
        EXPECT_EQ(one.state, CertificateState::valid);
        EXPECT_EQ(one.events.back().kind, CertificateEventKind::resumed);
    }
}

TEST_F(RenewalTest, IsRevokedAtOnceWhenTheCredentialIsDeletedMeanwhile) {
    const auto person = cloud_.enrol("an");
    ASSERT_TRUE(ask(person).has_value());
    ASSERT_TRUE(cloud_->credentials.remove(person.credential.id).has_value());
    unsigned changes = 0;
    cloud_->credentials.on_status_change([&] { ++changes; });

    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    EXPECT_EQ(now(person).status, CredentialStatus::deleted);
    EXPECT_EQ(now(person).serial_number, person.credential.serial_number);
    for (const auto& one : life(person)) {
        EXPECT_EQ(one.state, CertificateState::revoked);
    }
    EXPECT_EQ(changes, 1u);
}

TEST_F(RenewalTest, IsRevokedForTheReasonForWhichTheKeyWasRevokedMeanwhile) {
    const auto person = cloud_.enrol("an");
    ASSERT_TRUE(ask(person).has_value());
    ASSERT_TRUE(
        cloud_->credentials.revoke(person.credential.id, pki::RevocationReason::key_compromise));

    ASSERT_EQ(cloud_.officer_approves_all(), 2u);

    const auto certificates = life(person);
    ASSERT_EQ(certificates.size(), 2u);
    for (const auto& one : certificates) {
        EXPECT_EQ(one.reason, pki::RevocationReason::key_compromise);
        EXPECT_FALSE(one.is_in_use);
    }
}

// All of them: the key is in wrong hands, whichever certificate names it.
TEST_F(RenewalTest, IsRevokedWithEveryCertificateOfItsKey) {
    const auto person = cloud_.enrol("an");
    renew(person);

    ASSERT_TRUE(
        cloud_->credentials.revoke(person.credential.id, pki::RevocationReason::key_compromise));

    for (const auto& one : life(person)) {
        EXPECT_EQ(one.state, CertificateState::revoked);
        EXPECT_EQ(one.reason, pki::RevocationReason::key_compromise);
    }
}

TEST_F(RenewalTest, IsFinishedOnceAfterACrash) {
    const auto person = cloud_.enrol("an");
    cloud_.advance(day_ms);
    const auto asked = ask(person, superseded);
    ASSERT_TRUE(asked.has_value());
    cloud_.modules.gone_after_sign = true;
    EXPECT_EQ(kind_of(cloud_.approve(cloud_.officer_passkey(), cloud_.officer(), asked->id)),
              ErrorKind::unavailable);
    cloud_.modules.down.clear();
    cloud_.restart_server();
    cloud_.restart_module();

    ASSERT_TRUE(cloud_.resume().has_value());
    const auto once = now(person);
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_NE(once.serial_number, person.credential.serial_number);
    EXPECT_EQ(now(person).certificate, once.certificate);
    EXPECT_EQ(life(person).size(), 2u);
    EXPECT_EQ(life(person).front().events.size(), 2u);
    EXPECT_EQ(cloud_.stored(asked->id).state, State::signed_);
}

TEST_F(RenewalTest, FindsTheChainOfACertificateOfBeforeWhileItIsValid) {
    const auto person = cloud_.enrol("an");
    const auto other = cloud_.enrol("binh");
    const auto serial = *person.credential.serial_number;
    const auto renewed = renew(person);

    const auto chain = cloud_->credentials.chain_named(renewed, serial);

    ASSERT_TRUE(chain.has_value());
    ASSERT_EQ(chain->size(), 2u);
    EXPECT_EQ(chain->front(), *person.credential.certificate);
    EXPECT_EQ(chain->back(), *cloud_->credentials.root_certificate());
    EXPECT_EQ(kind_of(cloud_->credentials.chain_named(other.credential, serial)),
              ErrorKind::not_found);
    renew(person, superseded);
    EXPECT_EQ(kind_of(cloud_->credentials.chain_named(renewed, serial)), ErrorKind::conflict);
}

TEST_F(RenewalTest, ShowsWhatEndsSoonestFirst) {
    const auto early = cloud_.enrol("an");
    cloud_.advance(day_ms);
    const auto late = cloud_.enrol("binh");
    const auto renewed = cloud_.enrol("chi");
    const auto gone = cloud_.enrol("dung");
    ASSERT_TRUE(cloud_->credentials.remove(gone.credential.id).has_value());
    cloud_.advance(5 * year_ms - 10 * day_ms);
    renew(renewed);
    const auto within = [&](std::int64_t days) {
        std::vector<std::string> ids;
        const auto ending = cloud_->credentials.ending_within(days * day_ms, 100);
        for (const auto& credential : *ending) {
            if (credential.signer_id) {
                ids.push_back(*credential.signer_id);
            }
        }
        return ids;
    };

    EXPECT_THAT(within(11), ElementsAre("an", "binh"));
    EXPECT_THAT(within(9), ElementsAre("an"));
    EXPECT_THAT(within(1), ElementsAre());
    cloud_.advance(9 * day_ms);
    EXPECT_THAT(within(11), ElementsAre("binh"));  // the other has ended
}

TEST_F(RenewalTest, RemindsOfEachCertificateOnceBeforeItEnds) {
    const auto person = cloud_.enrol("an");
    const auto silent = cloud_.enrol("binh");
    add_address(person);
    const auto told = mails();
    cloud_.advance(5 * year_ms - 31 * day_ms);
    EXPECT_EQ(*cloud_->credentials.remind(), 0u);

    cloud_.advance(2 * day_ms);
    EXPECT_EQ(*cloud_->credentials.remind(), 1u);
    EXPECT_EQ(*cloud_->credentials.remind(), 0u);

    EXPECT_EQ(mails().size(), told.size() + 1);
    EXPECT_EQ(mails().front(), "certificate_ending");
    EXPECT_THAT(kinds(life(person).front()),
                ElementsAre(CertificateEventKind::issued, CertificateEventKind::reminded));
    EXPECT_EQ(life(silent).front().events.size(), 1u);
    // Who gets an address later is told then.
    CHECK(cloud_->signers.set_email("binh", "binh@kyso.example").has_value());
    EXPECT_EQ(*cloud_->credentials.remind(), 1u);

    renew(person);
    EXPECT_EQ(mails().front(), "certificate_renewed");
    EXPECT_EQ(*cloud_->credentials.remind(), 0u);
    cloud_.advance(3 * year_ms - 20 * day_ms);
    EXPECT_EQ(*cloud_->credentials.remind(), 1u);
}

}  // namespace
}  // namespace cloudsign::credential
