#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "server/api/csc/algorithm_parameters.h"
#include "server/api/csc/asynchronous.h"
#include "server/api/csc/sad.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::Bytes;
using cloudsign::ErrorKind;
using TimePoint = std::chrono::steady_clock::time_point;

// One call, read and checked, without the request: that is gone while the call is held.
struct SigningCall {
    cloudsign::store::Transaction transaction;  // as it was when the call came
    std::vector<Bytes> hashes;
    bool may_wait = false;
};

json::object signatures_json(
    const std::vector<cloudsign::transaction::SignedOccurrence>& occurrences) {
    json::array signatures;
    for (const auto& one : occurrences) {
        signatures.push_back(json::string(cloudsign::base64(one.signature)));
    }
    return {{"signatures", std::move(signatures)}};
}

Checked<json::object> sign(Context& context,
                           const cloudsign::store::Transaction& transaction,
                           const std::vector<Bytes>& hashes) {
    TRY(check_sad_lives(transaction));
    const auto made = context.transactions.sign(transaction, hashes);
    if (!made) {
        return to_refusal(made.error());
    }
    return signatures_json(*made);
}

// Holds the call until the phone answers.
http::Outcome sign_or_hold(Context& context,
                           std::shared_ptr<const SigningCall> call,
                           TimePoint deadline,
                           http::Wake wake) {
    const auto signal = context.signals.of(call->transaction.id);
    const auto seen = signal->generation();
    const auto transaction = context.transactions.find(call->transaction.id);
    if (!transaction) {
        return to_response(to_refusal(transaction.error()));
    }
    if (!cloudsign::transaction::is_waiting(transaction->state)) {
        const auto made = sign(context, *transaction, call->hashes);
        if (made) {
            return http::json(200, *made);
        }
        // "asked again": it waits for the phone once more.
        if (made.error().kind != ErrorKind::conflict) {
            return to_response(made.error());
        }
    }
    if (wake == http::Wake::stopping) {
        return http::busy("the service is restarting: ask again");
    }
    if (std::chrono::steady_clock::now() >= deadline) {
        return to_response(not_answered_yet());
    }
    http::Hold hold;
    hold.signal = signal;
    hold.seen = seen;
    hold.deadline = deadline;
    hold.resume = [&context, call = std::move(call), deadline](http::Wake why) {
        return sign_or_hold(context, call, deadline, why);
    };
    return hold;
}

struct Read {
    std::shared_ptr<const SigningCall> call;
    std::optional<json::object> accepted;  // asynchronous
};

Checked<Read> read_call(Context& context, const http::Request& request, Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    std::optional<AsyncMode> mode;
    if (version == Version::v2) {
        TRY_ASSIGN(mode, read_async_mode(context, *request.principal->client, parameters));
    }
    TRY_ASSIGN(auto presented, read_sad(context, request, parameters, version));
    TRY_ASSIGN(auto hashes, parameters.hashes(names(version).hash));
    TRY_ASSIGN(auto sign_algo, parameters.required_string("signAlgo"));
    TRY_ASSIGN(auto algorithm, read_algorithm(parameters, sign_algo, names(version).hash_algo));
    if (hsm::protocol::digest_length(algorithm.digest) != hashes.front().size()) {
        return invalid("Invalid digest value length");
    }
    const bool deferred = is_deferred(*request.principal->client, version);
    TRY_ASSIGN(auto transaction,
               find_authorised(
                   context, request, presented, deferred ? Waiting::allowed : Waiting::refused));
    if (transaction.algorithm != algorithm) {
        return wrong_parameter("signAlgo");
    }
    Read read;
    if (mode) {
        cloudsign::transaction::AsyncWish wish;
        wish.hashes = std::move(hashes);
        TRY_ASSIGN(read.accepted, accept(context, transaction, std::move(wish), *mode));
        return read;
    }
    auto call = std::make_shared<SigningCall>();
    call->transaction = std::move(transaction);
    call->hashes = std::move(hashes);
    call->may_wait = deferred;
    read.call = std::move(call);
    return read;
}

}  // namespace

http::Outcome signatures_sign_hash(Context& context,
                                   const http::Request& request,
                                   Version version) {
    const auto read = read_call(context, request, version);
    if (!read) {
        return to_response(read.error());
    }
    if (read->accepted) {
        return http::json(200, *read->accepted);
    }
    if (!read->call->may_wait) {
        const auto made = sign(context, read->call->transaction, read->call->hashes);
        return made ? http::json(200, *made) : to_response(made.error());
    }
    const auto deadline = hold_deadline(context, *request.principal->client);
    return sign_or_hold(context, read->call, deadline, http::Wake::notified);
}

}  // namespace server::api::csc
