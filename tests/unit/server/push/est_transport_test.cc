#include "server/push/est_transport.h"

#include <fstream>

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "cloudsign/external_ca/est_client.h"
#include "cloudsign/pki/certificate.h"
#include "hsm/openssl/der.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/server/push/python_server.h"

// Against tests/support/est_server.py: Python's TLS and HTTP, and the `openssl` program's answers.
namespace server::push {
namespace {

namespace openssl = hsm::openssl;
namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::ErrorKind;
using cloudsign::external_ca::AskLater;
using cloudsign::external_ca::CaAnswer;
using cloudsign::external_ca::EstClient;
using cloudsign::external_ca::EstSettings;
using cloudsign::external_ca::Issued;
using cloudsign::external_ca::Refused;

constexpr auto secret = "correct horse";

Bytes signed_request(EVP_PKEY* key, EVP_PKEY* signed_by) {
    const std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>> request(X509_REQ_new());
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()),
                               "CN",
                               MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>("Em"),
                               -1,
                               -1,
                               0);
    X509_REQ_set_pubkey(request.get(), key);
    CHECK(X509_REQ_sign(request.get(), signed_by, EVP_sha256()) > 0);
    return openssl::to_der(request.get(), i2d_X509_REQ);
}

class EstTransportTest : public testing::Test {
protected:
    void start(const std::vector<std::string>& arguments) {
        server_ = std::make_unique<PythonServer>("est_server.py", arguments);
        files_ = {server_->told("ca"), server_->told("certificate"), server_->told("key")};
    }

    EstClient client(const std::string& user, const std::string& with_secret) {
        EstSettings settings;
        settings.url = server_->told("url");
        settings.user = user;
        CHECK(settings.secret.assign(hsm::view_of(with_secret)));
        return {std::move(settings), est_transport(http_, files_)};
    }

    cloudsign::Result<CaAnswer> request(const std::string& user = "",
                                        const std::string& with_secret = "") {
        return client(user, with_secret).request({request_}, [](const Issued&) {
            return cloudsign::Result<void>();
        });
    }

    OutboundRequest question() const {
        OutboundRequest request;
        request.url = server_->told("url") + "/cacerts";
        request.method = OutboundMethod::get;
        request.private_addresses = true;
        request.ca_file = files_.ca_file;
        request.client_certificate = files_.client_certificate;
        request.client_key = files_.client_key;
        return request;
    }

    json::array asked() {
        auto request = question();
        request.url.resize(request.url.find("/.well-known"));
        request.url += "/control/asked";
        const auto answer = http_.call(std::move(request));
        CHECK(answer.has_value() && answer->status == 200);
        return json::parse(answer->body).as_object().at("asked").as_array();
    }

    // A key of its own, encrypted with `passphrase` where there is one.
    std::string key_file(const char* passphrase) const {
        auto name = (folder_.path() / "key.pem").string();
        const openssl::BioPtr out(BIO_new_file(name.c_str(), "w"));
        const openssl::EvpKeyPtr key(EVP_EC_gen("P-256"));
        CHECK(PEM_write_bio_PKCS8PrivateKey(out.get(),
                                            key.get(),
                                            passphrase != nullptr ? EVP_aes_256_cbc() : nullptr,
                                            passphrase,
                                            passphrase != nullptr ? 8 : 0,
                                            nullptr,
                                            nullptr) == 1);
        return name;
    }

    const tests::support::TemporaryFolder folder_;
    const openssl::EvpKeyPtr key_{EVP_EC_gen("P-256")};
    Bytes request_ = signed_request(key_.get(), key_.get());
    std::unique_ptr<PythonServer> server_;
    EstTlsFiles files_;
    OutboundHttp http_;
};

TEST_F(EstTransportTest, GetsACertificateWithAUserAndASecret) {
    start({"--user", std::string("kyso:") + secret, "--label", "people"});

    const auto answer = request("kyso", secret);

    ASSERT_TRUE(answer) << answer.error().detail;
    const auto& issued = std::get<Issued>(*answer);
    const auto facts = cloudsign::pki::read_certificate(issued.certificate);
    ASSERT_TRUE(facts);
    EXPECT_EQ(facts->subject, "CN=Em");
    EXPECT_EQ(facts->spki, openssl::to_der(key_.get(), i2d_PUBKEY));
    EXPECT_EQ(issued.others.size(), 1U);
    const auto questions = asked();
    ASSERT_EQ(questions.size(), 1U);
    EXPECT_EQ(questions[0].at("user"), "kyso");
    EXPECT_EQ(questions[0].at("operation"), "/simpleenroll");
}

TEST_F(EstTransportTest, GetsACertificateWithAClientCertificateAndTheOthersFromCacerts) {
    start({"--client-certificate", "--alone"});

    const auto answer = request();

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Issued>(*answer).others.size(), 2U);
    const auto questions = asked();
    ASSERT_EQ(questions.size(), 2U);
    EXPECT_EQ(questions[0].at("certificate"), "est-client");
    EXPECT_EQ(questions[1].at("operation"), "/cacerts");
}

TEST_F(EstTransportTest, SaysThatTheSecretIsWrong) {
    start({"--user", std::string("kyso:") + secret});

    const auto answer = request("kyso", "wrong horse");

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_NE(answer.error().detail.find("(HTTP 401)"), std::string::npos) << answer.error().detail;
}

TEST_F(EstTransportTest, WaitsAsLongAsTheAuthoritySaysAndAsksTheSameAgain) {
    start({"--later", "1"});

    const auto first = request();
    const auto second = request();

    ASSERT_TRUE(first && second);
    EXPECT_EQ(std::get<AskLater>(*first).after_ms, 1000);
    EXPECT_TRUE(std::holds_alternative<Issued>(*second));
}

TEST_F(EstTransportTest, BringsTheReasonOfARefusal) {
    start({});
    const openssl::EvpKeyPtr another(EVP_EC_gen("P-256"));
    request_ = signed_request(key_.get(), another.get());

    const auto answer = request();

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Refused>(*answer).reason,
              "HTTP 400: the request cannot be read, or its signature is wrong");
}

TEST_F(EstTransportTest, SendsNothingToAServerThatItDoesNotTrust) {
    start({"--user", std::string("kyso:") + secret});
    const auto trusted = std::exchange(files_.ca_file, "");

    const auto answer = request("kyso", secret);

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_NE(answer.error().detail.find("certificate"), std::string::npos)
        << answer.error().detail;
    files_.ca_file = trusted;
    EXPECT_TRUE(asked().empty());
}

TEST_F(EstTransportTest, ReadsNoMoreThanItIsAllowed) {
    start({});
    cloudsign::external_ca::EstCall call;
    call.url = server_->told("url") + "/cacerts";
    call.deadline = std::chrono::seconds(20);
    call.reply_max = 100;

    const auto reply = est_transport(http_, files_)(call);

    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().detail, "its answer is too long");
}

TEST_F(EstTransportTest, SaysThatNobodyAnswers) {
    start({});
    auto settings = EstSettings{};
    settings.url = "https://localhost:1/.well-known/est";
    EstClient nowhere(std::move(settings), est_transport(http_, files_));

    const auto answer =
        nowhere.request({request_}, [](const Issued&) { return cloudsign::Result<void>(); });

    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
    EXPECT_TRUE(answer.error().detail.starts_with("the authority cannot be asked: "))
        << answer.error().detail;
}

class OutboundCertificateTest : public EstTransportTest {
protected:
    void SetUp() override { start({"--client-certificate"}); }
};

TEST_F(OutboundCertificateTest, IsShownWhereItIsDemanded) {
    const auto answer = http_.call(question());

    ASSERT_TRUE(answer.has_value()) << answer.error();
    EXPECT_EQ(answer->status, 200U);
}

TEST_F(OutboundCertificateTest, MayHaveItsKeyInTheSameFile) {
    auto request = question();
    request.client_certificate = (folder_.path() / "both.pem").string();
    request.client_key.clear();
    std::ofstream(request.client_certificate) << std::ifstream(files_.client_certificate).rdbuf()
                                              << std::ifstream(files_.client_key).rdbuf();

    const auto answer = http_.call(std::move(request));

    ASSERT_TRUE(answer.has_value()) << answer.error();
    EXPECT_EQ(answer->status, 200U);
}

TEST_F(OutboundCertificateTest, IsMissedWhereThereIsNone) {
    ASSERT_TRUE(http_.call(question()).has_value());
    auto request = question();
    request.client_certificate.clear();

    EXPECT_FALSE(http_.call(std::move(request)).has_value());
}

TEST_F(OutboundCertificateTest, IsRefusedByAServerThatDoesNotTrustItsAuthority) {
    const PythonServer another("est_server.py", {"--client-certificate"});
    auto request = question();
    request.client_certificate = another.told("certificate");
    request.client_key = another.told("key");

    EXPECT_FALSE(http_.call(std::move(request)).has_value());
}

TEST_F(OutboundCertificateTest, NeedsItsOwnKeyInTheClear) {
    for (const auto* passphrase : {static_cast<const char*>(nullptr), "12345678"}) {
        auto request = question();
        request.client_key = key_file(passphrase);

        const auto answer = http_.call(std::move(request));

        ASSERT_FALSE(answer.has_value());
        EXPECT_NE(answer.error().find("private key"), std::string::npos) << answer.error();
    }
}

TEST_F(OutboundCertificateTest, IsReadForEachRequest) {
    auto request = question();
    request.client_certificate = (folder_.path() / "gone.pem").string();

    const auto answer = http_.call(std::move(request));

    ASSERT_FALSE(answer.has_value());
    EXPECT_NE(answer.error().find("client certificate"), std::string::npos) << answer.error();
}

}  // namespace
}  // namespace server::push
