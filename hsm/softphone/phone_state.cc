#include "hsm/softphone/phone_state.h"

#include <algorithm>

#include <boost/json.hpp>

#include "hsm/softphone/json_object.h"

namespace hsm::softphone {
namespace {

namespace json = boost::json;

json::object write_key(const KnownKey& key) {
    return {{"key_id", base64url(key.key_id)},
            {"kind", static_cast<unsigned>(key.kind)},
            {"policy_hash", base64url(key.policy_hash)},
            {"policy", base64url(key.policy)},
            {"subject", key.subject},
            {"version", key.version},
            {"credential_id", key.credential_id}};
}

Outcome<KnownKey> read_key(const json::value& value) {
    KnownKey key;
    TRY_ASSIGN(auto object, JsonObject::of(value, "keys[]", ProblemKind::store));
    TRY_ASSIGN(key.key_id, object.digest("key_id"));
    TRY_ASSIGN(auto kind, object.number("kind", 5));
    key.kind = static_cast<protocol::KeyKind>(kind);
    TRY_ASSIGN(key.policy_hash, object.digest("policy_hash"));
    TRY_ASSIGN(key.policy, object.bytes("policy"));
    TRY_ASSIGN(key.subject, object.text("subject"));
    TRY_ASSIGN(auto version, object.number("version", UINT32_MAX));
    key.version = static_cast<std::uint32_t>(version);
    TRY_ASSIGN(key.credential_id, object.text("credential_id"));
    return key;
}

Outcome<void> read_passkey(const JsonObject& object, PhoneState& state) {
    TRY_ASSIGN(state.private_key, object.text("private_key"));
    TRY_ASSIGN(state.webauthn_id, object.bytes("credential_id"));
    TRY_ASSIGN(auto count, object.number("sign_count", UINT32_MAX));
    state.sign_count = static_cast<std::uint32_t>(count);
    TRY_ASSIGN(state.backup_eligible, object.flag("backup_eligible"));
    return {};
}

Outcome<void> read_server(const JsonObject& object, ServerLink& server) {
    TRY_ASSIGN(server.url, object.text("url"));
    TRY_ASSIGN(server.ca_file, object.text("ca_file"));
    TRY_ASSIGN(server.session, object.text("session"));
    return {};
}

}  // namespace

const KnownKey* PhoneState::key(const Digest& key_id) const {
    const auto found = std::ranges::find(keys, key_id, &KnownKey::key_id);
    return found == keys.end() ? nullptr : &*found;
}

std::string write_state(const PhoneState& state) {
    json::object passkey{{"private_key", state.private_key},
                         {"credential_id", base64url(state.webauthn_id)},
                         {"sign_count", state.sign_count},
                         {"backup_eligible", state.backup_eligible}};
    json::object server{{"url", state.server.url},
                        {"ca_file", state.server.ca_file},
                        {"session", state.server.session}};
    json::object object{{"format", 1},
                        {"role", state.role == PhoneRole::officer ? "officer" : "signer"},
                        {"name", state.name},
                        {"rp_id", state.rp_id},
                        {"origin", state.origin},
                        {"passkey", std::move(passkey)},
                        {"server", std::move(server)}};
    if (state.enrolment) {
        object["enrolment"] = json::object{{"credential_id", state.enrolment->credential_id},
                                           {"transaction_id", state.enrolment->transaction_id}};
    }
    if (state.joining) {
        object["joining"] = json::object{{"session", state.joining->session}};
    }
    json::array keys;
    for (const auto& key : state.keys) {
        keys.push_back(write_key(key));
    }
    object["keys"] = std::move(keys);
    return json::serialize(object) + "\n";
}

Outcome<PhoneState> read_state(std::string_view text) {
    json::error_code error;
    const auto value = json::parse(text, error);
    if (error) {
        return Problem{ProblemKind::store, "not JSON"};
    }
    PhoneState state;
    TRY_ASSIGN(auto object, JsonObject::of(value, "phone", ProblemKind::store));
    TRY_ASSIGN(auto format, object.number("format", json_number_max));
    if (format != 1) {
        return object.wrong("format", "is not one that this program knows");
    }
    TRY_ASSIGN(auto role, object.text("role"));
    if (role != "signer" && role != "officer") {
        return object.wrong("role", "is neither signer nor officer");
    }
    state.role = role == "officer" ? PhoneRole::officer : PhoneRole::signer;
    TRY_ASSIGN(state.name, object.text("name"));
    TRY_ASSIGN(state.rp_id, object.text("rp_id"));
    TRY_ASSIGN(state.origin, object.text("origin"));
    TRY_ASSIGN(auto passkey, object.object("passkey"));
    TRY(read_passkey(passkey, state));
    TRY_ASSIGN(auto server, object.object("server"));
    TRY(read_server(server, state.server));
    if (object.has("enrolment")) {
        TRY_ASSIGN(auto enrolment, object.object("enrolment"));
        state.enrolment.emplace();
        TRY_ASSIGN(state.enrolment->credential_id, enrolment.text("credential_id"));
        TRY_ASSIGN(state.enrolment->transaction_id, enrolment.text("transaction_id"));
    }
    if (object.has("joining")) {
        TRY_ASSIGN(auto joining, object.object("joining"));
        state.joining.emplace();
        TRY_ASSIGN(state.joining->session, joining.text("session"));
    }
    TRY_ASSIGN(const auto* keys, object.list("keys"));
    for (const auto& item : *keys) {
        TRY_ASSIGN(auto key, read_key(item));
        state.keys.push_back(std::move(key));
    }
    return state;
}

}  // namespace hsm::softphone
