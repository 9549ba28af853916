#pragma once

#include <string_view>

namespace server::api {

// One line in the log for what looks like an attack: what, at whose expense and from where. `who`
// may be anything that a stranger has sent.
void log_security_event(std::string_view event, std::string_view who, std::string_view peer);

// One line for what somebody of the office did, or may not: who, what, about whom, and from where.
void log_office_act(std::string_view user,
                    std::string_view act,
                    std::string_view about,
                    std::string_view peer);

}  // namespace server::api
