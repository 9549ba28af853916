#include "hsm/softphone/officer_connection.h"

#include <boost/json.hpp>

#include "hsm/openssl/base64.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/officer_link.h"
#include "hsm/softphone/approver.h"
#include "hsm/softphone/https_client.h"
#include "hsm/softphone/json_object.h"

namespace hsm::softphone {

namespace json = boost::json;

Outcome<void> connect_officer(PhoneStore& store,
                              const OfficerLink& link,
                              const std::string& ca_file) {
    if (store.state().role != PhoneRole::officer || store.state().origin != link.origin) {
        return Problem{ProblemKind::input,
                       store.path().string() + ": is no officer's phone of " + link.origin};
    }
    HttpsSettings settings;
    settings.ca_file = ca_file;
    HttpsClient http(std::move(settings));
    TRY_ASSIGN(
        const auto assertion,
        store.assert_challenge(protocol::officer_link_challenge(link.secret, openssl::sha256)));
    auto body = assertion_body(assertion);
    body["link"] = link.secret;
    TRY_ASSIGN(auto response, http.post_json(link.origin + "/approve/v1/officers", body));
    TRY_ASSIGN(auto value, json_of(response, "connect this phone"));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    ServerLink server{link.origin, ca_file, ""};
    TRY_ASSIGN(server.session, object.text("session"));
    return store.set_session(server);
}

}  // namespace hsm::softphone
