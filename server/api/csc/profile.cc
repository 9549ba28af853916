#include <spdlog/spdlog.h>

#include <boost/json.hpp>

#include "server/api/csc/calls.h"

// Where one client is served otherwise than the rest: `kyso client set ID profile.…`.
namespace server::api::csc {

using cloudsign::store::Client;
using cloudsign::store::V1Authorize;
using cloudsign::store::V2Authorize;

bool is_theirs(const Principal& principal, const cloudsign::store::Transaction& transaction) {
    return transaction.client_id == principal.client->id &&
           (!principal.signer_id || *principal.signer_id == transaction.approver_id);
}

bool is_deferred(const Client& client, Version version) {
    return version == Version::v1 ? client.settings.v1_authorize == V1Authorize::deferred
                                  : client.settings.v2_authorize == V2Authorize::deferred;
}

std::chrono::steady_clock::time_point hold_deadline(const Context& context, const Client& client) {
    const auto own = client.settings.hold_seconds;
    return std::chrono::steady_clock::now() +
           (own > 0 ? std::chrono::seconds(own) : context.hold_time);
}

Refusal not_answered_yet() {
    return {
        400, "access_denied", "The signer has not answered yet; ask again with the same hashes", 0};
}

void log_deviation(const http::Request& request, std::string_view deviation) {
    spdlog::info(
        "profile: client {}, {}, request {}", request.principal->client->id, deviation, request.id);
}

http::Outcome not_implemented() {
    return http::error(501, "invalid_request", "This method is not served here");
}

}  // namespace server::api::csc
