#include "cloudsign/external_ca/external_ca.h"

#include "cloudsign/pki/certificate.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/enclosure_table.h"
#include "tests/support/cloud_fixture.h"
#include "tests/unit/cloudsign/external_ca/test_ca.h"

namespace cloudsign::external_ca {
namespace {

using hsm::protocol::KeyType;
using pki::SubjectRule;
using store::CertificationState;
using store::CredentialStatus;
using tests::support::Cloud;
using tests::support::kind_of;
using tests::support::Person;
using transaction::State;

class ExternalCaTest : public testing::Test {
protected:
    void use(std::vector<Bytes> anchors) {
        outside_ = std::make_unique<ExternalCa>(*cloud_.database,
                                                cloud_.clock,
                                                cloud_->transactions,
                                                cloud_->approvals,
                                                cloud_->credentials,
                                                std::move(anchors));
    }
    void SetUp() override { use({root_.certificate()}); }

    // Without a built-in CA: whoever is bound is asked for the request.
    void certify_outside() {
        cloud_->credentials.on_bound([this](const store::Credential& credential) -> Result<void> {
            TRY(outside_->request({credential.id}));
            return {};
        });
    }

    // Enrolled and bound; the key has no certificate yet.
    Person bind(const std::string& signer_id, KeyType type = KeyType::p256) {
        certify_outside();
        cloud_.add_signer(signer_id);
        Person person;
        person.signer_id = signer_id;
        const auto enrolled = cloud_->credentials.enrol(
            cloud_.invite(signer_id, type), {person.passkey.point(), false}, "phone");
        CHECK(enrolled.has_value());
        person.device = enrolled->device;
        CHECK(cloud_.approve(person, enrolled->transaction.id).has_value());
        CHECK(cloud_.officer_approves_all() >= 1);
        person.credential = cloud_.stored_credential(enrolled->transaction.credential_id);
        return person;
    }

    RequestOf newest(const Person& person) {
        auto found = outside_->newest(person.credential.id);
        CHECK(found.has_value());
        return *std::move(found);
    }

    CertificateWish wish_for(const Person& person) {
        CertificateWish wish;
        wish.spki = tests::support::spki_of(person.credential);
        wish.subject = "CN=Nguyễn Văn A,UID=" + person.signer_id + ",C=VN";
        return wish;
    }

    // Why `certificate` is not used.
    std::string refusal(const Bytes& certificate, SubjectRule rule = SubjectRule::as_asked) {
        const auto imported = outside_->import({certificate, between_.certificate()}, rule);
        CHECK(imported.has_value() && imported->size() == 1);
        return imported->front().error ? imported->front().error->detail : "";
    }

    Cloud cloud_;
    TestCa root_{"CN=Root,C=VN", cloud_.clock.now_ms()};
    TestCa between_{"CN=Between,C=VN", cloud_.clock.now_ms(), &root_};
    std::unique_ptr<ExternalCa> outside_;
};

using RequestPtr = std::unique_ptr<X509_REQ, hsm::openssl::Freed<X509_REQ_free>>;

TEST_F(ExternalCaTest, HasThePersonApproveARequestThatTheirKeySigns) {
    for (const auto type : {KeyType::p256, KeyType::p384, KeyType::rsa2048}) {
        const auto person = bind("an-" + std::to_string(static_cast<int>(type)), type);
        ASSERT_EQ(person.credential.status, CredentialStatus::bound);
        const auto before = newest(person);
        EXPECT_TRUE(before.pkcs10.empty());
        EXPECT_EQ(before.transaction.approver_id, person.signer_id);
        EXPECT_EQ(before.transaction.portal, "Văn phòng đăng ký");

        ASSERT_TRUE(cloud_.approve(person, before.transaction.id).has_value());

        const auto after = newest(person);
        EXPECT_EQ(after.transaction.state, State::signed_);
        const auto request = hsm::openssl::from_der<RequestPtr>(after.pkcs10, d2i_X509_REQ);
        ASSERT_NE(request, nullptr);
        EXPECT_EQ(X509_REQ_verify(request.get(), X509_REQ_get0_pubkey(request.get())), 1);
        EXPECT_EQ(hsm::openssl::to_der(X509_REQ_get_X509_PUBKEY(request.get()), i2d_X509_PUBKEY),
                  tests::support::spki_of(person.credential));
        EXPECT_EQ(pki::format_name(X509_REQ_get_subject_name(request.get())),
                  wish_for(person).subject);
        EXPECT_EQ(X509_REQ_get_version(request.get()), 0);
    }
}

TEST_F(ExternalCaTest, EnclosesTheRequestForThePhoneToRead) {
    const auto person = bind("an");
    const auto request = newest(person);

    const auto enclosed = cloud_.database->read([&](store::Session& session) {
        return store::EnclosureTable(session).find(request.transaction.id, 0);
    });

    ASSERT_TRUE(enclosed.has_value() && *enclosed);
    EXPECT_EQ((*enclosed)->document, request.row.request_info);
    EXPECT_EQ(request.transaction.documents.at(0).hash, bytes_of(sha256(request.row.request_info)));
}

TEST_F(ExternalCaTest, AsksOnceWhileItWaitsAndAnewAfterThat) {
    const auto person = bind("an");
    const auto first = newest(person).transaction.id;
    const auto again = outside_->request({person.credential.id});
    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->front().transaction.id, first);

    ASSERT_TRUE(cloud_->approvals
                    .refuse(person.device, first, transaction::TransactionService::Refusal::reject)
                    .has_value());
    const auto second = outside_->request({person.credential.id});

    ASSERT_TRUE(second.has_value());
    EXPECT_NE(second->front().transaction.id, first);
    EXPECT_EQ(newest(person).transaction.id, second->front().transaction.id);
}

TEST_F(ExternalCaTest, SignsAfterACrashWhatWasApproved) {
    const auto person = bind("an");
    const auto asked = newest(person).transaction;
    // Nobody is there who would sign: as when the server dies between approval and signature.
    cloud_.restart_server();
    ASSERT_TRUE(cloud_.approve(person, asked.id).has_value());
    ASSERT_EQ(cloud_.stored(asked.id).state, State::approved);

    cloud_.restart_server();
    use({root_.certificate()});
    ASSERT_TRUE(cloud_.resume().has_value());

    EXPECT_FALSE(newest(person).pkcs10.empty());
}

TEST_F(ExternalCaTest, UsesWhatTheAuthorityIssues) {
    const auto person = bind("an");
    const auto certificate = between_.issue(wish_for(person));

    const auto imported =
        outside_->import({between_.certificate(), certificate}, SubjectRule::as_asked);

    ASSERT_TRUE(imported.has_value());
    ASSERT_EQ(imported->size(), 1u);
    EXPECT_FALSE(imported->front().error);
    const auto credential = cloud_.stored_credential(person.credential.id);
    EXPECT_EQ(credential.status, CredentialStatus::enabled);
    EXPECT_EQ(credential.certificate, certificate);
    EXPECT_FALSE(credential.issuer_id);
    const auto chain = cloud_->credentials.chain(credential);
    ASSERT_TRUE(chain.has_value());
    EXPECT_EQ(*chain, (std::vector{certificate, between_.certificate(), root_.certificate()}));
    EXPECT_EQ(newest(person).row.state, CertificationState::issued);
    const auto named = cloud_->credentials.chain_named(credential, *credential.serial_number);
    ASSERT_TRUE(named.has_value());
    EXPECT_EQ(*named, *chain);
}

TEST_F(ExternalCaTest, TakesTheSameCertificateTwiceAndSaysThatAnOlderOneIsNotInUse) {
    const auto person = bind("an");
    const auto first = between_.issue(wish_for(person));
    const auto second = between_.issue(wish_for(person));
    EXPECT_EQ(refusal(first), "");
    EXPECT_EQ(refusal(second), "");

    EXPECT_EQ(refusal(second), "");
    EXPECT_NE(refusal(first).find("is known already, and another one"), std::string::npos);

    EXPECT_EQ(cloud_.stored_credential(person.credential.id).certificate, second);
    const auto life = cloud_->credentials.life(cloud_.stored_credential(person.credential.id));
    ASSERT_EQ(life->size(), 2u);
    EXPECT_EQ((*life)[0].events.at(0).kind, store::CertificateEventKind::issued);
    EXPECT_EQ((*life)[1].events.at(0).kind, store::CertificateEventKind::renewed);
    EXPECT_TRUE((*life)[1].is_in_use);
}

TEST_F(ExternalCaTest, RefusesInWordsWhatWasNotAskedFor) {
    const auto person = bind("an");
    const auto now = cloud_.clock.now_ms();
    const auto changed = [&](auto change) {
        auto wish = wish_for(person);
        change(wish);
        return between_.issue(wish);
    };

    EXPECT_NE(refusal(changed([](auto& wish) {
                  wish.subject = "CN=Trần Thị B,UID=an,C=VN";
              })).find("the certificate is for CN=Trần Thị B"),
              std::string::npos);
    EXPECT_EQ(refusal(changed([](auto& wish) { wish.authority = true; })),
              "the certificate is an authority's");
    EXPECT_NE(refusal(changed([](auto& wish) {
                  wish.key_usage = "keyEncipherment";
              })).find("digitalSignature"),
              std::string::npos);
    EXPECT_NE(
        refusal(changed([](auto& wish) { wish.key_usage = nullptr; })).find("digitalSignature"),
        std::string::npos);
    EXPECT_EQ(refusal(changed([](auto& wish) { wish.key_usage = "digitalSignature,keyCertSign"; })),
              "the certificate is an authority's");
    for (const auto* usage : {"critical,timeStamping", "serverAuth"}) {
        EXPECT_EQ(refusal(changed([&](auto& wish) { wish.extended_key_usage = usage; })),
                  "the certificate's extended key usage is not for documents");
    }
    EXPECT_NE(refusal(changed([](auto& wish) { wish.serial_number = -5; })).find("serial number"),
              std::string::npos);
    EXPECT_NE(refusal(changed([](auto& wish) {
                  wish.subject = "CN=Giám đốc,CN=Nguyễn Văn A,UID=an,C=VN";
              })).find("no second time"),
              std::string::npos);
    EXPECT_NE(refusal(changed([&](auto& wish) { wish.to_ms = now - 1000; })).find("expired"),
              std::string::npos);
    EXPECT_NE(
        refusal(changed([&](auto& wish) { wish.from_ms = now + 3'600'000; })).find("not yet valid"),
        std::string::npos);
    auto over = between_.wish();
    over.to_ms = now - 1000;
    const auto expired = outside_->import({between_.issue(wish_for(person)), root_.issue(over)},
                                          SubjectRule::as_asked);
    EXPECT_NE(expired->front().error->detail.find("expired"), std::string::npos);
    EXPECT_NE(refusal(changed([](auto& wish) { wish.digest = "SHA1"; })).find("weak"),
              std::string::npos);
    EXPECT_NE(refusal(TestCa("CN=Another,C=VN", now).issue(wish_for(person)))
                  .find("does not lead to an authority that is believed"),
              std::string::npos);
    EXPECT_EQ(cloud_.stored_credential(person.credential.id).status, CredentialStatus::bound);
}

TEST_F(ExternalCaTest, TakesWhatTheAuthorityAddsToASubjectAndOtherOnesWhereSomebodyHasLooked) {
    const auto person = bind("an");
    auto wish = wish_for(person);
    wish.subject += ",ST=Hà Nội";
    EXPECT_EQ(refusal(between_.issue(wish)), "");

    wish.subject = "CN=NGUYỄN VĂN A,C=VN";
    const auto other = between_.issue(wish);
    EXPECT_NE(refusal(other), "");
    EXPECT_EQ(refusal(other, SubjectRule::any), "");
}

TEST_F(ExternalCaTest, TakesThoseOfManyThatAreAsAskedFor) {
    const auto an = bind("an");
    const auto binh = bind("binh");
    auto wrong = wish_for(binh);
    wrong.subject = "CN=Somebody else";
    const auto imported = outside_->import({between_.issue(wrong),
                                            between_.certificate(),
                                            between_.issue(wish_for(an)),
                                            root_.certificate()},
                                           SubjectRule::as_asked);

    ASSERT_TRUE(imported.has_value());
    ASSERT_EQ(imported->size(), 2u);
    EXPECT_EQ((*imported)[0].credential_id, binh.credential.id);
    EXPECT_TRUE((*imported)[0].error);
    EXPECT_EQ((*imported)[1].credential_id, an.credential.id);
    EXPECT_FALSE((*imported)[1].error);
    EXPECT_EQ(cloud_.stored_credential(an.credential.id).status, CredentialStatus::enabled);
    EXPECT_EQ(cloud_.stored_credential(binh.credential.id).status, CredentialStatus::bound);
}

TEST_F(ExternalCaTest, FindsTheWayToItsAnchorWhateverElseIsBrought) {
    const auto person = bind("an");
    const TestCa foreign("CN=Foreign,C=VN", cloud_.clock.now_ms());
    // The same authority, certified by another root as well.
    const auto cross = foreign.issue(between_.wish());

    std::vector<Bytes> brought{between_.issue(wish_for(person)), cross, foreign.certificate()};
    // People of elsewhere, as an authority sends them in one file.
    auto stranger = wish_for(person);
    stranger.spki =
        hsm::openssl::to_der(hsm::openssl::EvpKeyPtr(EVP_EC_gen("P-256")).get(), i2d_PUBKEY);
    for (int i = 0; i < 40; ++i) {
        brought.push_back(between_.issue(stranger));
    }
    brought.push_back(between_.certificate());

    const auto imported = outside_->import(brought, SubjectRule::as_asked);

    ASSERT_TRUE(imported.has_value());
    EXPECT_FALSE(imported->front().error);
    EXPECT_EQ(cloud_->credentials.chain(cloud_.stored_credential(person.credential.id))->at(1),
              between_.certificate());
}

TEST_F(ExternalCaTest, SignsNoRequestOfWhatWasEndedSuspendedOrFrozenMeanwhile) {
    const auto ended = [&](const std::string& name, auto end) {
        const auto person = bind(name);
        EXPECT_EQ(refusal(between_.issue(wish_for(person))), "");
        const auto asked = outside_->request({person.credential.id});
        CHECK(asked.has_value());
        const auto id = asked->front().transaction.id;
        end(person);

        const auto approved = cloud_.approve(person, id);

        EXPECT_FALSE(approved.has_value());
        EXPECT_TRUE(cloud_->transactions.signed_occurrences(id)->empty());
    };
    ended("an", [&](const Person& person) {
        ASSERT_TRUE(cloud_->credentials.suspend(person.credential.id).has_value());
    });
    ended("binh", [&](const Person& person) {
        ASSERT_TRUE(
            cloud_->credentials.revoke(person.credential.id, pki::RevocationReason::key_compromise)
                .has_value());
    });
    ended("chi", [&](const Person&) {
        ASSERT_TRUE(cloud_->signers.set_status("chi", store::SignerStatus::frozen).has_value());
    });
}

TEST_F(ExternalCaTest, KeepsAsRevokedWhatIsIssuedForAKeyThatHasEnded) {
    const auto person = bind("an");
    ASSERT_TRUE(
        cloud_->credentials.revoke(person.credential.id, pki::RevocationReason::key_compromise)
            .has_value());
    const auto late = between_.issue(wish_for(person));

    for (int again = 0; again < 2; ++again) {
        EXPECT_NE(refusal(late).find("kept as revoked"), std::string::npos);

        const auto untold = outside_->untold();
        ASSERT_EQ(untold->size(), 1u);
        EXPECT_EQ(untold->front().certificate, late);
    }
    EXPECT_EQ(kind_of(outside_->newest(person.credential.id)), ErrorKind::conflict);
}

TEST_F(ExternalCaTest, SaysWhenNothingIsOfAKeyHere) {
    bind("an");
    CertificateWish wish;
    wish.spki =
        hsm::openssl::to_der(hsm::openssl::EvpKeyPtr(EVP_EC_gen("P-256")).get(), i2d_PUBKEY);
    wish.subject = "CN=Nobody";

    EXPECT_EQ(kind_of(outside_->import({between_.issue(wish)}, SubjectRule::any)),
              ErrorKind::invalid);
    EXPECT_EQ(kind_of(outside_->import({between_.certificate()}, SubjectRule::any)),
              ErrorKind::invalid);
    EXPECT_EQ(kind_of(outside_->import({Bytes{1, 2, 3}}, SubjectRule::any)), ErrorKind::invalid);
}

TEST_F(ExternalCaTest, ReplacesTheBuiltInAuthoritysAndStaysOutOfItsLists) {
    cloud_.make_authority();
    const auto person = cloud_.enrol("binh");
    ASSERT_TRUE(person.credential.issuer_id);
    const auto asked = outside_->request({person.credential.id});
    ASSERT_TRUE(asked.has_value());
    ASSERT_TRUE(cloud_.approve(person, asked->front().transaction.id).has_value());

    EXPECT_EQ(refusal(between_.issue(wish_for(person))), "");

    const auto credential = cloud_.stored_credential(person.credential.id);
    EXPECT_FALSE(credential.issuer_id);
    ASSERT_TRUE(cloud_->credentials.revoke(credential.id, pki::RevocationReason::key_compromise)
                    .has_value());
    const auto revoked = cloud_.database->read([&](store::Session& session) {
        return store::CertificateTable(session).revoked_of(*person.credential.issuer_id, 0);
    });
    ASSERT_EQ(revoked->size(), 1u);
    EXPECT_EQ(revoked->front().serial_number, person.credential.serial_number);
}

TEST_F(ExternalCaTest, AsksNobodyWhoCannotAnswer) {
    const auto person = bind("an");
    EXPECT_EQ(kind_of(outside_->request({"nobody"})), ErrorKind::not_found);
    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::frozen).has_value());
    ASSERT_TRUE(cloud_->transactions.end_all_of("an").has_value());
    EXPECT_EQ(kind_of(outside_->request({person.credential.id})), ErrorKind::conflict);
    ASSERT_TRUE(cloud_->signers.set_status("an", store::SignerStatus::active).has_value());
    ASSERT_TRUE(cloud_->credentials.remove(person.credential.id).has_value());
    EXPECT_EQ(kind_of(outside_->request({person.credential.id})), ErrorKind::conflict);
    EXPECT_EQ(kind_of(outside_->newest("nobody")), ErrorKind::not_found);
}

TEST_F(ExternalCaTest, SaysWhereNoneIsConfigured) {
    const auto person = bind("an");
    use({});

    const auto refused = outside_->request({person.credential.id});

    ASSERT_EQ(kind_of(refused), ErrorKind::conflict);
    EXPECT_NE(refused.error().detail.find("[external_ca] authorities"), std::string::npos);
    EXPECT_EQ(kind_of(outside_->import({root_.certificate()}, SubjectRule::any)),
              ErrorKind::conflict);
}

}  // namespace
}  // namespace cloudsign::external_ca
