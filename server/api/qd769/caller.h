#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "server/api/context.h"
#include "server/api/qd769/answer.h"
#include "server/http/outcome.h"
#include "server/http/route.h"

// Who calls: `sp_id` and `sp_password` in the body, or a token as bearer or in the body.
namespace server::api::qd769 {

struct Caller {
    cloudsign::identity::ClientRegistry::Pointer client;
    std::optional<std::string> signer_id;  // of a token that speaks for one signer alone
    std::string_view proof;                // "sp_password" | "token": written with what it asked
};

// What an endpoint does once it knows who calls. `body` and `id` live as long as the call.
using Action = Checked<http::Response> (*)(Context& context,
                                           const Caller& caller,
                                           const boost::json::object& body,
                                           const std::string& id);

// Reads the body, finds out who calls and runs `action`: 401 SP_CREDENTIAL_INVALID for nobody, or
// for a client to which door.qd769 is closed. A password that was not proved lately is hashed on
// the pool for passwords, and the rest runs there too.
http::Outcome answer_caller(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters,
                            Action action);

// The same for the status of a request, which some portals ask for without saying who they are:
// then `anonymous` is run if there are no credentials at all.
using AnonymousAction = Checked<http::Response> (*)(Context& context, const std::string& id);
http::Outcome answer_caller_or(Context& context,
                               const http::Request& request,
                               const http::PathParameters& parameters,
                               Action action,
                               AnonymousAction anonymous);

}  // namespace server::api::qd769
