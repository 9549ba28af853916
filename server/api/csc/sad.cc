#include "server/api/csc/sad.h"

#include <boost/json.hpp>

#include "server/api/csc/presented_sad.h"

namespace server::api::csc {

using cloudsign::ErrorKind;
using cloudsign::store::Transaction;
using cloudsign::transaction::State;

namespace {

// Who disowns a request is frozen from then on: what became of the request says more than that.
Checked<void> check_refused(Context& context,
                            const http::Request& request,
                            const std::string& sad) {
    const auto transaction = find_by_sad(context, *request.principal, sad);
    if (transaction && is_theirs(*request.principal, *transaction) &&
        transaction->state == State::not_mine) {
        return check_sad_lives(*transaction);
    }
    return {};
}

}  // namespace

Checked<Presented> read_sad(Context& context,
                            const http::Request& request,
                            const Parameters& parameters,
                            Version version) {
    Presented presented;
    TRY_ASSIGN(presented.sad, read_sad_text(request, parameters, version));
    auto named = find_credential(context, request, parameters);
    if (!named) {
        TRY(check_refused(context, request, presented.sad));
        return std::move(named).error();
    }
    presented.named = *std::move(named);
    TRY(check_usable(context, presented.named));
    return presented;
}

Checked<Transaction> find_authorised(Context& context,
                                     const http::Request& request,
                                     const Presented& presented,
                                     Waiting waiting) {
    TRY_ASSIGN(auto transaction, find_by_sad(context, *request.principal, presented.sad));
    if (!is_theirs(*request.principal, transaction) ||
        transaction.credential_id != presented.named.credential->id) {
        return invalid("Invalid parameter SAD");
    }
    const bool waits = cloudsign::transaction::is_waiting(transaction.state);
    if (!waits || waiting == Waiting::refused) {
        TRY(check_sad_lives(transaction));
    }
    return transaction;
}

// A SAD outlives its approval: the module may have lost it, and then the signer is asked again.
Checked<void> check_sad_lives(const Transaction& transaction) {
    switch (transaction.state) {
        case State::approved:
        case State::signing:
        case State::signed_:
            return {};
        case State::created:
        case State::notified:
        case State::seen:
            return transaction.reason.empty()
                       ? invalid("Invalid parameter SAD")
                       : to_refusal({ErrorKind::conflict, transaction.reason});
        case State::expired:
            // A deferred one may never have been approved.
            return transaction.approved_at ? sad_expired() : to_refusal({ErrorKind::expired, ""});
        case State::rejected:
            return to_refusal({ErrorKind::rejected, ""});
        case State::not_mine:
            return to_refusal({ErrorKind::not_mine, ""});
        case State::undelivered:
            return to_refusal({ErrorKind::undelivered, ""});
    }
    return invalid("Invalid parameter SAD");
}

}  // namespace server::api::csc
