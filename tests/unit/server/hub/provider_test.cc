#include "server/hub/provider.h"

#include <arpa/inet.h>
#include <map>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/hub/hub.h"

namespace server::hub {
namespace {

namespace json = boost::json;
using cloudsign::ErrorKind;
using cloudsign::qd769::Outcome;

// Somebody else's service on loopback: answers each path with what was set for it, one request a
// connection, and keeps what it was sent.
class Service {
public:
    Service() {
        socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        CHECK(::listen(socket_, 16) == 0);
        CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        thread_ = std::thread([this] { serve(); });
    }
    ~Service() {
        ::shutdown(socket_, SHUT_RDWR);
        thread_.join();
        ::close(socket_);
    }
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;

    const std::string& url() const { return url_; }
    void answer(const std::string& path, unsigned status, const json::value& body) {
        answer_text(path, status, json::serialize(body));
    }
    void answer_text(const std::string& path, unsigned status, const std::string& body) {
        const std::lock_guard lock(mutex_);
        answers_[path] = "HTTP/1.1 " + std::to_string(status) +
                         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    json::object sent(const std::string& path) {
        const std::lock_guard lock(mutex_);
        return json::parse(sent_[path]).as_object();
    }
    int count(const std::string& path) {
        const std::lock_guard lock(mutex_);
        return counts_[path];
    }

private:
    void serve() {
        while (true) {
            const int one = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
            if (one < 0) {
                return;
            }
            take(one);
            ::close(one);
        }
    }
    void take(int one) {
        std::string got;
        std::size_t whole = std::string::npos;
        char bytes[8192];
        while (got.size() < whole) {
            const auto size = ::recv(one, bytes, sizeof(bytes), 0);
            if (size <= 0) {
                return;
            }
            got.append(bytes, static_cast<std::size_t>(size));
            const auto end = got.find("\r\n\r\n");
            const auto length = got.find("Content-Length: ");
            if (end != std::string::npos && length != std::string::npos) {
                whole = end + 4 + std::stoul(got.substr(length + 16));
            }
        }
        const auto path = got.substr(5, got.find(' ', 5) - 5);
        const std::lock_guard lock(mutex_);
        sent_[path] = got.substr(got.find("\r\n\r\n") + 4);
        ++counts_[path];
        const auto& text = answers_[path];
        static_cast<void>(::send(one, text.data(), text.size(), MSG_NOSIGNAL));
    }

    int socket_ = -1;
    std::string url_;
    std::mutex mutex_;
    std::map<std::string, std::string> answers_;
    std::map<std::string, std::string> sent_;
    std::map<std::string, int> counts_;
    std::thread thread_;
};

class ProviderTest : public testing::Test {
protected:
    std::unique_ptr<Provider> provider(Dialect dialect) {
        return make_provider(settings(dialect), http_);
    }
    ProviderSettings settings(Dialect dialect) {
        ProviderSettings settings;
        settings.name = "CA2";
        settings.dialect = dialect;
        settings.url = service_.url();
        settings.token_url = service_.url() + "/oauth2/token";
        settings.client_id = "us";
        settings.secret = "secret";
        settings.private_addresses = true;
        settings.plain_http = true;
        return settings;
    }
    static HubRequest a_request() {
        HubRequest request;
        request.id = "hub_1";
        request.user_id = "079";
        request.portal_id = "SP_1";
        request.description = "Ký";
        request.certificate.credential_id = "cred-1";
        request.certificate.description = {{"serial_number", "0A1b"}};
        request.files = {{"a", "a", cloudsign::Bytes(32, 1)},
                         {"b", "b (x)", cloudsign::Bytes(32, 2)}};
        return request;
    }

    Service service_;
    push::OutboundHttp http_;
};

// What a portal must tell apart stays apart when it was refused at the provider.
TEST_F(ProviderTest, Qd769RefusalsAreOfTheKindThatTheyMean) {
    const std::tuple<unsigned, const char*, ErrorKind> refusals[] = {
        {403, "UNDELIVERED", ErrorKind::undelivered},
        {403, "CREDENTIAL_LOCKED", ErrorKind::credential_locked},
        {403, "CREDENTIAL_STATUS_INVALID", ErrorKind::credential_disabled},
        {429, "SERVICE_BUSY", ErrorKind::busy},
        {503, "SERVICE_UNAVAILABLE", ErrorKind::unavailable},
        {400, "BAD_REQUEST", ErrorKind::conflict}};
    for (const auto& [status, message, kind] : refusals) {
        // HTTP's status, and the field's habit of 200 with another in the body.
        for (const unsigned http : {status, 200u}) {
            service_.answer("/sign", http, {{"status_code", status}, {"message", message}});
            const auto answer = provider(Dialect::qd769)->sign(a_request());
            ASSERT_FALSE(answer.has_value());
            EXPECT_EQ(answer.error().kind, kind) << message << " " << http;
        }
    }
}

TEST_F(ProviderTest, CscRefusalsAreOfTheKindThatTheyMean) {
    service_.answer("/oauth2/token", 200, {{"access_token", "t"}, {"expires_in", 300}});
    const std::pair<const char*, ErrorKind> refusals[] = {
        {"No device of the signer could be reached", ErrorKind::undelivered},
        {"Credential locked", ErrorKind::credential_locked},
        {"The credential identified by credentialID is disabled", ErrorKind::credential_disabled},
        {"Signing certificate 'CN=x' is expired.", ErrorKind::credential_disabled},
        {"Invalid parameter hashes", ErrorKind::conflict}};
    for (const auto& [text, kind] : refusals) {
        service_.answer("/credentials/authorize", 400, {{"error_description", text}});
        const auto answer = provider(Dialect::csc)->sign(a_request());
        ASSERT_FALSE(answer.has_value());
        EXPECT_EQ(answer.error().kind, kind) << text;
    }
}

TEST_F(ProviderTest, CscCertificatesSayWhoseServiceTheyAreOf) {
    service_.answer("/oauth2/token", 200, {{"access_token", "t"}, {"expires_in", 300}});
    service_.answer_text("/credentials/list", 200, R"({"credentialInfos":[{"credentialID":"1"}]})");

    const auto found = provider(Dialect::csc)->certificates("079");

    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->front().description.at("service_name"), "CA2");
}

TEST_F(ProviderTest, Qd769ReadsCertificatesInTheShapesOfTheField) {
    service_.answer_text(
        "/get_certificate", 200, R"({"status_code":200,"data":{"user_certificates":[
        {"cert_id":"1","serial_number":"00ab","cert_status":"Đang hoạt động",
         "chain_data":{"ca_cert":"CA","root_cert":"ROOT"}}]}})");
    const auto nested = provider(Dialect::qd769)->certificates("079");
    service_.answer_text("/v1/credentials/get_certificate", 200, R"({"status_code":200,"data":[
        {"cert_id":"2","serial_number":"AB","cert_status":0,"chain_data":["CA","ROOT"]}]})");
    const auto flat = provider(Dialect::sp769)->certificates("079");

    ASSERT_TRUE(nested.has_value() && flat.has_value());
    ASSERT_EQ(nested->size(), 1U);
    ASSERT_EQ(flat->size(), 1U);
    EXPECT_EQ(nested->front().serial_number, "AB");
    EXPECT_EQ(flat->front().serial_number, "AB");
    EXPECT_TRUE(nested->front().usable);
    EXPECT_FALSE(flat->front().usable);
    EXPECT_EQ(nested->front().description.at("chain_data"),
              flat->front().description.at("chain_data"));
    EXPECT_EQ(service_.sent("/get_certificate").at("sp_password"), "secret");
    EXPECT_EQ(service_.sent("/get_certificate").at("user_id"), "079");
}

TEST_F(ProviderTest, Qd769SendsEachShapeAndMatchesSignaturesByDocument) {
    for (const auto dialect : {Dialect::qd769, Dialect::sp769}) {
        const std::string sign = dialect == Dialect::qd769 ? "/sign" : "/v1/signatures/sign";
        service_.answer(
            sign, 200, {{"status_code", 200}, {"message", "sig_wait_for_user_confirm"}});
        const auto mine = provider(dialect);

        const auto reference = mine->sign(a_request());

        ASSERT_TRUE(reference.has_value());
        const auto sent = service_.sent(sign);
        EXPECT_EQ(sent.at("transaction_id"), "hub_1");
        EXPECT_EQ(sent.at("serial_number"), "0A1b");
        EXPECT_EQ(sent.at("transaction_desc"), "Ký (SP_1)");
        const auto& file = sent.at("sign_files").at(1).as_object();
        EXPECT_EQ(file.contains("file_options"), dialect == Dialect::qd769);
        EXPECT_EQ(file.contains("sign_type"), dialect == Dialect::sp769);
        EXPECT_EQ(file.at("doc_id"), "b");

        const auto status = sign + "/hub_1/status";
        service_.answer(
            status,
            200,
            {{"status_code", 200}, {"message", "x"}, {"data", {{"signed_files", nullptr}}}});
        EXPECT_EQ(mine->status(*reference)->outcome, Outcome::waiting_for_signer_confirm);
        // In another order, under the other name.
        service_.answer_text(
            status, 200, R"({"status_code":200,"message":"SUCCESS","data":{"signatures":[
            {"doc_id":"b","signature_value":"BB"},{"doc_id":"a","signature_value":"AA"}]}})");
        const auto done = mine->status(*reference);
        ASSERT_TRUE(done.has_value());
        EXPECT_EQ(done->outcome, Outcome::success);
        EXPECT_EQ(done->signatures, (std::vector<std::string>{"AA", "BB"}));
    }
}

TEST_F(ProviderTest, Qd769DoesNotTakeASuccessThatLacksASignature) {
    service_.answer_text("/sign/hub_1/status", 200, R"({"status_code":200,"message":"SUCCESS",
        "data":{"signed_files":[{"doc_id":"a","signature_value":"AA"}]}})");
    const auto got =
        provider(Dialect::qd769)
            ->status({{"transaction_id", "hub_1"}, {"doc_ids", json::array{"a", "b"}}});
    ASSERT_FALSE(got.has_value());
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

TEST_F(ProviderTest, Qd769ReadsTheStatusCodeThatStandsInTheBodyAlone) {
    service_.answer("/sign", 200, {{"status_code", 403}, {"message", "CREDENTIAL_STATUS_INVALID"}});
    EXPECT_EQ(provider(Dialect::qd769)->sign(a_request()).error().kind,
              ErrorKind::credential_disabled);
    service_.answer("/sign", 200, {{"status_code", 401}, {"message", "SP_CREDENTIAL_INVALID"}});
    EXPECT_EQ(provider(Dialect::qd769)->sign(a_request()).error().kind, ErrorKind::unavailable);
    service_.answer("/sign", 429, {{"status_code", 429}});
    EXPECT_EQ(provider(Dialect::qd769)->sign(a_request()).error().kind, ErrorKind::busy);
    service_.answer("/get_certificate", 200, {{"status_code", 400}, {"message", "BAD_REQUEST"}});
    EXPECT_TRUE(provider(Dialect::qd769)->certificates("079")->empty());
}

TEST_F(ProviderTest, IsUnavailableWhenItsAnswerMakesNoSense) {
    for (const auto* text : {"", "<html>", "[]", "\"x\"", "{\"a\":", "{}", "{\"data\":7}"}) {
        service_.answer_text("/get_certificate", 200, text);
        const auto got = provider(Dialect::qd769)->certificates("079");
        ASSERT_FALSE(got.has_value()) << text;
        EXPECT_EQ(got.error().kind, ErrorKind::unavailable) << text;
    }
    service_.answer_text("/get_certificate", 500, "{}");
    EXPECT_EQ(provider(Dialect::qd769)->certificates("079").error().kind, ErrorKind::unavailable);
}

class CscProviderTest : public ProviderTest {
protected:
    void SetUp() override {
        service_.answer("/oauth2/token", 200, {{"access_token", "t"}, {"expires_in", 3600}});
    }
};

TEST_F(CscProviderTest, AsksListAuthorizeCheckAndSignHash) {
    service_.answer_text(
        "/credentials/list", 200, R"({"credentialIDs":["cred-1"],"credentialInfos":[
        {"credentialID":"cred-1","key":{"status":"enabled","algo":["1.2.840.113549.1.1.1"]},
         "cert":{"serialNumber":"0ff","status":"valid","validFrom":"20260102030405Z",
                 "certificates":["LEAF","CA","ROOT"]}}]})");
    const auto mine = provider(Dialect::csc);
    const auto found = mine->certificates("079");
    ASSERT_TRUE(found.has_value());
    ASSERT_EQ(found->size(), 1U);
    EXPECT_TRUE(found->front().is_rsa && found->front().usable);
    EXPECT_EQ(found->front().serial_number, "FF");
    EXPECT_EQ(found->front().description.at("cert_valid_from"), "2026-01-02T03:04:05Z");
    EXPECT_EQ(found->front().description.at("chain_data"),
              (json::object{{"ca_cert", "CA"}, {"root_cert", "ROOT"}}));

    auto request = a_request();
    request.certificate = found->front();
    service_.answer("/credentials/authorize", 202, {{"handle", "h1"}});
    auto reference = mine->sign(request);
    ASSERT_TRUE(reference.has_value());
    EXPECT_EQ(service_.sent("/credentials/authorize").at("signAlgo"), "1.2.840.113549.1.1.11");
    EXPECT_EQ(service_.sent("/credentials/authorize").at("numSignatures"), 2);

    service_.answer("/credentials/authorizeCheck", 202, {{"handle", "h2"}});
    const auto waiting = mine->status(*reference);
    EXPECT_EQ(waiting->outcome, Outcome::waiting_for_signer_confirm);
    EXPECT_EQ(waiting->reference.at("handle"), "h2");

    service_.answer("/credentials/authorizeCheck", 200, {{"SAD", "sad"}});
    service_.answer_text("/signatures/signHash", 200, R"({"signatures":["AA","BB"]})");
    const auto done = mine->status(waiting->reference);
    EXPECT_EQ(service_.sent("/credentials/authorizeCheck").at("handle"), "h2");
    EXPECT_EQ(service_.sent("/signatures/signHash").at("SAD"), "sad");
    EXPECT_EQ(done->outcome, Outcome::success);
    EXPECT_EQ(done->signatures, (std::vector<std::string>{"AA", "BB"}));
    EXPECT_EQ(service_.count("/oauth2/token"), 1);
}

TEST_F(CscProviderTest, SaysHowARequestEnded) {
    const std::pair<const char*, Outcome> ends[] = {
        {"The signer rejected the request", Outcome::signer_rejected},
        {"The signer did not start this request", Outcome::signer_disowned},
        {"The request expired before the signer answered", Outcome::expired},
        {"No device of the signer could be reached", Outcome::undelivered},
        {"whatever else", Outcome::sign_failed}};
    for (const auto& [text, outcome] : ends) {
        service_.answer("/credentials/authorizeCheck",
                        400,
                        {{"error", "access_denied"}, {"error_description", text}});
        EXPECT_EQ(provider(Dialect::csc)->status({{"handle", "h"}})->outcome, outcome) << text;
    }
}

TEST_F(CscProviderTest, FetchesANewTokenWhenTheOldOneIsRefused) {
    service_.answer("/credentials/list", 401, {{"error", "invalid_token"}});
    const auto mine = provider(Dialect::csc);
    EXPECT_EQ(mine->certificates("079").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(service_.count("/oauth2/token"), 2);
    EXPECT_EQ(service_.count("/credentials/list"), 2);
}

TEST_F(CscProviderTest, EndsNoRequestBecauseItIsNotLetIn) {
    const auto mine = provider(Dialect::csc);
    const std::pair<unsigned, const char*> closed[] = {{401, "invalid_token"},
                                                       {400, "unauthorized_client"}};
    for (const auto& [status, error] : closed) {
        for (const auto* path : {"/credentials/authorizeCheck", "/signatures/signHash"}) {
            service_.answer("/credentials/authorizeCheck", 200, {{"SAD", "sad"}});
            service_.answer(path, status, {{"error", error}, {"error_description", "closed"}});
            const auto got = mine->status({{"handle", "h"}});
            ASSERT_FALSE(got.has_value()) << path;
            EXPECT_EQ(got.error().kind, ErrorKind::unavailable) << "the signer may have approved";
        }
    }
}

TEST_F(CscProviderTest, KnowsNobodyWhomItsProviderDoesNotKnow) {
    service_.answer(
        "/credentials/list",
        400,
        {{"error", "invalid_request"}, {"error_description", "Invalid parameter userID"}});
    EXPECT_TRUE(provider(Dialect::csc)->certificates("079")->empty());
}

TEST_F(CscProviderTest, DoesNotTakeAnotherNumberOfSignatures) {
    service_.answer_text("/signatures/signHash", 200, R"({"signatures":["AA"]})");
    const auto got =
        provider(Dialect::csc)
            ->status({{"SAD", "sad"}, {"hashes", json::array{"x", "y"}}, {"credentialID", "c"}});
    EXPECT_EQ(got.error().kind, ErrorKind::unavailable);
}

TEST_F(ProviderTest, HubAsksOnceAMinuteAndLeavesOutWhoIsSilent) {
    service_.answer_text(
        "/get_certificate", 200, R"({"status_code":200,"data":{"user_certificates":[
        {"serial_number":"1"}]}})");
    Hub hub({settings(Dialect::qd769)}, http_);
    EXPECT_EQ(hub.certificates("079", "")->size(), 1U);
    EXPECT_EQ(hub.certificates("079", "CA2")->front().certificate.description.at("ca_name"), "CA2");
    EXPECT_EQ(service_.count("/get_certificate"), 1);
    EXPECT_TRUE(hub.certificates("079", "another")->empty());

    service_.answer_text("/get_certificate", 500, "");
    EXPECT_EQ(hub.certificates("080", "").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(hub.certificates("081", "").error().kind, ErrorKind::unavailable);
    EXPECT_EQ(service_.count("/get_certificate"), 2);
    EXPECT_EQ(hub.certificates("079", "")->size(), 1U) << "remembered";
}

}  // namespace
}  // namespace server::hub
