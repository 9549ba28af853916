#pragma once

#include <string>
#include <string_view>

#include "hsm/base/bytes.h"
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

// https://approve.example/officer#<secret>, as the operator hands it to an officer.
struct OfficerLink {
    std::string origin;
    std::string secret;  // good for one connection; stays out of every request's address
};

// `input` when it is not such a link.
Outcome<OfficerLink> parse_officer_link(const std::string& link);

// https://approve.example/start#<token>, as a screen shows it to be scanned.
struct StartLink {
    std::string origin;
    std::string token;
};

// `input` when it is not such a link.
Outcome<StartLink> parse_start_link(const std::string& link);

// https://approve.example/move#<thumbprint>, as a new phone shows it to the old one.
struct MoveLink {
    std::string origin;
    Digest thumbprint{};
};

// `input` when it is not such a link.
Outcome<MoveLink> parse_move_link(const std::string& link);

// https://approve.example[:port], where the approve app is.
struct ServerAddress {
    std::string rp_id;
    std::string origin;
};

// `input` when it is not such an address.
Outcome<ServerAddress> parse_server(const std::string& address);

// What people type of XXXX-XXXX-XXXX, in that form: in either case, with what is read as another
// digit, with or without the dashes. `input` when it is no short code.
Outcome<std::string> parse_short_code(std::string_view typed);

// A word that may stand in the path of an address: 1 to 128 of A-Z a-z 0-9 - _
bool is_id(std::string_view text);

}  // namespace hsm::softphone
