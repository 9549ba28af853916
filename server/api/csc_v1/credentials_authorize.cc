#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v1/endpoints.h"

namespace server::api::csc_v1 {
namespace {

using cloudsign::store::Transaction;

http::Response refuse(const csc::Refusal& refusal) {
    return csc::to_response(refusal);
}

// v1 has no pending state: a client takes everything but 200 for failure. So the request is held
// until the phone has answered, or ends by itself before the client gives up; asked again with the
// same hashes, it joins the same transaction.
http::Outcome answer_or_hold(Context& context,
                             const std::string& id,
                             std::chrono::steady_clock::time_point deadline,
                             http::Wake wake) {
    auto signal = context.signals.of(id);
    const auto seen = signal->generation();
    const auto transaction = context.transactions.find(id);
    if (!transaction) {
        return refuse(csc::to_refusal(transaction.error()));
    }
    const auto ticket = csc::ticket_of(context, *transaction);
    if (!ticket) {
        return refuse(ticket.error());
    }
    if (*ticket) {
        return http::json(200,
                          {{"SAD", (*ticket)->sad}, {"expiresIn", (*ticket)->expires_in_seconds}});
    }
    if (wake == http::Wake::stopping) {
        return http::busy("the service is restarting: ask again");
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        return refuse(csc::not_answered_yet());
    }
    http::Hold hold;
    hold.signal = std::move(signal);
    hold.seen = seen;
    hold.deadline = deadline;
    hold.resume = [&context, id, deadline](http::Wake why) {
        return answer_or_hold(context, id, deadline, why);
    };
    return hold;
}

csc::Checked<Transaction> open(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v1));
    return csc::authorize(context, request, parameters, csc::Version::v1);
}

}  // namespace

http::Outcome credentials_authorize(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&) {
    const auto& client = *request.principal->client;
    const auto deadline = csc::hold_deadline(context, client);
    const auto transaction = open(context, request);
    if (!transaction) {
        return refuse(transaction.error());
    }
    if (csc::is_deferred(client, csc::Version::v1)) {
        csc::log_deviation(request, "profile.v1_authorize=deferred");
        return csc::deferred_ticket(context, *transaction);
    }
    if (client.settings.hold_seconds > 0) {
        csc::log_deviation(request, "profile.hold_seconds");
    }
    return answer_or_hold(context, transaction->id, deadline, http::Wake::notified);
}

}  // namespace server::api::csc_v1
