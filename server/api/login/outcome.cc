#include <algorithm>

#include <boost/json.hpp>

#include "server/api/error_response.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/visit.h"
#include "server/http/form.h"

namespace server::api::login {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::store::Transaction;

constexpr std::chrono::seconds patience{25};

// By then the sign-in is looked at again, unless it ends before.
constexpr std::chrono::milliseconds stream_life = std::chrono::minutes(10);

// What the page knew, and how long it may be left without an answer.
struct Watch {
    std::string id;
    std::string secret;
    std::string known;
    std::chrono::steady_clock::time_point deadline;
};

cloudsign::Result<Visit> find_begun(Context& context, const Watch& watch) {
    TRY_ASSIGN(auto visit, find_visit(context, watch.id, watch.secret));
    if (!visit.session) {
        return Error{ErrorKind::unauthenticated, "nobody is signed in"};
    }
    if (!visit.authorization.transaction_id) {
        return Error{ErrorKind::conflict, "no signing has begun"};
    }
    return visit;
}

// Where the browser goes now that the phone has answered.
cloudsign::Result<std::string> settle(Context& context,
                                      const Visit& visit,
                                      const Transaction& transaction) {
    const auto ticket = csc::ticket_of(context, transaction);
    if (!ticket) {
        auto error = to_authorization_error(ticket.error());
        if (transaction.reason == cloudsign::transaction::wrong_code_reason) {
            error.description = "The signer typed another number than the one shown";
        }
        return finish_with(context, visit, answer_of(error));
    }
    TRY_ASSIGN(auto code, issue_code(context, visit, &transaction));
    return finish_with(context, visit, {{"code", code}});
}

http::Outcome answer_or_hold(Context& context, const Watch& watch, http::Wake wake) {
    const auto visit = find_begun(context, watch);
    if (!visit) {
        return error_response(visit.error());
    }
    const auto& transaction_id = *visit->authorization.transaction_id;
    auto signal = context.signals.of(transaction_id);
    const auto seen = signal->generation();
    const auto transaction = context.transactions.find(transaction_id);
    if (!transaction) {
        return error_response(transaction.error());
    }
    if (!cloudsign::transaction::is_waiting(transaction->state)) {
        const auto location = settle(context, *visit, *transaction);
        return location ? http::json(200, {{"location", *location}})
                        : error_response(location.error());
    }
    const auto state = cloudsign::transaction::name(transaction->state);
    if (wake == http::Wake::stopping || state != watch.known ||
        std::chrono::steady_clock::now() >= watch.deadline) {
        return http::json(200, {{"state", state}});
    }
    http::Hold hold;
    hold.signal = std::move(signal);
    hold.seen = seen;
    hold.deadline = watch.deadline;
    hold.resume = [&context, watch](http::Wake why) { return answer_or_hold(context, watch, why); };
    return hold;
}

// Of a stream: nothing is told after the sign-in's end, and once where there is nothing to come.
std::chrono::milliseconds life_of(Context& context, const Visit& visit) {
    const auto transaction = context.transactions.find(*visit.authorization.transaction_id);
    if (transaction && !cloudsign::transaction::is_waiting(transaction->state)) {
        return std::chrono::milliseconds::zero();
    }
    const std::chrono::milliseconds left(visit.session->expires_at - context.clock.now_ms());
    return std::min(left, stream_life);
}

Watch watch_of(const http::Request& request, const http::PathParameters& parameters) {
    Watch watch;
    watch.id = parameters.id;
    watch.secret = session_cookie(request).value_or("");
    return watch;
}

}  // namespace

// Says no more than that it is worth asking for the outcome.
http::Outcome events(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters) {
    const auto watch = watch_of(request, parameters);
    http::EventStream stream;
    // Before the sign-in is looked at, so that none ends unseen.
    stream.revoked = context.signals.of_session(watch.secret);
    stream.revoked_seen = stream.revoked->generation();
    const auto visit = find_begun(context, watch);
    if (!visit) {
        return error_response(visit.error());
    }
    auto signal = context.inboxes.follow(visit->session->owner_id,
                                         context.signals.of(*visit->authorization.transaction_id));
    if (!signal) {
        return error_response(signal.error());
    }
    stream.signal = *std::move(signal);
    stream.event = "event: transaction\ndata: changed\n\n";
    stream.until = std::chrono::steady_clock::now() + life_of(context, *visit);
    return stream;
}

http::Outcome outcome(Context& context,
                      const http::Request& request,
                      const http::PathParameters& parameters) {
    const auto form = http::Form::parse(request.query);
    Watch watch = watch_of(request, parameters);
    watch.known = form ? form->find("known").value_or("") : "";
    watch.deadline = std::chrono::steady_clock::now() + patience;
    return answer_or_hold(context, watch, http::Wake::notified);
}

}  // namespace server::api::login
