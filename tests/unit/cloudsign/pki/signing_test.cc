#include <gtest/gtest.h>
#include <openssl/ocsp.h>
#include <openssl/ts.h>

#include "cloudsign/pki/ocsp.h"
#include "cloudsign/pki/timestamp.h"
#include "cloudsign/pki/timestamp_answer.h"
#include "tests/unit/cloudsign/pki/test_signer.h"

// OpenSSL builds and signs with a key that somebody else holds; another OpenSSL context verifies.
namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

struct Case {
    KeyType type;
    Algorithm algorithm;
};

class SignedByAnother : public testing::TestWithParam<Case> {
protected:
    SignedByAnother()
        : root_key(GetParam().type),
          root(make_certificate(
              root_key, "CN=Kyso TEST CA,C=VN", root_key, GetParam().algorithm, {})),
          context(*SigningContext::create()) {}

    Bytes certified(const TestKey& key, const std::string& subject, Profile profile) {
        TbsRequest request;
        request.profile = profile;
        request.subject = subject;
        request.spki = key.spki();
        request.issuer = root;
        request.algorithm = GetParam().algorithm;
        request.serial_number[15] = 7;
        request.valid_from_ms = test_now_ms;
        request.valid_to_ms = test_now_ms + 1'000'000;
        const auto tbs = build_tbs(request);
        return *assemble(*tbs, request.algorithm, root_key.sign(request.algorithm, *tbs), root);
    }

    const TestKey root_key;
    const Bytes root;
    std::unique_ptr<SigningContext> context;
};

bool verifies(const Bytes& response, const Bytes& request, const Bytes& root) {
    using RequestPtr = std::unique_ptr<TS_REQ, openssl::Freed<TS_REQ_free>>;
    using ResponsePtr = std::unique_ptr<TS_RESP, openssl::Freed<TS_RESP_free>>;
    const auto asked = openssl::from_der<RequestPtr>(request, d2i_TS_REQ);
    const auto answered = openssl::from_der<ResponsePtr>(response, d2i_TS_RESP);
    const std::unique_ptr<TS_VERIFY_CTX, openssl::Freed<TS_VERIFY_CTX_free>> context(
        TS_REQ_to_TS_VERIFY_CTX(asked.get(), nullptr));
    X509_STORE* store = X509_STORE_new();
    const auto anchor = openssl::read_x509(root);
    X509_STORE_add_cert(store, anchor.get());
    X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), test_now_ms / 1000 + 60);
    TS_VERIFY_CTX_add_flags(context.get(), TS_VFY_SIGNATURE);
    TS_VERIFY_CTX_set_store(context.get(), store);
    return TS_RESP_verify_response(context.get(), answered.get()) == 1;
}

RevocationListRequest list_of(const Bytes& issuer) {
    RevocationListRequest request;
    request.issuer = issuer;
    request.number = 7;
    request.this_update_ms = test_now_ms;
    request.next_update_ms = test_now_ms + 3'600'000;
    request.revoked = {{"4F00", test_now_ms - 5000, RevocationReason::key_compromise},
                       {"0A01", test_now_ms - 9000, RevocationReason::unspecified}};
    return request;
}

TEST_P(SignedByAnother, ARevocationListNamesWhatIsRevoked) {
    TestSigner signer(root_key, GetParam().algorithm);

    const auto der = sign_revocation_list(*context, signer, list_of(root));

    ASSERT_TRUE(der) << der.error().detail;
    using ListPtr = std::unique_ptr<X509_CRL, openssl::Freed<X509_CRL_free>>;
    const auto list = openssl::from_der<ListPtr>(*der, d2i_X509_CRL);
    ASSERT_TRUE(list);
    const openssl::Asn1IntegerPtr serial(ASN1_INTEGER_new());
    ASN1_INTEGER_set(serial.get(), 0x4f00);
    X509_REVOKED* entry = nullptr;
    EXPECT_EQ(1, X509_CRL_get0_by_serial(list.get(), &entry, serial.get()));
    ASN1_INTEGER_set(serial.get(), 0x4f01);
    EXPECT_EQ(0, X509_CRL_get0_by_serial(list.get(), &entry, serial.get()));
}

TEST_P(SignedByAnother, ARefusalComesBackInItsOwnWords) {
    TestSigner signer(root_key, GetParam().algorithm);
    signer.refuses = true;

    const auto refused = sign_revocation_list(*context, signer, list_of(root));

    ASSERT_FALSE(refused);
    EXPECT_EQ(ErrorKind::unavailable, refused.error().kind);
    EXPECT_EQ("not now", refused.error().detail);
}

TEST_P(SignedByAnother, AnOcspAnswerSaysWhatWasAsked) {
    const TestKey responder_key(GetParam().type);
    const auto responder = certified(responder_key, "CN=OCSP,C=VN", Profile::ocsp);
    TestSigner signer(responder_key, GetParam().algorithm);
    auto issuer = openssl::read_x509(root);
    auto subject = openssl::read_x509(responder);
    std::unique_ptr<OCSP_REQUEST, openssl::Freed<OCSP_REQUEST_free>> request(OCSP_REQUEST_new());
    OCSP_request_add0_id(request.get(), OCSP_cert_to_id(nullptr, subject.get(), issuer.get()));
    OCSP_request_add1_nonce(request.get(), nullptr, 20);

    const auto read = read_ocsp_request(openssl::to_der(request.get(), i2d_OCSP_REQUEST), root);
    ASSERT_TRUE(read) << read.error().detail;
    ASSERT_EQ(1u, read->questions.size());
    EXPECT_TRUE(read->questions[0].of_issuer);
    EXPECT_EQ(read_certificate(responder)->serial_number, read->questions[0].serial_number);
    OcspAnswers answers;
    answers.responder = responder;
    answers.nonce = read->nonce;
    answers.this_update_ms = test_now_ms;
    answers.next_update_ms = test_now_ms + 60'000;
    answers.answers = {{read->questions[0].certificate_id,
                        CertificateStatus::revoked,
                        test_now_ms - 1000,
                        RevocationReason::superseded}};
    const auto der = sign_ocsp_answers(*context, signer, answers);

    ASSERT_TRUE(der) << der.error().detail;
    const unsigned char* at = der->data();
    std::unique_ptr<OCSP_RESPONSE, openssl::Freed<OCSP_RESPONSE_free>> response(
        d2i_OCSP_RESPONSE(nullptr, &at, static_cast<long>(der->size())));
    std::unique_ptr<OCSP_BASICRESP, openssl::Freed<OCSP_BASICRESP_free>> basic(
        OCSP_response_get1_basic(response.get()));
    ASSERT_TRUE(basic);
    EXPECT_EQ(1, OCSP_check_nonce(request.get(), basic.get()));
    std::unique_ptr<X509_STORE, openssl::Freed<X509_STORE_free>> store(X509_STORE_new());
    X509_STORE_add_cert(store.get(), issuer.get());
    auto* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(parameters, test_now_ms / 1000 + 60);
    EXPECT_EQ(1, OCSP_basic_verify(basic.get(), nullptr, store.get(), 0));
    int status = -1;
    int reason = -1;
    OCSP_resp_find_status(basic.get(),
                          OCSP_onereq_get0_id(OCSP_request_onereq_get0(request.get(), 0)),
                          &status,
                          &reason,
                          nullptr,
                          nullptr,
                          nullptr);
    EXPECT_EQ(V_OCSP_CERTSTATUS_REVOKED, status);
    EXPECT_EQ(OCSP_REVOKED_STATUS_SUPERSEDED, reason);
}

TEST_P(SignedByAnother, ATimeStampIsTakenByWhoAskedForIt) {
    const TestKey tsa_key(GetParam().type);
    const auto tsa = certified(tsa_key, "CN=TSA,C=VN", Profile::tsa);
    const auto spki = tsa_key.spki();
    Bytes info_seen;
    const TimestampSign sign = [&](const Bytes& info, const Bytes& attributes) {
        info_seen = info;
        return Result<Bytes>(tsa_key.sign(GetParam().algorithm, attributes));
    };
    const auto question = ask_timestamp(DigestAlgorithm::sha256, Bytes(32, 0x17), Bytes(8, 0x42));

    const auto maker =
        TimestampMaker::create(*context, {spki, GetParam().algorithm, tsa, root, "2.999.1"});
    ASSERT_TRUE(maker) << maker.error().detail;
    (void)(*maker)->answer(question->request, test_now_ms, sign);  // the first of two

    const auto answer = (*maker)->answer(question->request, test_now_ms + 123, sign);

    ASSERT_TRUE(answer.granted) << (answer.error ? answer.error->detail : "refused");
    EXPECT_FALSE(info_seen.empty());
    // PKCS #7, which OpenSSL checks time-stamps as, has no PSS: services sign with
    // default_algorithm().
    if (GetParam().algorithm.scheme != Scheme::rsa_pss) {
        EXPECT_TRUE(verifies(answer.response, question->request, root));
    }
}

TEST_P(SignedByAnother, ATimeStampWithoutTrustedTimeIsRefusedInWords) {
    const TestKey tsa_key(GetParam().type);
    const auto tsa = certified(tsa_key, "CN=TSA,C=VN", Profile::tsa);
    const auto spki = tsa_key.spki();
    bool refuses = true;
    const TimestampSign sign = [&](const Bytes&, const Bytes& attributes) -> Result<Bytes> {
        if (refuses) {
            return Error{ErrorKind::unavailable, "another time", 0};
        }
        return tsa_key.sign(GetParam().algorithm, attributes);
    };
    const auto question = ask_timestamp(DigestAlgorithm::sha256, Bytes(32, 0x17), Bytes(8, 1));

    const auto maker =
        TimestampMaker::create(*context, {spki, GetParam().algorithm, tsa, root, "2.999.1"});
    const auto answer = (*maker)->answer(question->request, test_now_ms, sign);

    EXPECT_FALSE(answer.granted);
    EXPECT_EQ("another time", answer.error->detail);
    const unsigned char* at = answer.response.data();
    std::unique_ptr<TS_RESP, openssl::Freed<TS_RESP_free>> response(
        d2i_TS_RESP(nullptr, &at, static_cast<long>(answer.response.size())));
    ASSERT_TRUE(response);
    const auto* failure = TS_STATUS_INFO_get0_failure_info(TS_RESP_get_status_info(response.get()));
    EXPECT_EQ(1, ASN1_BIT_STRING_get_bit(failure, TS_INFO_TIME_NOT_AVAILABLE));
    refuses = false;
    EXPECT_TRUE((*maker)->answer(question->request, test_now_ms, sign).granted);
}

INSTANTIATE_TEST_SUITE_P(
    Algorithms,
    SignedByAnother,
    testing::Values(Case{KeyType::p256, {Scheme::ecdsa, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0}},
                    Case{KeyType::rsa2048, {Scheme::rsa_pss, DigestAlgorithm::sha256, 32}}));

}  // namespace
}  // namespace cloudsign::pki
