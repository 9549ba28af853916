#pragma once

#include <string>

#include "hsm/softphone/problem.h"

namespace hsm::softphone {

// https://approve.example/enrol#<invitation>, as the registration office hands it out.
struct EnrolmentLink {
    std::string rp_id;       // the host, lower case
    std::string origin;      // as a browser writes it: no port 443
    std::string invitation;  // stays out of every request's address
};

// `input` when it is not such a link.
Outcome<EnrolmentLink> parse_enrolment_link(const std::string& link);

// https://approve.example/start#<token>, as a screen shows it to be scanned.
struct StartLink {
    std::string origin;
    std::string token;
};

// `input` when it is not such a link.
Outcome<StartLink> parse_start_link(const std::string& link);

// A word that may stand in the path of an address: 1 to 128 of A-Z a-z 0-9 - _
bool is_id(std::string_view text);

}  // namespace hsm::softphone
