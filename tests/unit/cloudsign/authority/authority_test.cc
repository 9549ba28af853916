#include <openssl/ocsp.h>
#include <openssl/ts.h>

#include "cloudsign/authority/status_service.h"
#include "cloudsign/authority/timestamp_service.h"
#include "cloudsign/pki/timestamp.h"
#include "cloudsign/pki/timestamp_token.h"
#include "cloudsign/store/credential_table.h"
#include "hsm/openssl/der.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::authority {
namespace {

namespace openssl = hsm::openssl;

using store::CredentialOwner;
using tests::support::Cloud;

using ListPtr = std::unique_ptr<X509_CRL, openssl::Freed<X509_CRL_free>>;
using RequestPtr = std::unique_ptr<OCSP_REQUEST, openssl::Freed<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, openssl::Freed<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, openssl::Freed<OCSP_BASICRESP_free>>;

constexpr std::int64_t hour_ms = 3'600'000;

class Authority : public testing::Test {
protected:
    Authority() {
        cloud.make_authority();
        for (const auto kind : {CredentialOwner::ocsp, CredentialOwner::tsa}) {
            CHECK(cloud->credentials.create_service(kind, "CN=Service,C=VN").has_value());
            CHECK(cloud.officer_approves_all() == 1);  // the key
            CHECK(cloud.officer_approves_all() == 1);  // its certificate
        }
        cloud->credentials.on_status_change([this] { status.changed(); });
    }

    Bytes root() { return *cloud->credentials.root_certificate(); }

    Bytes question(const store::Credential& credential) {
        auto subject = openssl::read_x509(*credential.certificate);
        auto issuer = openssl::read_x509(root());
        const RequestPtr request(OCSP_REQUEST_new());
        OCSP_request_add0_id(request.get(), OCSP_cert_to_id(nullptr, subject.get(), issuer.get()));
        return openssl::to_der(request.get(), i2d_OCSP_REQUEST);
    }

    static int state_of(const Bytes& response) {
        const auto read = openssl::from_der<ResponsePtr>(response, d2i_OCSP_RESPONSE);
        return OCSP_response_status(read.get());
    }

    // V_OCSP_CERTSTATUS_…, and when it was produced.
    static int status_in(const Bytes& response, std::string* produced_at = nullptr) {
        const auto read = openssl::from_der<ResponsePtr>(response, d2i_OCSP_RESPONSE);
        const BasicPtr basic(OCSP_response_get1_basic(read.get()));
        CHECK(basic != nullptr);
        ASN1_GENERALIZEDTIME* this_update = nullptr;
        const int status = OCSP_single_get0_status(
            OCSP_resp_get0(basic.get(), 0), nullptr, nullptr, &this_update, nullptr);
        if (produced_at != nullptr) {
            *produced_at = reinterpret_cast<const char*>(ASN1_STRING_get0_data(this_update));
        }
        return status;
    }

    bool is_listed(const store::Credential& credential) {
        const auto list = openssl::from_der<ListPtr>(status.list()->der, d2i_X509_CRL);
        auto certificate = openssl::read_x509(*credential.certificate);
        X509_REVOKED* entry = nullptr;
        return X509_CRL_get0_by_cert(list.get(), &entry, certificate.get()) == 1;
    }

    pki::TimestampAnswer stamped() {
        const auto query =
            pki::ask_timestamp(hsm::protocol::DigestAlgorithm::sha256, Bytes(32, 7), Bytes(8, 1));
        return *stamps.answer(query->request);
    }

    Cloud cloud;
    const std::unique_ptr<pki::SigningContext> context = *pki::SigningContext::create();
    StatusService status{*cloud.database, cloud.modules, cloud.clock, *context};
    TimestampService stamps{*cloud.database, cloud.modules, cloud.clock, *context, "2.999.1"};
};

TEST_F(Authority, SignsAListAnewAfterHalfOfItsLifeAndAfterEachChange) {
    const auto person = cloud.enrol("an");
    EXPECT_EQ(ErrorKind::not_found, status.list().error().kind);
    ASSERT_TRUE(status.keep());
    const auto first = status.list()->der;
    ASSERT_TRUE(status.keep());
    EXPECT_EQ(first, status.list()->der);
    EXPECT_FALSE(is_listed(person.credential));

    cloud.advance(StatusService::list_life_ms / 2);
    ASSERT_TRUE(status.keep());
    const auto second = status.list()->der;
    EXPECT_NE(first, second);

    ASSERT_TRUE(
        cloud->credentials.revoke(person.credential.id, pki::RevocationReason::key_compromise));
    ASSERT_TRUE(status.keep());
    EXPECT_TRUE(is_listed(person.credential));
    // As after a restart of the server: the list is there before anything is signed.
    StatusService restarted(*cloud.database, cloud.modules, cloud.clock, *context);
    EXPECT_EQ(status.list()->der, restarted.list()->der);
}

TEST_F(Authority, KnowsBothCertificatesOfARenewedKey) {
    const auto person = cloud.enrol("an");
    const auto renew = [&](credential::OldCertificate old) {
        ASSERT_TRUE(cloud->credentials.renew({person.credential.id}, old).has_value());
        ASSERT_EQ(cloud.officer_approves_all(), 1u);
    };
    ASSERT_EQ(status_in(status.answer(question(person.credential)).response),
              V_OCSP_CERTSTATUS_GOOD);

    renew(credential::OldCertificate::stays_valid);
    const auto second = cloud.stored_credential(person.credential.id);
    ASSERT_TRUE(status.keep());
    for (const auto& one : {person.credential, second}) {
        EXPECT_EQ(status_in(status.answer(question(one)).response), V_OCSP_CERTSTATUS_GOOD);
        EXPECT_FALSE(is_listed(one));
    }

    renew(credential::OldCertificate::superseded);
    const auto third = cloud.stored_credential(person.credential.id);
    ASSERT_TRUE(status.keep());
    for (const auto& one : {person.credential, second}) {
        EXPECT_EQ(status_in(status.answer(question(one)).response), V_OCSP_CERTSTATUS_REVOKED);
        EXPECT_TRUE(is_listed(one));
    }
    EXPECT_EQ(status_in(status.answer(question(third)).response), V_OCSP_CERTSTATUS_GOOD);
    EXPECT_FALSE(is_listed(third));
}

TEST_F(Authority, AnswersWithTheRenewedCertificateOfItsOwnKey) {
    const auto services = cloud.database->read([](store::Session& session) {
        return store::CredentialTable(session).of_kind(CredentialOwner::ocsp);
    });
    const auto person = cloud.enrol("an");
    cloud.advance(180ll * 24 * hour_ms);
    ASSERT_TRUE(
        cloud->credentials.renew({services->front().id}, credential::OldCertificate::stays_valid)
            .has_value());
    ASSERT_EQ(cloud.officer_approves_all(), 1u);
    // Longer than the first one had.
    cloud.advance(190ll * 24 * hour_ms);

    EXPECT_EQ(status_in(status.answer(question(person.credential)).response),
              V_OCSP_CERTSTATUS_GOOD);
}

TEST_F(Authority, KeepsTheListWhileNoModuleAnswersAndSignsItWhenOneIsBack) {
    ASSERT_TRUE(status.keep());
    const auto before = status.list()->der;
    const auto person = cloud.enrol("an");
    ASSERT_TRUE(cloud->credentials.suspend(person.credential.id));
    cloud.modules.down.insert(0);

    EXPECT_EQ(ErrorKind::unavailable, status.keep().error().kind);
    EXPECT_EQ(before, status.list()->der);

    cloud.modules.down.clear();
    ASSERT_TRUE(status.keep());
    EXPECT_TRUE(is_listed(person.credential));
    ASSERT_TRUE(cloud->credentials.resume_use(person.credential.id));
    ASSERT_TRUE(status.keep());
    EXPECT_FALSE(is_listed(person.credential));
}

TEST_F(Authority, AnswersAgainWithoutAModule) {
    const auto person = cloud.enrol("an");
    const auto asked = question(person.credential);
    const auto first = status.answer(asked);
    ASSERT_EQ(V_OCSP_CERTSTATUS_GOOD, status_in(first.response));
    cloud.modules.down.insert(0);

    EXPECT_EQ(first.response, status.answer(asked).response);
    ASSERT_TRUE(cloud->credentials.suspend(person.credential.id));
    EXPECT_EQ(OCSP_RESPONSE_STATUS_TRYLATER, state_of(status.answer(asked).response))
        << "what was good is not given out once it is not";

    cloud.modules.down.clear();
    EXPECT_EQ(V_OCSP_CERTSTATUS_REVOKED, status_in(status.answer(asked).response));
}

TEST_F(Authority, ProducesAnswersBeforeTheOldOnesEndWhereSomebodyAsks) {
    const auto person = cloud.enrol("an");
    const auto asked = question(person.credential);
    std::string first;
    status_in(status.answer(asked).response, &first);
    std::string second;
    cloud.advance(StatusService::answer_life_ms / 2);
    ASSERT_TRUE(status.keep());
    status_in(status.answer(asked).response, &second);
    EXPECT_EQ(first, second) << "nobody had asked again by then";

    ASSERT_TRUE(status.keep());
    status_in(status.answer(asked).response, &second);
    EXPECT_LT(first, second);

    cloud.advance(StatusService::answer_life_ms);
    cloud.modules.down.insert(0);
    EXPECT_EQ(OCSP_RESPONSE_STATUS_TRYLATER, state_of(status.answer(asked).response));
}

TEST_F(Authority, StampsInStepWithTheModule) {
    ASSERT_TRUE(stamped().granted);
    cloud.advance(hour_ms);
    ASSERT_TRUE(stamped().granted);

    cloud.clock.advance(-hour_ms);  // of this server alone
    const auto refused = stamped();
    EXPECT_FALSE(refused.granted);
    ASSERT_TRUE(refused.error);
    EXPECT_EQ(ErrorKind::unavailable, refused.error->kind);

    cloud.clock.advance(2 * hour_ms);
    EXPECT_FALSE(stamped().granted);
    cloud.clock.advance(-hour_ms);
    EXPECT_TRUE(stamped().granted);
}

TEST_F(Authority, StampsWithTheRenewedCertificateOfItsOwnKey) {
    const auto signer_of_stamp = [&] {
        const auto question =
            pki::ask_timestamp(hsm::protocol::DigestAlgorithm::sha256, Bytes(32, 7), Bytes(8, 1));
        const auto token = pki::read_timestamp(
            stamps.answer(question->request)->response, *question, pki::to_pem(root()));
        return pki::read_timestamp_token(*token)->signer;
    };
    const auto key_now = [&] {
        return *find_service_key(*cloud.database, CredentialOwner::tsa, cloud.clock.now_ms());
    };
    const auto first = key_now();
    EXPECT_EQ(signer_of_stamp(), first.certificate);
    cloud.advance(hour_ms);
    ASSERT_TRUE(
        cloud->credentials.renew({first.credential_id}, credential::OldCertificate::superseded));
    ASSERT_EQ(cloud.officer_approves_all(), 1u);
    cloud.advance(hour_ms);

    EXPECT_NE(key_now().certificate, first.certificate);
    EXPECT_EQ(signer_of_stamp(), key_now().certificate);
}

TEST_F(Authority, UsesTheNewestServiceThatIsNotRevoked) {
    const auto first =
        find_service_key(*cloud.database, CredentialOwner::tsa, cloud.clock.now_ms());
    cloud.advance(1000);
    ASSERT_TRUE(cloud->credentials.create_service(CredentialOwner::tsa, "CN=Second,C=VN"));
    EXPECT_EQ(1u, cloud.officer_approves_all());
    EXPECT_EQ(first->credential_id,
              find_service_key(*cloud.database, CredentialOwner::tsa, cloud.clock.now_ms())
                  ->credential_id)
        << "not certified yet";
    EXPECT_EQ(1u, cloud.officer_approves_all());
    const auto second =
        find_service_key(*cloud.database, CredentialOwner::tsa, cloud.clock.now_ms());
    EXPECT_NE(first->credential_id, second->credential_id);
    ASSERT_TRUE(
        cloud->credentials.revoke(second->credential_id, pki::RevocationReason::superseded));
    EXPECT_EQ(first->credential_id,
              find_service_key(*cloud.database, CredentialOwner::tsa, cloud.clock.now_ms())
                  ->credential_id);
    EXPECT_EQ(ErrorKind::conflict,
              cloud->credentials.revoke(first->issuer_id, pki::RevocationReason::key_compromise)
                  .error()
                  .kind)
        << "an issuer does not revoke itself";
}

}  // namespace
}  // namespace cloudsign::authority
