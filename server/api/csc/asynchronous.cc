#include "server/api/csc/asynchronous.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/document_signature.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::store::AsyncForm;
using cloudsign::transaction::AsyncRequests;
using cloudsign::transaction::AsyncWish;

// As long as an approval and the time to sign after it can last, unless the client says less or
// more.
constexpr std::int64_t keep_usual_ms = 4200ll * 1000;
constexpr std::int64_t keep_max_ms = 24ll * 3600 * 1000;
constexpr std::size_t uri_max = 2048;

Checked<std::int64_t> read_validity(const Parameters& parameters) {
    const auto milliseconds = parameters.integer("validity_period");
    if (!milliseconds) {
        return wrong_parameter("validity_period");
    }
    if (*milliseconds < 1 || *milliseconds > keep_max_ms) {
        return invalid("Out of bounds parameter validity_period");
    }
    return *milliseconds;
}

const json::value* given(const Parameters& parameters, std::string_view name) {
    const auto* value = parameters.find(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

json::object signatures_json(const AsyncRequests::Progress& progress) {
    json::array signatures;
    for (const auto& one : *progress.made) {
        signatures.push_back(json::string(cloudsign::base64(one.signature)));
    }
    return {{"signatures", std::move(signatures)}};
}

Checked<http::Response> poll(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, Version::v2));
    TRY_ASSIGN(auto id, parameters.required_string("requestID"));
    TRY_ASSIGN(auto user, parameters.optional_string("userID", 255));
    if (user && request.principal->signer_id) {
        return invalid("userID parameter SHALL be null");
    }
    const auto progress = context.async_requests.find(id);
    if (!progress && progress.error().kind != cloudsign::ErrorKind::not_found) {
        return to_refusal(progress.error());
    }
    if (!progress || !is_theirs(*request.principal, progress->transaction)) {
        return wrong_parameter("requestID");
    }
    if (user && *user != progress->transaction.approver_id) {
        return wrong_parameter("userID");
    }
    if (progress->made) {
        if (progress->request.form == AsyncForm::hash) {
            return http::json(200, signatures_json(*progress));
        }
        TRY_ASSIGN(auto documents, finish_documents(context, *progress));
        return http::json(200, documents);
    }
    // Why there will be none, if so: rejected, expired, …
    TRY(ticket_of(context, progress->transaction));
    if (progress->request.state == cloudsign::store::AsyncState::finished) {
        return to_refusal({cloudsign::ErrorKind::hash_not_authorised, ""});
    }
    return http::error(202,
                       "accepted_request",
                       "The previous async request has been accepted but not yet completed");
}

}  // namespace

Checked<std::optional<AsyncMode>> read_async_mode(Context& context,
                                                  const cloudsign::store::Client& client,
                                                  const Parameters& parameters) {
    TRY_ASSIGN(auto given_mode, parameters.optional_string("operationMode", 8));
    const auto* empty = given(parameters, "operationMode");
    const auto name = given_mode.value_or(empty != nullptr ? "" : "S");
    if (name != "S" && name != "A") {
        return wrong_parameter("operationMode");
    }
    const auto* validity = given(parameters, "validity_period");
    const auto* uri = given(parameters, "response_uri");
    if (name == "S") {
        // v2 §11.10: these SHALL come with "A" only.
        if (validity != nullptr || uri != nullptr) {
            return wrong_parameter(validity != nullptr ? "validity_period" : "response_uri");
        }
        return std::optional<AsyncMode>();
    }
    AsyncMode mode;
    mode.keep_ms = keep_usual_ms;
    if (validity != nullptr) {
        TRY_ASSIGN(mode.keep_ms, read_validity(parameters));
    }
    TRY_ASSIGN(mode.response_uri, parameters.optional_string("response_uri", uri_max));
    if (mode.response_uri && !context.webhooks.check_url(client.id, *mode.response_uri)) {
        return wrong_parameter("response_uri");
    }
    return std::optional<AsyncMode>(std::move(mode));
}

std::string notification(const cloudsign::store::AsyncRequest& request, std::string_view outcome) {
    using cloudsign::ErrorKind;
    json::object body{{"responseID", request.id}, {"state", outcome}};
    constexpr std::pair<std::string_view, ErrorKind> kinds[] = {
        {"rejected", ErrorKind::rejected},
        {"not_mine", ErrorKind::not_mine},
        {"expired", ErrorKind::expired},
        {"undelivered", ErrorKind::undelivered},
        {"failed", ErrorKind::hash_not_authorised},
    };
    for (const auto& [state, kind] : kinds) {
        if (state == outcome) {
            const auto refusal = to_refusal({kind, "", 0});
            body["error"] = refusal.error;
            body["error_description"] = refusal.description;
        }
    }
    return json::serialize(body);
}

Checked<json::object> accept(Context& context,
                             const cloudsign::store::Transaction& transaction,
                             AsyncWish wish,
                             const AsyncMode& mode) {
    wish.keep_ms = mode.keep_ms;
    wish.response_uri = mode.response_uri;
    const auto id = context.async_requests.add(transaction, wish);
    if (!id) {
        return to_refusal(id.error());
    }
    return json::object{{"responseID", *id}};
}

http::Outcome signatures_sign_polling(Context& context, const http::Request& request) {
    auto answer = poll(context, request);
    return answer ? *std::move(answer) : to_response(answer.error());
}

}  // namespace server::api::csc
