#include "server/cli/portal.h"

#include <algorithm>
#include <thread>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/csc/algorithms.h"
#include "cloudsign/evidence/status_collector.h"
#include "server/push/authority_fetch.h"

namespace server::cli {
namespace {

namespace json = boost::json;
using hsm::softphone::HttpResponse;
using hsm::softphone::HttpsClient;

constexpr unsigned too_many_requests = 429;

Outcome<json::object> object_of(const HttpResponse& response, std::string_view what) {
    TRY_ASSIGN(auto value, outcome_of(hsm::softphone::json_of(response, what)));
    if (!value.is_object()) {
        return Failure{"the server's answer is no JSON object"};
    }
    return std::move(value.get_object());
}

Failure missing(std::string_view what) {
    return Failure{"the server's answer has no " + std::string(what)};
}

Outcome<std::string> text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) {
        return missing(name);
    }
    return std::string(value->get_string());
}

Outcome<const json::array*> list_at(const json::object& object,
                                    std::string_view outer,
                                    std::string_view name) {
    const auto* within = object.if_contains(outer);
    const auto* value =
        within != nullptr && within->is_object() ? within->get_object().if_contains(name) : nullptr;
    if (value == nullptr || !value->is_array() || value->get_array().empty()) {
        return missing(std::string(outer) + "." + std::string(name));
    }
    return &value->get_array();
}

// What there is to do about 429. A request outlives the `kyso sign` that made it.
std::string advice(const HttpResponse& response) {
    const auto seconds = response.retry_after.count();
    return (seconds > 0 ? "; ask again in " + std::to_string(seconds) + " s" : "") +
           std::string(
               ". A request that a stopped `kyso sign` has left waits until its time is "
               "over, unless the signer answers it; they may reject it on the phone");
}

Outcome<cloudsign::Bytes> bytes_of(const json::value& value, std::string_view name) {
    auto bytes = value.is_string() ? cloudsign::from_base64(value.get_string()) : std::nullopt;
    if (!bytes) {
        return Failure{"the server's " + std::string(name) + " is not base64"};
    }
    return *std::move(bytes);
}

Outcome<void> read_algorithm(const json::array& algorithms, PortalCredential& credential) {
    using hsm::protocol::Scheme;
    for (const auto& value : algorithms) {
        if (!value.is_string()) {
            continue;
        }
        const auto named = cloudsign::csc::sign_algorithm_named(std::string(value.get_string()));
        if (named && named->digest && named->scheme != Scheme::rsa_pss) {
            credential.sign_algo = std::string(value.get_string());
            credential.algorithm = {named->scheme, *named->digest, 0};
            return {};
        }
    }
    return Failure{"the credential's key has no algorithm that this program knows"};
}

std::string_view digest_oid(hsm::protocol::DigestAlgorithm digest) {
    constexpr std::string_view oids[] = {
        "2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"};
    const auto* found = std::ranges::find_if(
        oids, [&](std::string_view oid) { return cloudsign::csc::digest_named(oid) == digest; });
    CHECK(found != std::end(oids));
    return *found;
}

Outcome<std::string> fetch_token(HttpsClient& http, const PortalAccess& access) {
    const hsm::softphone::Basic basic{access.client_id, access.client_secret};
    TRY_ASSIGN(const auto response,
               outcome_of(http.post_form(
                   access.url + "/oauth2/token", {{"grant_type", "client_credentials"}}, basic)));
    TRY_ASSIGN(const auto answer, object_of(response, "sign in as " + access.client_id));
    return text_at(answer, "access_token");
}

}  // namespace

Outcome<Portal> Portal::connect(const PortalAccess& access) {
    hsm::softphone::HttpsSettings settings;
    settings.ca_file = access.ca_file;
    HttpsClient http(settings);
    TRY_ASSIGN(auto token, fetch_token(http, access));
    return Portal(access, std::move(http), std::move(token));
}

Outcome<HttpResponse> Portal::ask(const std::string& path, const json::value& body) {
    return outcome_of(
        http_.post_json(url_ + "/csc/v2/" + path, body, hsm::softphone::Bearer{token_}));
}

Outcome<PortalCredential> Portal::credential(const std::string& id) {
    const json::object body{{"credentialID", id}, {"certificates", "chain"}};
    TRY_ASSIGN(const auto response, ask("credentials/info", body));
    TRY_ASSIGN(const auto info, object_of(response, "use credential " + id));
    PortalCredential credential;
    credential.id = id;
    TRY_ASSIGN(const auto* certificates, list_at(info, "cert", "certificates"));
    for (const auto& value : *certificates) {
        TRY_ASSIGN(auto der, bytes_of(value, "certificate"));
        credential.chain.push_back(std::move(der));
    }
    TRY_ASSIGN(const auto* algorithms, list_at(info, "key", "algo"));
    TRY(read_algorithm(*algorithms, credential));
    return credential;
}

Outcome<std::string> Portal::authorize(const PortalCredential& credential,
                                       const PortalDocument& document,
                                       const std::string& description) {
    json::object body{{"credentialID", credential.id},
                      {"numSignatures", 1},
                      {"hashes", json::array{json::string(cloudsign::base64(document.hash))}},
                      {"hashAlgorithmOID", digest_oid(credential.algorithm.digest)},
                      {"signAlgo", credential.sign_algo},
                      {"documents", json::array{json::object{{"document_name", document.name}}}}};
    if (!description.empty()) {
        body["description"] = description;
    }
    TRY_ASSIGN(const auto response, ask("credentials/authorize", body));
    const auto answer = object_of(response, "ask for the signature");
    if (!answer && response.status == too_many_requests) {
        return Failure{answer.error().text + advice(response)};
    }
    return answer ? text_at(*answer, "handle") : answer.error();
}

Outcome<std::string> Portal::wait_for_sad(const std::string& handle,
                                          std::chrono::seconds patience) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds pause_max{1000};
    std::chrono::milliseconds pause{50};
    const auto deadline = Clock::now() + patience;
    const json::object body{{"handle", handle}};
    while (true) {
        const auto response = ask("credentials/authorizeCheck", body);
        // A server that is just restarting, or has too much to do, is asked again: the transaction
        // is durable.
        constexpr unsigned accepted = 202;
        const bool is_answered =
            response && response->status != accepted && response->status != too_many_requests;
        if (is_answered) {
            TRY_ASSIGN(const auto answer, object_of(*response, "get the signer's approval"));
            return text_at(answer, "SAD");
        }
        if (Clock::now() + pause > deadline) {
            const auto in_time = " within " + std::to_string(patience.count()) + " s (--wait)";
            if (response && response->status == too_many_requests) {
                return Failure{"the server was too busy to say whether the signer has answered" +
                               in_time};
            }
            return response ? Failure{"the signer has not answered" + in_time +
                                      "; the request is still open, and the signer may reject it "
                                      "on the phone"}
                            : response.error();
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, pause_max);
    }
}

Outcome<void> Portal::check_certificate(const PortalCredential& prepared) {
    TRY_ASSIGN(const auto now, credential(prepared.id));
    if (now.chain.front() == prepared.chain.front()) {
        return {};
    }
    push::OutboundHttp http;
    const cloudsign::SystemClock clock;
    cloudsign::evidence::StatusCollector collector(push::authority_fetch(http, ca_file_), clock);
    const auto found = collector.collect(prepared.chain, {}, 0);
    if (!found && found.error().kind == cloudsign::ErrorKind::credential_disabled) {
        return Failure{"the certificate was replaced while the signer was asked: " +
                       found.error().detail + ". Nothing is signed; sign the document again"};
    }
    return {};
}

Outcome<cloudsign::Bytes> Portal::sign_hash(const PortalCredential& credential,
                                            const std::string& sad,
                                            const cloudsign::Bytes& hash) {
    const json::object body{{"credentialID", credential.id},
                            {"SAD", sad},
                            {"hashes", json::array{json::string(cloudsign::base64(hash))}},
                            {"hashAlgorithmOID", digest_oid(credential.algorithm.digest)},
                            {"signAlgo", credential.sign_algo}};
    constexpr int attempts = 5;
    auto response = ask("signatures/signHash", body);
    for (int attempt = 1; attempt < attempts && !response; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        response = ask("signatures/signHash", body);
    }
    if (!response) {
        return response.error();
    }
    TRY_ASSIGN(const auto answer, object_of(*response, "sign"));
    const auto* signatures = answer.if_contains("signatures");
    if (signatures == nullptr || !signatures->is_array() || signatures->get_array().size() != 1) {
        return missing("one signature");
    }
    return bytes_of(signatures->get_array().front(), "signature");
}

}  // namespace server::cli
