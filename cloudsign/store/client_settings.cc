#include "cloudsign/store/client_settings.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "cloudsign/store/cell.h"

namespace cloudsign::store {
namespace {

namespace json = boost::json;

template <bool ClientSettings::*member>
Result<void> set_switch(ClientSettings& settings, std::string_view value) {
    if (value != "on" && value != "off") {
        return Error{ErrorKind::invalid, "must be on or off"};
    }
    settings.*member = value == "on";
    return {};
}

template <bool ClientSettings::*member>
std::string get_switch(const ClientSettings& settings) {
    return settings.*member ? "on" : "off";
}

template <bool ClientSettings::*member>
constexpr ClientSetting on_off(std::string_view name, std::string_view meaning) {
    return {name, meaning, set_switch<member>, get_switch<member>};
}

Result<void> set_v1_authorize(ClientSettings& settings, std::string_view value) {
    if (value != "hold" && value != "deferred") {
        return Error{ErrorKind::invalid, "must be hold or deferred"};
    }
    settings.v1_authorize = value == "hold" ? V1Authorize::hold : V1Authorize::deferred;
    return {};
}

std::string get_v1_authorize(const ClientSettings& settings) {
    return settings.v1_authorize == V1Authorize::hold ? "hold" : "deferred";
}

Result<void> set_hold_seconds(ClientSettings& settings, std::string_view value) {
    constexpr std::int64_t longest = 300;
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.begin(), value.end(), seconds);
    if (error != std::errc() || end != value.end() || seconds < 0 || seconds > longest) {
        return Error{ErrorKind::invalid, "must be 1 to 300, or 0 for the server's own"};
    }
    settings.hold_seconds = seconds;
    return {};
}

std::string get_hold_seconds(const ClientSettings& settings) {
    return std::to_string(settings.hold_seconds);
}

constexpr ClientSetting all[] = {
    on_off<&ClientSettings::csc>("door.csc", "on | off: may use the CSC API"),
    on_off<&ClientSettings::rssp>("door.rssp", "on | off: may use the RSSP v2 dialect"),
    on_off<&ClientSettings::qd769>("door.qd769", "on | off: may use the QD 769 dialect"),
    {"profile.v1_authorize",
     "hold | deferred: CSC v1 authorize waits for the phone, or signHash does",
     set_v1_authorize,
     get_v1_authorize},
    {"profile.hold_seconds",
     "1 to 300: how long a held request waits at most; 0: the server's own",
     set_hold_seconds,
     get_hold_seconds},
    on_off<&ClientSettings::send_otp_answers_200>(
        "profile.send_otp_answers_200", "on | off: credentials/sendOTP answers 200 instead of 204"),
};

}  // namespace

std::span<const ClientSetting> client_settings() {
    return all;
}

Result<void> set_client_setting(ClientSettings& settings,
                                std::string_view name,
                                std::string_view value) {
    const auto* setting = std::ranges::find(all, name, &ClientSetting::name);
    if (setting == std::end(all)) {
        return Error{ErrorKind::not_found, "no such setting: " + std::string(name)};
    }
    if (const auto done = setting->set(settings, value); !done) {
        return Error{ErrorKind::invalid, std::string(name) + " " + done.error().detail};
    }
    return {};
}

// Only what differs is kept, so that a default may change with a later version.
void Codec<ClientSettings>::encode(const ClientSettings& value, TextCell& cell) {
    json::object kept;
    for (const auto& setting : all) {
        if (auto text = setting.get(value); text != setting.get({})) {
            kept[setting.name] = std::move(text);
        }
    }
    cell.value = json::serialize(kept);
}

bool Codec<ClientSettings>::decode(const TextCell& cell, ClientSettings& value) {
    json::error_code failed;
    const json::value parsed = json::parse(cell.value, failed);
    if (failed || !parsed.is_object()) {
        return false;
    }
    value = {};
    return std::ranges::all_of(parsed.get_object(), [&](const json::key_value_pair& kept) {
        return kept.value().is_string() &&
               set_client_setting(value, kept.key(), kept.value().get_string()).has_value();
    });
}

}  // namespace cloudsign::store
