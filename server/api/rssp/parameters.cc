#include "server/api/rssp/parameters.h"

#include <boost/json.hpp>

namespace server::api::rssp {

namespace json = boost::json;

namespace {

// The notification's members in front of the body's own: clients send either.
csc::Checked<csc::Parameters> read_notification(const csc::Parameters& parameters) {
    json::object found;
    for (const auto* name :
         {"notificationMessage", "messageCaption", "message", "validityPeriod"}) {
        if (const auto* value = parameters.find(name)) {
            found[name] = *value;
        }
    }
    const auto* notification = parameters.find("tseNotification");
    if (notification != nullptr && !notification->is_null()) {
        if (!notification->is_object()) {
            return csc::invalid("Invalid parameter tseNotification");
        }
        for (const auto& member : notification->get_object()) {
            found[member.key()] = member.value();
        }
    }
    return csc::Parameters::of(std::move(found));
}

csc::Checked<std::string> read_text(const csc::Parameters& notification) {
    constexpr std::size_t longest = 2000;  // bytes: 500 characters are counted later
    TRY_ASSIGN(auto push, notification.optional_string("notificationMessage", longest));
    TRY_ASSIGN(auto caption, notification.optional_string("messageCaption", longest));
    TRY_ASSIGN(auto message, notification.optional_string("message", longest));
    if (!caption && !message) {
        return push.value_or("");
    }
    return caption.value_or("") + (caption && message ? ": " : "") + message.value_or("");
}

}  // namespace

csc::Checked<csc::Parameters> as_csc(const csc::Parameters& parameters) {
    json::object asked;
    for (const auto* name :
         {"credentialID", "numSignatures", "SAD", "signAlgo", "signAlgoParams", "documents"}) {
        if (const auto* value = parameters.find(name)) {
            asked[name] = *value;
        }
    }
    const auto* digests = parameters.find("documentDigests");
    if (digests == nullptr || !digests->is_object()) {
        return csc::invalid("Missing (or invalid type) object parameter documentDigests");
    }
    for (const auto* name : {"hashes", "hashAlgorithmOID"}) {
        if (const auto* value = digests->get_object().if_contains(name)) {
            asked[name] = *value;
        }
    }
    TRY_ASSIGN(auto notification, read_notification(parameters));
    TRY_ASSIGN(auto text, read_text(notification));
    asked["description"] = text;
    return csc::Parameters::of(std::move(asked));
}

csc::Checked<std::int64_t> read_validity(const csc::Parameters& parameters) {
    constexpr std::int64_t longest_s = 24 * 3600;
    TRY_ASSIGN(auto notification, read_notification(parameters));
    const auto* value = notification.find("validityPeriod");
    if (value == nullptr || value->is_null()) {
        return 0;
    }
    const auto* seconds = value->if_int64();
    if (seconds == nullptr || *seconds < 0 || *seconds > longest_s) {
        return csc::invalid("Invalid parameter validityPeriod");
    }
    return *seconds * 1000;
}

}  // namespace server::api::rssp
