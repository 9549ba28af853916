#include <boost/json.hpp>

#include "cloudsign/random.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"
#include "server/api/login/endpoints.h"
#include "server/api/login/visit.h"

namespace server::api::login {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::oauth::AuthorizationError;

enum class Decision { allow, deny, screen, phone };

cloudsign::Result<Decision> read(const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto text, text_member(body, "decision", 16));
    constexpr std::pair<std::string_view, Decision> decisions[] = {{"allow", Decision::allow},
                                                                   {"deny", Decision::deny},
                                                                   {"screen", Decision::screen},
                                                                   {"phone", Decision::phone}};
    for (const auto& [name, decision] : decisions) {
        if (text == name) {
            return decision;
        }
    }
    return Error{ErrorKind::invalid, "decision is one of allow, deny, screen, phone"};
}

// Two random digits, neither derived from what is signed nor chosen from a few.
std::string random_number() {
    constexpr unsigned numbers = 100;
    constexpr unsigned evenly = 256 - 256 % numbers;  // above it some would come more often
    hsm::Byte byte = 0;
    do {
        cloudsign::fill_random({&byte, 1});
    } while (byte >= evenly);
    const auto number = std::to_string(byte % numbers);
    return number.size() == 1 ? "0" + number : number;
}

cloudsign::Result<std::string> grant_service(Context& context, const Visit& visit) {
    const auto& signer_id = visit.session->owner_id;
    if (!context.clients.check_may_ask(visit.client->id, signer_id)) {
        return finish_with(
            context, visit, answer_of({"access_denied", "The client may not ask this signer"}));
    }
    TRY_ASSIGN(auto code, issue_code(context, visit, nullptr));
    return finish_with(context, visit, {{"code", code}});
}

// From here on the phone decides.
cloudsign::Result<std::string> begin_signing(Context& context,
                                             const Visit& visit,
                                             Decision decision,
                                             std::string_view id) {
    using namespace cloudsign::transaction;
    auto asked = signature_request(context, visit);
    if (!asked) {
        return finish_with(context, visit, answer_of(to_authorization_error(asked.error())));
    }
    if (decision == Decision::phone) {
        asked->code = random_number();
        asked->code_use = CodeUse::typed;
    } else {
        asked->start = Start::screen;
    }
    const auto transaction = context.transactions.open(*asked);
    if (!transaction) {
        return finish_with(context,
                           visit,
                           answer_of(to_authorization_error(csc::to_refusal(transaction.error()))));
    }
    TRY(context.authorizations.begin(visit.authorization, visit.session->owner_id, *transaction));
    return "/authorize/" + std::string(id);
}

cloudsign::Result<std::string> carry_out(Context& context,
                                         const http::Request& request,
                                         std::string_view id) {
    TRY_ASSIGN(auto decision, read(request));
    TRY_ASSIGN(auto visit, find_visit(context, id, session_cookie(request)));
    if (!visit.session) {
        return Error{ErrorKind::unauthenticated, "nobody is signed in"};
    }
    if (visit.authorization.transaction_id) {
        return Error{ErrorKind::conflict, "the signing has begun already"};
    }
    if (decision == Decision::deny) {
        return finish_with(
            context, visit, answer_of({"access_denied", "The signer rejected the request"}));
    }
    if ((decision == Decision::allow) == visit.request.signing.has_value()) {
        return Error{ErrorKind::invalid, "that is no answer to this request"};
    }
    return decision == Decision::allow ? grant_service(context, visit)
                                       : begin_signing(context, visit, decision, id);
}

}  // namespace

http::Outcome decide(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters) {
    const auto location = carry_out(context, request, parameters.id);
    return location ? http::json(200, {{"location", *location}}) : error_response(location.error());
}

}  // namespace server::api::login
