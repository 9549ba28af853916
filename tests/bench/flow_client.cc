#include "tests/bench/flow_client.h"

#include <chrono>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/random.h"
#include "tests/bench/failure.h"

namespace bench {
namespace {

namespace json = boost::json;
using hsm::softphone::HttpsClient;

HttpsClient client(const std::string& ca_file) {
    hsm::softphone::HttpsSettings settings;
    settings.ca_file = ca_file;
    return HttpsClient(settings);
}

std::string text_of(const json::value& body, std::string_view name) {
    return std::string(body.as_object().at(name).as_string());
}

std::string_view sign_algorithm(hsm::protocol::KeyType type) {
    return type == hsm::protocol::KeyType::p256 ? "1.2.840.10045.4.3.2" : "1.2.840.113549.1.1.11";
}

constexpr std::string_view sha256_oid = "2.16.840.1.101.3.4.2.1";

}  // namespace

std::string fresh_hash() {
    return cloudsign::base64(cloudsign::random_32());
}

FlowClient::FlowClient(const Portal& portal, boost::asio::io_context& io)
    : portal_(portal),
      api_(portal.api_url, portal.ca_file),
      approve_(portal.approve_url, portal.ca_file),
      portal_connection_(api_),
      phone_connection_(approve_) {
    portal_connection_.park_in(io);
    phone_connection_.park_in(io);
}

json::value FlowClient::post(const std::string& path, const json::object& body) {
    const auto answer = portal_connection_.ask(api_.request(path, portal_.token, &body));
    if (answer.status != 200 && answer.status != 202) {
        fail(path + ": " + std::to_string(answer.status) + " " + answer.body);
    }
    return json::parse(answer.body);
}

json::value FlowClient::on_phone(const Phone& phone,
                                 const std::string& path,
                                 const json::object* body) {
    const auto answer = phone_connection_.ask(approve_.request(path, phone.session().token, body));
    if (answer.status != 200) {
        fail(path + ": " + std::to_string(answer.status) + " " + answer.body);
    }
    return json::parse(answer.body);
}

json::value FlowClient::open(const Phone& phone, const std::string& hash) {
    return post("/csc/v2/credentials/authorize",
                {{"credentialID", phone.credential_id()},
                 {"numSignatures", 1},
                 {"hashes", {hash}},
                 {"hashAlgorithmOID", sha256_oid}});
}

void FlowClient::approve_what_waits(Phone& phone) {
    const auto listed = on_phone(phone, "/approve/v1/pending", nullptr);
    for (const auto& value : listed.as_object().at("items").as_array()) {
        const auto item = need(hsm::softphone::read_item(value), "item");
        const auto made = phone.approve(item);
        const json::object body{
            {"thumbprint", cloudsign::base64url(made.thumbprint)},
            {"authenticator_data", cloudsign::base64url(made.authenticator_data)},
            {"client_data_json", cloudsign::base64url(hsm::view_of(made.client_data_json))},
            {"signature", cloudsign::base64url(made.signature)}};
        on_phone(phone, "/approve/v1/transactions/" + item.id + "/approve", &body);
    }
}

double FlowClient::sign_once(Phone& phone, hsm::protocol::KeyType type) {
    const auto hash = fresh_hash();
    const auto handle = text_of(open(phone, hash), "handle");
    approve_what_waits(phone);
    const auto sad =
        text_of(post("/csc/v2/credentials/authorizeCheck", {{"handle", handle}}), "SAD");
    const auto start = std::chrono::steady_clock::now();
    post("/csc/v2/signatures/signHash",
         {{"credentialID", phone.credential_id()},
          {"SAD", sad},
          {"hashes", {hash}},
          {"hashAlgorithmOID", sha256_oid},
          {"signAlgo", sign_algorithm(type)}});
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
        .count();
}

void FlowClient::authorize(const Phone& phone) {
    open(phone, fresh_hash());
}

std::string fetch_token(const std::string& api_url,
                        const std::string& ca_file,
                        const std::string& client_id,
                        const std::string& secret) {
    auto http = client(ca_file);
    auto response = need(http.post_form(api_url + "/oauth2/token",
                                        {{"grant_type", "client_credentials"}},
                                        hsm::softphone::Basic{client_id, secret}),
                         "token");
    if (response.status != 200) {
        fail("token: " + response.body);
    }
    return text_of(need(response.json(), "token"), "access_token");
}

}  // namespace bench
