#include "hsm/softphone/enrolment.h"

#include <boost/json.hpp>

#include "hsm/protocol/short_code.h"
#include "hsm/softphone/json_object.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

Outcome<PhoneStore> open_or_create(const EnrolRequest& request) {
    std::error_code ignored;
    if (!std::filesystem::exists(request.store, ignored)) {
        return PhoneStore::create(request.store,
                                  {PhoneRole::signer,
                                   request.name,
                                   request.link.rp_id,
                                   request.link.origin,
                                   Backup::single_device});
    }
    TRY_ASSIGN(auto store, PhoneStore::open(request.store));
    const auto& phone = store.state();
    if (!phone.keys.empty() || phone.role != PhoneRole::signer ||
        phone.origin != request.link.origin) {
        return Problem{ProblemKind::input,
                       request.store.string() +
                           ": is a phone that is in use already; name another file with --store"};
    }
    return store;
}

Outcome<void> register_passkey(PhoneStore& store,
                               HttpsClient& http,
                               const EnrolRequest& request,
                               Enrolled& enrolled) {
    const json::object body{{"invitation", request.link.invitation},
                            {"public_key", base64url(store.passkey().point())},
                            {"backup_eligible", store.state().backup_eligible},
                            {"device_name", request.name}};
    TRY_ASSIGN(auto response, http.post_json(request.link.origin + "/approve/v1/enrolments", body));
    TRY_ASSIGN(auto value, json_of(response, "enrol"));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    ServerLink server{request.link.origin, request.ca_file, ""};
    TRY_ASSIGN(enrolled.device_id, object.text("device_id"));
    TRY_ASSIGN(enrolled.credential_id, object.text("credential_id"));
    TRY_ASSIGN(enrolled.transaction_id, object.text("transaction_id"));
    TRY_ASSIGN(server.session, object.text("session"));
    TRY(store.set_session(server));
    return store.update([&](PhoneState& phone) {
        phone.enrolment = Enrolment{enrolled.credential_id, enrolled.transaction_id};
    });
}

}  // namespace

Outcome<Enrolled> enrol(const EnrolRequest& request) {
    TRY_ASSIGN(auto store, open_or_create(request));
    HttpsSettings settings;
    settings.ca_file = request.ca_file;
    HttpsClient http(std::move(settings));

    Enrolled enrolled;
    TRY(register_passkey(store, http, request, enrolled));
    TRY_ASSIGN(auto approver, Approver::connect(store, http));
    TRY_ASSIGN(auto item, approver.item(enrolled.transaction_id));
    if (item.purpose != protocol::Purpose::bind) {
        return Problem{ProblemKind::refused, "purpose: an enrolment begins with a binding"};
    }
    TRY_ASSIGN(auto checked, approver.check(std::move(item)));
    TRY_ASSIGN(enrolled.state, approver.approve(checked));
    enrolled.subject = checked.item.subject;
    const auto code = protocol::short_code(store.passkey().thumbprint());
    enrolled.short_code.assign(code.begin(), code.end());
    return enrolled;
}

}  // namespace hsm::softphone
