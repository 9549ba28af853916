#include "cloudsign/oauth/authorization_requests.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/authorization_table.h"

namespace cloudsign::oauth {
namespace {

namespace json = boost::json;
using store::AuthorizationTable;
using store::Session;

constexpr std::string_view uri_prefix = "urn:ietf:params:oauth:request_uri:";  // RFC 9126 §2.2
constexpr std::int64_t afterwards_ms = 60'000;  // for the browser to fetch the outcome

Error not_found() {
    return {ErrorKind::not_found, "the request is unknown or its time is over"};
}

std::string write(const RequestParameters& parameters) {
    json::object object;
    for (const auto& [name, value] : parameters) {
        object[name] = value;
    }
    return json::serialize(object);
}

Result<RequestParameters> read(const std::string& text) {
    json::error_code failed;
    const json::value parsed = json::parse(text, failed);
    const Error broken{ErrorKind::internal, "an authorization request in the database is broken"};
    if (failed || !parsed.is_object()) {
        return broken;
    }
    RequestParameters parameters;
    for (const auto& member : parsed.get_object()) {
        if (!member.value().is_string()) {
            return broken;
        }
        parameters.emplace(member.key(), member.value().get_string());
    }
    return parameters;
}

}  // namespace

Result<std::string> AuthorizationRequests::push(const std::string& client_id,
                                                const RequestParameters& parameters) {
    const auto uri = std::string(uri_prefix) + base64url(random_32());
    const auto now = clock_.now_ms();
    const store::PushedRequest pushed{
        sha256(uri), client_id, write(parameters), now + pushed_lifetime_ms};
    // Counted to the end of the page that it may become.
    TRY(pushed_.add(pushed.uri_hash, client_id, client_id, now, pushed.expires_at + lifetime_ms));
    TRY(database_.write([&](Session& session) -> Result<void> {
        AuthorizationTable table(session);
        TRY(table.erase_expired(now));
        return table.insert(pushed);
    }));
    return uri;
}

Result<RequestParameters> AuthorizationRequests::take(const std::string& request_uri,
                                                      const std::string& client_id) {
    const auto hash = sha256(request_uri);
    TRY_ASSIGN(auto pushed, database_.write([&](Session& session) -> Result<store::PushedRequest> {
        AuthorizationTable table(session);
        TRY_ASSIGN(auto found, table.pushed(hash));
        if (!found || found->client_id != client_id || found->expires_at <= clock_.now_ms()) {
            return not_found();
        }
        TRY(table.erase_pushed(hash));
        return *std::move(found);
    }));
    return read(pushed.parameters);
}

Result<std::string> AuthorizationRequests::open(const std::string& client_id,
                                                const RequestParameters& parameters,
                                                const std::optional<std::string>& address) {
    auto id = base64url(random_32());
    const auto now = clock_.now_ms();
    store::Authorization row;
    row.id_hash = sha256(id);
    row.client_id = client_id;
    row.parameters = write(parameters);
    row.challenge = random_32();
    row.created_at = now;
    row.expires_at = now + lifetime_ms;
    std::vector<hsm::Digest> yielding;
    if (address) {
        TRY_ASSIGN(
            yielding,
            anonymous_.add(row.id_hash, source_of(*address), client_id, now, row.expires_at));
    }
    TRY(database_.write([&](Session& session) -> Result<void> {
        AuthorizationTable table(session);
        TRY(table.erase_expired(now));
        for (const auto& oldest : yielding) {
            TRY(table.erase_unstarted(oldest));
        }
        return table.insert(row);
    }));
    return id;
}

Result<store::Authorization> AuthorizationRequests::find(std::string_view id) {
    TRY_ASSIGN(auto found, database_.read([&](Session& session) {
        return AuthorizationTable(session).by_id(sha256(id));
    }));
    if (!found || found->finished || found->expires_at <= clock_.now_ms()) {
        return not_found();
    }
    return *std::move(found);
}

Result<RequestParameters> AuthorizationRequests::parameters_of(
    const store::Authorization& authorization) {
    return read(authorization.parameters);
}

Result<hsm::Digest> AuthorizationRequests::challenge(const store::Authorization& authorization) {
    if (authorization.challenge) {
        return *authorization.challenge;
    }
    const auto challenge = random_32();
    TRY(database_.write([&](Session& session) {
        return AuthorizationTable(session).set_challenge(authorization.id_hash, challenge);
    }));
    return challenge;
}

Result<void> AuthorizationRequests::begin(const store::Authorization& authorization,
                                          const std::string& signer_id,
                                          const store::Transaction& transaction) {
    TRY_ASSIGN(auto begun, database_.write([&](Session& session) {
        return AuthorizationTable(session).begin(authorization.id_hash,
                                                 signer_id,
                                                 transaction.id,
                                                 transaction.answer_by + afterwards_ms);
    }));
    keep(authorization);
    return begun ? Result<void>() : Error{ErrorKind::conflict, "the signing has begun already"};
}

Result<void> AuthorizationRequests::finish(const store::Authorization& authorization) {
    TRY_ASSIGN(auto finished, database_.write([&](Session& session) {
        return AuthorizationTable(session).finish(authorization.id_hash);
    }));
    anonymous_.remove(authorization.id_hash);
    return finished ? Result<void>() : Error{ErrorKind::conflict, "the browser has been sent back"};
}

}  // namespace cloudsign::oauth
