#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/rssp/verification_code.h"
#include "server/api/csc/calls.h"
#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"
#include "server/api/rssp/parameters.h"

namespace server::api::rssp {
namespace {

struct Opened {
    std::string id;
    std::string code;
};

csc::Checked<Opened> open(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto sent, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(auto mode, sent.optional_string("operationMode", 8));
    if (mode && *mode != "S") {
        return csc::invalid("Invalid parameter operationMode: only S, which waits for the phone");
    }
    TRY(sent.optional_bool("vcEnabled"));
    TRY_ASSIGN(auto parameters, as_csc(sent));
    auto wanted = csc::signature_request(context, *request.principal, parameters, csc::Version::v2);
    if (!wanted) {
        auto refusal = wanted.error();
        if (refusal.description == "Invalid parameter description") {
            refusal.description = "Invalid parameter message";
        }
        return refusal;
    }
    TRY_ASSIGN(wanted->answer_ms, read_validity(sent));
    std::vector<cloudsign::Bytes> hashes;
    for (const auto& document : wanted->documents) {
        hashes.push_back(document.hash);
    }
    // Whatever vcEnabled says: the phone shows it, and portals may show theirs.
    wanted->code = cloudsign::rssp::verification_code(hashes);
    const auto transaction = context.transactions.open(*wanted);
    if (!transaction) {
        return csc::to_refusal(transaction.error());
    }
    return Opened{transaction->id, wanted->code};
}

using TimePoint = std::chrono::steady_clock::time_point;

// The hold ends with the request, if that comes first.
TimePoint end_of(const Context& context,
                 const cloudsign::store::Transaction& transaction,
                 TimePoint deadline) {
    const std::chrono::milliseconds left(transaction.answer_by - context.clock.now_ms() + 1);
    return std::min(deadline, std::chrono::steady_clock::now() + left);
}

// Held until the phone answers, as the dialect's clients expect.
http::Outcome answer_or_hold(Context& context,
                             const Opened& opened,
                             TimePoint deadline,
                             http::Wake wake) {
    auto signal = context.signals.of(opened.id);
    const auto seen = signal->generation();
    const auto transaction = context.transactions.find(opened.id);
    if (!transaction) {
        return refuse(to_problem(transaction.error()));
    }
    const auto ticket = csc::ticket_of(context, *transaction);
    if (!ticket) {
        return refuse(to_problem(ticket.error()));
    }
    if (*ticket) {
        return answer({{"SAD", (*ticket)->sad},
                       {"expiresIn", (*ticket)->expires_in_seconds},
                       {"verificationCode", opened.code}});
    }
    if (wake == http::Wake::stopping) {
        return refuse({Number::unavailable, "the service is restarting: ask again", 1});
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        return refuse({Number::not_answered_yet, csc::not_answered_yet().description});
    }
    http::Hold hold;
    hold.signal = std::move(signal);
    hold.seen = seen;
    hold.deadline = end_of(context, *transaction, deadline);
    hold.resume = [&context, opened, deadline](http::Wake why) {
        return answer_or_hold(context, opened, deadline, why);
    };
    return hold;
}

}  // namespace

http::Outcome credentials_authorize(Context& context,
                                    const http::Request& request,
                                    const http::PathParameters&) {
    const auto deadline = csc::hold_deadline(context, *request.principal->client);
    const auto opened = open(context, request);
    if (!opened) {
        return refuse(to_problem(opened.error()));
    }
    if (request.principal->client->settings.hold_seconds > 0) {
        csc::log_deviation(request, "profile.hold_seconds");
    }
    return answer_or_hold(context, *opened, deadline, http::Wake::notified);
}

}  // namespace server::api::rssp
