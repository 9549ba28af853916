#include "server/api/csc/presented_sad.h"

#include <boost/json.hpp>

namespace server::api::csc {
namespace {

using cloudsign::ErrorKind;
using cloudsign::store::Transaction;

Checked<Transaction> find_by_token(Context& context,
                                   const Principal& principal,
                                   const std::string& sad) {
    const auto claims = context.tokens.verify(sad);
    if (!claims) {
        return claims.error().kind == ErrorKind::token_expired ? sad_expired()
                                                               : invalid("Invalid parameter SAD");
    }
    if (!claims->transaction_id || claims->client_id != principal.client->id ||
        (claims->confirmation != cloudsign::oauth::Confirmation() &&
         claims->confirmation != principal.token.confirmation)) {
        return invalid("Invalid parameter SAD");
    }
    auto transaction = context.transactions.find(*claims->transaction_id);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return *std::move(transaction);
}

}  // namespace

Refusal sad_expired() {
    auto refusal = invalid("SAD expired");
    refusal.kind = ErrorKind::expired;
    return refusal;
}

Checked<std::string> read_sad_text(const http::Request& request,
                                   const Parameters& parameters,
                                   Version version) {
    const bool is_sad = request.principal->token.transaction_id.has_value();
    if (version == Version::v2 && is_sad && parameters.find("SAD") == nullptr) {
        return std::string(request.access_token()->token);
    }
    return parameters.required_string("SAD");
}

Checked<Transaction> find_by_sad(Context& context,
                                 const Principal& principal,
                                 const std::string& sad) {
    auto transaction = context.transactions.find_by_sad(sad);
    if (!transaction && transaction.error().kind == ErrorKind::not_found) {
        return find_by_token(context, principal, sad);
    }
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    if (transaction->client_id != principal.client->id) {
        return invalid("Invalid parameter SAD");
    }
    return *std::move(transaction);
}

}  // namespace server::api::csc
