#include "server/hub/upstream.h"

#include <spdlog/spdlog.h>

#include <boost/json.hpp>

namespace server::hub {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;

// A person's certificates with their chains.
constexpr std::size_t answer_max = 1024 * 1024;

}  // namespace

Error Upstream::silent(const std::string& why) const {
    spdlog::warn("provider {}: {}", settings_.name, why);
    return {ErrorKind::unavailable, "the provider " + settings_.name + " does not answer"};
}

cloudsign::Result<UpstreamAnswer> Upstream::post(push::OutboundRequest request) {
    request.answer_max = answer_max;
    request.ca_file = settings_.ca_file;
    request.private_addresses = settings_.private_addresses;
    request.plain_http = settings_.plain_http;
    const auto answer = http_.call(std::move(request));
    if (!answer) {
        return silent(answer.error());
    }
    if (answer->status == 429) {
        return Error{ErrorKind::busy, "the provider " + settings_.name + " is busy"};
    }
    if (answer->status >= 500) {
        return silent("it answered " + std::to_string(answer->status));
    }
    json::parse_options options;
    options.max_depth = 16;
    json::error_code failed;
    auto body = json::parse(answer->body, failed, {}, options);
    if (failed || !body.is_object()) {
        return silent("it answered " + std::to_string(answer->status) + " and no JSON object");
    }
    return UpstreamAnswer{answer->status, std::move(body.get_object())};
}

cloudsign::Result<UpstreamAnswer> Upstream::post_json(const std::string& url,
                                                      const json::object& body,
                                                      const std::string& bearer) {
    push::OutboundRequest request;
    request.url = url;
    request.headers = {"Content-Type: application/json", "Accept: application/json"};
    if (!bearer.empty()) {
        request.headers.push_back("Authorization: Bearer " + bearer);
    }
    request.body = json::serialize(body);
    return post(std::move(request));
}

cloudsign::Result<UpstreamAnswer> Upstream::post_form(const std::string& url,
                                                      const std::string& form,
                                                      const std::string& authorization) {
    push::OutboundRequest request;
    request.url = url;
    request.headers = {"Content-Type: application/x-www-form-urlencoded",
                       "Accept: application/json",
                       "Authorization: " + authorization};
    request.body = form;
    return post(std::move(request));
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

const json::object* object_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
}

const json::array* array_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr ? value->if_array() : nullptr;
}

std::string purpose_of(const HubRequest& request, std::size_t size_max) {
    if (request.description.empty()) {
        return request.portal_id;
    }
    const auto name = " (" + request.portal_id + ")";
    auto text = request.description;
    auto room = size_max - name.size();
    if (text.size() > room) {
        while (room > 0 && (static_cast<unsigned char>(text[room]) & 0xc0) == 0x80) {
            --room;
        }
        text.resize(room);
    }
    return text + name;
}

}  // namespace server::hub
