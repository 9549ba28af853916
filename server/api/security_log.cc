#include "server/api/security_log.h"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <string>

namespace server::api {
namespace {

// No line of its own making, and not a long one.
std::string plain(std::string_view text) {
    constexpr std::size_t size_max = 64;
    std::string shown(text.substr(0, size_max));
    std::ranges::replace_if(
        shown, [](char c) { return c <= ' ' || c > '~' || c == ','; }, '?');
    return shown;
}

}  // namespace

void log_security_event(std::string_view event, std::string_view who, std::string_view peer) {
    spdlog::warn("security: {}, client {}, from {}", event, plain(who), peer);
}

void log_office_act(std::string_view user,
                    std::string_view act,
                    std::string_view about,
                    std::string_view peer) {
    spdlog::warn("security: office, {} {} {}, from {}", plain(user), act, plain(about), peer);
}

}  // namespace server::api
