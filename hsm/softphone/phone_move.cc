#include "hsm/softphone/phone_move.h"

#include <algorithm>

#include <boost/json.hpp>

#include "hsm/protocol/short_code.h"
#include "hsm/softphone/json_object.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

Outcome<PhoneStore> open_or_create(const JoinRequest& request) {
    std::error_code ignored;
    if (!std::filesystem::exists(request.store, ignored)) {
        return PhoneStore::create(request.store,
                                  {PhoneRole::signer,
                                   request.name,
                                   request.server.rp_id,
                                   request.server.origin,
                                   Backup::single_device});
    }
    TRY_ASSIGN(auto store, PhoneStore::open(request.store));
    const auto& phone = store.state();
    if (phone.role != PhoneRole::signer || phone.origin != request.server.origin ||
        !phone.server.session.empty()) {
        return Problem{ProblemKind::input,
                       request.store.string() +
                           ": is a phone that is in use already; name another file with --store"};
    }
    return store;
}

}  // namespace

JoiningPhone::JoiningPhone(PhoneStore store)
    : store_(std::move(store)), http_(client_for(store_)) {}

Outcome<JoiningPhone> JoiningPhone::begin(const JoinRequest& request) {
    TRY_ASSIGN(auto store, open_or_create(request));
    TRY(store.update([&](PhoneState& phone) {
        phone.server.url = request.server.origin;
        phone.server.ca_file = request.ca_file;
    }));
    JoiningPhone phone(std::move(store));
    if (phone.store_.state().joining) {
        return phone;
    }
    const json::object body{{"public_key", base64url(phone.store_.passkey().point())},
                            {"backup_eligible", phone.store_.state().backup_eligible},
                            {"device_name", request.name}};
    TRY_ASSIGN(auto response,
               phone.http_.post_json(request.server.origin + "/approve/v1/moves", body));
    TRY_ASSIGN(auto value, json_of(response, "announce this phone"));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    Joining joining;
    TRY_ASSIGN(joining.session, object.text("session"));
    TRY(phone.store_.update([&](PhoneState& state) { state.joining = joining; }));
    return phone;
}

std::string JoiningPhone::link() const {
    return store_.state().origin + "/move#" + base64url(store_.passkey().thumbprint());
}

std::string JoiningPhone::short_code() const {
    const auto code = protocol::short_code(store_.passkey().thumbprint());
    return {code.begin(), code.end()};
}

std::string JoiningPhone::address(std::string_view path) const {
    return store_.state().server.url + "/approve/v1/moves/own" + std::string(path);
}

Outcome<JoiningPhone::Progress> JoiningPhone::progress() {
    TRY_ASSIGN(auto response, http_.get(address(""), Bearer{store_.state().joining->session}));
    Progress progress;
    constexpr unsigned unauthorized = 401;
    if (response.status == unauthorized) {  // forgotten since
        progress.state = "expired";
        return progress;
    }
    TRY_ASSIGN(auto value, json_of(response, "ask how far the change of phones is"));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    TRY_ASSIGN(progress.state, object.text("state"));
    TRY_ASSIGN(progress.items, read_items(value));
    return progress;
}

bool JoiningPhone::is_asked(const Item& item) const {
    const auto& own = store_.passkey().thumbprint();
    return std::ranges::find(item.thumbprints, own) != item.thumbprints.end();
}

Outcome<CheckedItem> JoiningPhone::check(Item item) const {
    return check_item(std::move(item), store_.state(), store_.passkey().thumbprint(), now_ms());
}

Outcome<json::value> JoiningPhone::post(std::string_view path,
                                        const json::value& body,
                                        std::string_view what) {
    TRY_ASSIGN(auto response,
               http_.post_json(address(path), body, Bearer{store_.state().joining->session}));
    return json_of(response, what);
}

Outcome<std::string> JoiningPhone::approve(const CheckedItem& checked) {
    TRY_ASSIGN(auto assertion, store_.assert_challenge(checked.challenge, [&](PhoneState& phone) {
        learn(phone, checked);
    }));
    auto body = assertion_body(assertion);
    body["transaction_id"] = checked.item.id;
    TRY_ASSIGN(auto value, post("/approve", body, "approve " + checked.item.id));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    return object.text("state");
}

Outcome<void> JoiningPhone::reject() {
    TRY(post("/reject", json::object(), "reject the change of phones"));
    return {};
}

Outcome<void> JoiningPhone::arrive() {
    ServerLink server = store_.state().server;
    server.session = store_.state().joining->session;
    TRY(store_.set_session(server));
    return store_.update([](PhoneState& phone) { phone.joining.reset(); });
}

Outcome<void> JoiningPhone::give_up() {
    return store_.update([](PhoneState& phone) {
        phone.joining.reset();
        phone.keys.clear();
    });
}

}  // namespace hsm::softphone
