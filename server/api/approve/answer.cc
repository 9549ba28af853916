#include <boost/json.hpp>

#include "server/api/approve/endpoints.h"
#include "server/api/approve/sent_assertion.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::approve {
namespace {

using cloudsign::approval::SentAssertion;
using Refusal = cloudsign::transaction::TransactionService::Refusal;

// {"reason": "wrong code"} when the number that was typed is not the one that was asked for.
cloudsign::Result<Refusal> read_refusal(const http::Request& request) {
    if (request.body.empty()) {
        return Refusal::reject;
    }
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto reason, optional_text_member(body, "reason", 64));
    if (reason.empty()) {
        return Refusal::reject;
    }
    if (reason != cloudsign::transaction::wrong_code_reason) {
        return cloudsign::Error{cloudsign::ErrorKind::invalid, "reason is unknown"};
    }
    return Refusal::wrong_code;
}

http::Outcome answer(const cloudsign::Result<cloudsign::store::Transaction>& transaction) {
    if (!transaction) {
        return error_response(transaction.error());
    }
    return http::json(
        200,
        {{"id", transaction->id}, {"state", cloudsign::transaction::name(transaction->state)}});
}

}  // namespace

http::Outcome approve(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters) {
    const auto body = read_json(request);
    const auto sent = body ? read_assertion(*body) : cloudsign::Result<SentAssertion>(body.error());
    if (!sent) {
        return error_response(sent.error());
    }
    auto approve = [&context, &request, id = std::string(parameters.id), sent = *sent] {
        return answer(context.approvals.approve(*request.principal->device, id, sent));
    };
    // The last officer's approval goes on to whatever was approved: certificates by the hundred.
    if (request.principal->device->owner_kind == cloudsign::store::DeviceOwner::officer) {
        return http::Continue{std::move(approve)};
    }
    return approve();
}

http::Outcome reject(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters) {
    const auto refusal = read_refusal(request);
    if (!refusal) {
        return error_response(refusal.error());
    }
    return answer(
        context.approvals.refuse(*request.principal->device, std::string(parameters.id), *refusal));
}

http::Outcome not_mine(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters) {
    return answer(context.approvals.refuse(
        *request.principal->device, std::string(parameters.id), Refusal::not_mine));
}

}  // namespace server::api::approve
