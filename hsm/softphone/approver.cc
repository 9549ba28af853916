#include "hsm/softphone/approver.h"

#include <algorithm>
#include <chrono>

#include <boost/json.hpp>

#include "hsm/softphone/json_object.h"
#include "hsm/softphone/link.h"

namespace hsm::softphone {

namespace json = boost::json;

namespace {

using protocol::Purpose;

KnownKey bound_key(const CheckedItem& checked, PhoneRole role) {
    const auto& item = checked.item;
    KnownKey key;
    key.key_id = item.activation.key_id;
    key.kind = item.statement->kind;
    key.policy_hash = checked.policy_hash;
    if (role == PhoneRole::signer) {
        key.policy = item.statement->policy;
    }
    key.subject = item.subject;
    key.version = 1;
    key.credential_id = item.credential_id;
    return key;
}

// The next version is the first that this phone activates.
KnownKey inherited_key(const CheckedItem& checked) {
    const auto& item = checked.item;
    KnownKey key;
    key.key_id = item.activation.key_id;
    key.policy_hash = checked.policy_hash;
    key.policy = checked.new_policy;
    key.subject = item.subject;
    key.version = item.activation.blob_version + 1;
    key.credential_id = item.credential_id;
    return key;
}

}  // namespace

json::object assertion_body(const OwnedAssertion& assertion) {
    return {{"thumbprint", base64url(assertion.thumbprint)},
            {"authenticator_data", base64url(assertion.authenticator_data)},
            {"client_data_json", base64url(view_of(assertion.client_data_json))},
            {"signature", base64url(assertion.signature)}};
}

void learn(PhoneState& phone, const CheckedItem& checked) {
    const auto& activation = checked.item.activation;
    const auto known = std::ranges::find(phone.keys, activation.key_id, &KnownKey::key_id);
    if (phone.joining && checked.item.purpose == Purpose::rebind) {
        if (known != phone.keys.end()) {
            phone.keys.erase(known);
        }
        phone.keys.push_back(inherited_key(checked));
    } else if (known != phone.keys.end()) {
        known->version = std::max(known->version, activation.blob_version);
    } else if (checked.item.purpose == Purpose::bind) {
        phone.keys.push_back(bound_key(checked, phone.role));
    }
}

std::int64_t now_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

Outcome<std::vector<Item>> read_items(const json::value& answer) {
    TRY_ASSIGN(auto object, JsonObject::of(answer, "answer", ProblemKind::server));
    TRY_ASSIGN(const auto* list, object.list("items"));
    std::vector<Item> items;
    for (const auto& entry : *list) {
        TRY_ASSIGN(auto item, read_item(entry));
        items.push_back(std::move(item));
    }
    return items;
}

HttpsClient client_for(const PhoneStore& store) {
    HttpsSettings settings;
    settings.ca_file = store.state().server.ca_file;
    return HttpsClient(std::move(settings));
}

Outcome<Approver> Approver::connect(PhoneStore& store, HttpsClient& http) {
    if (store.state().server.session.empty()) {
        return Problem{ProblemKind::store,
                       store.path().string() +
                           ": not enrolled yet: kyso-phone enrol --link URL, with the link that "
                           "the registration office gives"};
    }
    return Approver(store, http);
}

std::string Approver::address(std::string_view path) const {
    return store_->state().server.url + "/approve/v1/" + std::string(path);
}

Outcome<std::vector<Item>> Approver::pending() {
    TRY_ASSIGN(auto response,
               http_->get(address("pending"), Bearer{store_->state().server.session}));
    TRY_ASSIGN(auto value, json_of(response, "fetch what is pending"));
    return read_items(value);
}

Outcome<Item> Approver::item(const std::string& id) {
    if (!is_id(id)) {
        return Problem{ProblemKind::input, "\"" + id + "\" is not the id of a transaction"};
    }
    TRY_ASSIGN(auto response,
               http_->get(address("transactions/" + id), Bearer{store_->state().server.session}));
    TRY_ASSIGN(auto value, json_of(response, "fetch " + id));
    TRY_ASSIGN(auto item, read_item(value));
    if (item.id != id) {
        return Problem{ProblemKind::server, "asked for " + id + ", the server shows another"};
    }
    return item;
}

Outcome<CheckedItem> Approver::check(Item item) const {
    return check_item(std::move(item), store_->state(), store_->passkey().thumbprint(), now_ms());
}

Outcome<CheckedItem> Approver::check(Item item, const SeenPhone& seen) const {
    return check_item(
        std::move(item), store_->state(), store_->passkey().thumbprint(), now_ms(), seen);
}

bool Approver::is_asked(const Item& item) const {
    const auto& own = store_->passkey().thumbprint();
    return std::ranges::find(item.thumbprints, own) != item.thumbprints.end();
}

Outcome<std::vector<Item>> Approver::take_move(const SeenPhone& seen) {
    json::object body;
    if (seen.thumbprint) {
        body["thumbprint"] = base64url(*seen.thumbprint);
    } else {
        body["short_code"] = seen.short_code;
    }
    TRY_ASSIGN(
        auto response,
        http_->post_json(address("moves/take"), body, Bearer{store_->state().server.session}));
    TRY_ASSIGN(auto value, json_of(response, "begin the change of phones"));
    return read_items(value);
}

Outcome<std::string> Approver::approve(const CheckedItem& checked) {
    TRY_ASSIGN(auto assertion, store_->assert_challenge(checked.challenge, [&](PhoneState& phone) {
        learn(phone, checked);
    }));
    auto body = assertion_body(assertion);
    if (checked.item.code_typed) {
        body["code"] = checked.item.code;
    }
    return post(checked.item.id, "approve", body);
}

Outcome<std::string> Approver::reject(const std::string& id) {
    return post(id, "reject", json::object());
}

Outcome<std::string> Approver::not_mine(const std::string& id) {
    return post(id, "not-mine", json::object());
}

Outcome<std::string> Approver::wrong_code(const std::string& id) {
    return post(id, "reject", json::object{{"reason", "wrong code"}});
}

Outcome<Item> Approver::start(const std::string& token) {
    TRY_ASSIGN(auto response,
               http_->post_json(address("starts"),
                                json::object{{"token", token}},
                                Bearer{store_->state().server.session}));
    TRY_ASSIGN(auto value, json_of(response, "start"));
    return read_item(value);
}

Outcome<std::string> Approver::post(const std::string& id,
                                    std::string_view action,
                                    const json::value& body) {
    if (!is_id(id)) {
        return Problem{ProblemKind::input, "\"" + id + "\" is not the id of a transaction"};
    }
    const auto url = address("transactions/" + id + "/" + std::string(action));
    TRY_ASSIGN(auto response, http_->post_json(url, body, Bearer{store_->state().server.session}));
    TRY_ASSIGN(auto value, json_of(response, std::string(action) + " " + id));
    TRY_ASSIGN(auto object, JsonObject::of(value, "answer", ProblemKind::server));
    return object.text("state");
}

}  // namespace hsm::softphone
