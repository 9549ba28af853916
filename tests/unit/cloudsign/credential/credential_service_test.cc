#include "cloudsign/credential/credential_service.h"

#include "cloudsign/store/device_table.h"
#include "hsm/openssl/der.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::credential {
namespace {

using hsm::protocol::KeyType;
using store::CredentialStatus;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Passkey;
using transaction::State;

class CredentialServiceTest : public testing::Test {
protected:
    void SetUp() override { cloud_.make_authority(); }

    Result<Enrolled> enrol(const std::string& invitation, const Passkey& passkey) {
        return cloud_->credentials.enrol(invitation, {passkey.point(), false}, "phone");
    }

    Cloud cloud_;
};

bool is_issued_by(const Bytes& certificate, const Bytes& issuer) {
    const auto leaf = hsm::openssl::read_x509(certificate);
    const auto root = hsm::openssl::read_x509(issuer);
    return leaf && root && X509_check_issued(root.get(), leaf.get()) == X509_V_OK &&
           X509_verify(leaf.get(), X509_get0_pubkey(root.get())) == 1;
}

TEST_F(CredentialServiceTest, MakesACertificateForTheKeyThatThePhoneActivates) {
    for (const auto type : {KeyType::p256, KeyType::p384, KeyType::rsa2048}) {
        const auto person = cloud_.enrol("an-" + std::to_string(static_cast<int>(type)), type);

        const auto chain = cloud_->credentials.chain(person.credential);

        ASSERT_TRUE(chain.has_value());
        ASSERT_EQ(chain->size(), 2u);
        EXPECT_TRUE(is_issued_by((*chain)[0], (*chain)[1]));
        EXPECT_TRUE(is_issued_by((*chain)[1], (*chain)[1]));
        EXPECT_EQ((*chain)[1], *cloud_->credentials.root_certificate());
        const auto facts = pki::read_certificate((*chain)[0]);
        EXPECT_EQ(facts->spki, tests::support::spki_of(person.credential));
        EXPECT_EQ(facts->subject, "CN=Nguyễn Văn A,UID=" + person.signer_id + ",C=VN");
        EXPECT_EQ(person.credential.serial_number, facts->serial_number);
        EXPECT_EQ(person.credential.version, 1u);
    }
}

TEST_F(CredentialServiceTest, HasOneIssuer) {
    EXPECT_EQ(kind_of(cloud_->credentials.create_issuer("CN=Another")), ErrorKind::conflict);
}

TEST_F(CredentialServiceTest, InvitesOnlySignersThatItKnows) {
    EXPECT_EQ(kind_of(cloud_->credentials.invite("nobody", KeyType::p256, "")),
              ErrorKind::not_found);
}

TEST_F(CredentialServiceTest, IssuesForTheProfileThatTheInvitationNames) {
    ASSERT_TRUE(
        cloud_->signers.add("ubnd", "UBND xã", "CN=UBND xã,O=UBND xã,C=VN", "vi").has_value());
    const auto invited =
        cloud_->credentials.invite("ubnd", KeyType::p256, "seal", pki::Profile::organisation);
    ASSERT_TRUE(invited.has_value()) << invited.error().detail;
    const Passkey passkey;
    const auto enrolled = enrol(invited->invitation, passkey);
    ASSERT_TRUE(enrolled.has_value());
    ASSERT_TRUE(cloud_.approve(passkey, enrolled->device, enrolled->transaction.id).has_value());
    cloud_.officer_approves_all();
    cloud_.officer_approves_all();

    const auto credential = cloud_.stored_credential(invited->credential.id);

    EXPECT_EQ(credential.status, CredentialStatus::enabled);
    EXPECT_EQ(credential.profile, pki::Profile::organisation);
    EXPECT_EQ(*credential.valid_to - *credential.valid_from,
              pki::validity_ms(pki::Profile::organisation));
}

TEST_F(CredentialServiceTest, InvitesNobodyWhoseSubjectTheProfileCannotHave) {
    cloud_.add_signer("an");

    const auto refused =
        cloud_->credentials.invite("an", KeyType::p256, "", pki::Profile::organisation);

    ASSERT_EQ(kind_of(refused), ErrorKind::invalid);
    EXPECT_NE(refused.error().detail.find("O is missing"), std::string::npos);
    EXPECT_TRUE(cloud_->credentials.of_signer("an")->empty());
}

TEST_F(CredentialServiceTest, EnrolsByAnInvitationUntilAnOfficerHasConfirmed) {
    cloud_.add_signer("an");
    const auto invitation = cloud_.invite("an");
    const Passkey passkey;
    EXPECT_EQ(kind_of(enrol(invitation + "A", passkey)), ErrorKind::not_found);
    EXPECT_EQ(kind_of(enrol("", passkey)), ErrorKind::not_found);
    const auto enrolled = enrol(invitation, passkey);
    ASSERT_TRUE(enrolled.has_value());
    ASSERT_TRUE(cloud_.approve(passkey, enrolled->device, enrolled->transaction.id).has_value());
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    EXPECT_EQ(kind_of(enrol(invitation, passkey)), ErrorKind::conflict);
}

TEST_F(CredentialServiceTest, EnrolsNobodyAfterAWeek) {
    cloud_.add_signer("an");
    const auto invitation = cloud_.invite("an");
    cloud_.advance(7ll * 24 * 3600 * 1000);

    EXPECT_EQ(kind_of(enrol(invitation, Passkey())), ErrorKind::not_found);
}

TEST_F(CredentialServiceTest, RefusesADeviceNameThatCannotBeShown) {
    cloud_.add_signer("an");
    const Passkey passkey;
    EXPECT_EQ(kind_of(cloud_->credentials.enrol(
                  cloud_.invite("an"), {passkey.point(), false}, "phone\n")),
              ErrorKind::invalid);
}

TEST_F(CredentialServiceTest, HasNewKeysRefuseSyncedPasskeysWhereTheOrganisationDoes) {
    cloud_.add_signer("an");
    const auto invitation = cloud_.invite("an");
    const Passkey passkey;
    const auto backup_of = [&](bool is_synced) {
        const auto enrolled =
            cloud_->credentials.enrol(invitation, {passkey.point(), is_synced}, "phone");
        CHECK(enrolled.has_value());
        const auto credential = cloud_->credentials.find(enrolled->transaction.credential_id);
        const auto blob = hsm::protocol::decode_blob(*credential->blob);
        return hsm::protocol::decode<hsm::protocol::Policy>(blob->header.policy)->backup;
    };
    EXPECT_EQ(backup_of(true), hsm::protocol::BackupPolicy::allowed);

    cloud_->credentials.use(hsm::protocol::BackupPolicy::refused);

    EXPECT_EQ(kind_of(cloud_->credentials.enrol(invitation, {passkey.point(), true}, "phone")),
              ErrorKind::forbidden);
    EXPECT_EQ(backup_of(false), hsm::protocol::BackupPolicy::refused);
}

TEST_F(CredentialServiceTest, ReplacesAPhoneThatNoOfficerHasConfirmed) {
    cloud_.add_signer("an");
    const auto invitation = cloud_.invite("an");
    const Passkey thief;
    const Passkey person;
    const auto first = enrol(invitation, thief);
    ASSERT_TRUE(first.has_value());
    ASSERT_TRUE(cloud_.approve(thief, first->device, first->transaction.id).has_value());
    const auto second = enrol(invitation, person);
    ASSERT_TRUE(second.has_value());

    EXPECT_EQ(cloud_.stored(first->transaction.id).state, State::rejected);
    const auto removed = cloud_.database->read([&](store::Session& session) {
        return store::DeviceTable(session).by_id(first->device.id);
    });
    EXPECT_EQ((*removed)->status, store::DeviceStatus::removed);
    EXPECT_EQ(kind_of(cloud_.approve(thief, first->device, second->transaction.id)),
              ErrorKind::assertion_refused);
    EXPECT_NE(first->transaction.credential_id, "");
    ASSERT_TRUE(cloud_.approve(person, second->device, second->transaction.id).has_value());
    EXPECT_EQ(cloud_.officer_approves_all(), 1u);
    const auto credential = cloud_.stored_credential(second->transaction.credential_id);
    EXPECT_EQ(credential.status, CredentialStatus::bound);
    const auto blob = hsm::protocol::decode_blob(*credential.blob);
    const auto policy = hsm::protocol::decode<hsm::protocol::Policy>(blob->header.policy);
    ASSERT_EQ(policy->points.size(), 1u);
    EXPECT_EQ(policy->points[0], person.point());
}

TEST_F(CredentialServiceTest, LeavesThePhonesOfOtherCredentialsAlone) {
    const auto person = cloud_.enrol("an");
    const auto invitation = cloud_.invite("an");
    ASSERT_TRUE(enrol(invitation, Passkey()).has_value());
    ASSERT_TRUE(enrol(invitation, Passkey()).has_value());

    const auto devices = cloud_.database->read([&](store::Session& session) {
        return store::DeviceTable(session).of_owner(store::DeviceOwner::signer, "an");
    });

    ASSERT_EQ(devices->size(), 2u);
    EXPECT_EQ(devices->front().id, person.device.id);
}

TEST_F(CredentialServiceTest, IssuesManyCertificatesInOneApproval) {
    std::vector<std::string> ids;
    for (const auto* name : {"an", "binh", "chi"}) {
        cloud_.add_signer(name);
        const Passkey passkey;
        const auto enrolled = enrol(cloud_.invite(name), passkey);
        ASSERT_TRUE(enrolled.has_value());
        ASSERT_TRUE(
            cloud_.approve(passkey, enrolled->device, enrolled->transaction.id).has_value());
        ids.push_back(enrolled->transaction.credential_id);
    }
    ASSERT_EQ(cloud_.officer_approves_all(), 3u);  // the bindings; each asks for its certificate
    const auto singles = cloud_->approvals.pending(cloud_.officer());
    for (const auto& item : *singles) {
        ASSERT_TRUE(cloud_->transactions
                        .refuse(item.transaction, transaction::TransactionService::Refusal::reject)
                        .has_value());
    }

    ASSERT_TRUE(cloud_->credentials.request_certificates(ids).has_value());
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);

    for (const auto& id : ids) {
        EXPECT_EQ(cloud_.stored_credential(id).status, CredentialStatus::enabled);
    }
    EXPECT_EQ(kind_of(cloud_->credentials.request_certificates(ids)), ErrorKind::conflict);
}

// The officers were asked twice about one key: nobody may take the second certificate for good.
TEST_F(CredentialServiceTest, RevokesWhatIsSignedForAKeyThatHasACertificateAlready) {
    cloud_.add_signer("an");
    const Passkey passkey;
    const auto enrolled = enrol(cloud_.invite("an"), passkey);
    ASSERT_TRUE(enrolled.has_value());
    ASSERT_TRUE(cloud_.approve(passkey, enrolled->device, enrolled->transaction.id).has_value());
    ASSERT_EQ(cloud_.officer_approves_all(), 1u);
    const auto& id = enrolled->transaction.credential_id;
    ASSERT_TRUE(cloud_->credentials.request_certificates({id}, {CredentialService::Asking::again})
                    .has_value());

    ASSERT_EQ(cloud_.officer_approves_all(), 2u);

    const auto life = cloud_->credentials.life(cloud_.stored_credential(id));
    ASSERT_EQ(life->size(), 2u);
    for (const auto& certificate : *life) {
        EXPECT_EQ(certificate.state,
                  certificate.is_in_use ? CertificateState::valid : CertificateState::revoked);
    }
}

}  // namespace
}  // namespace cloudsign::credential
