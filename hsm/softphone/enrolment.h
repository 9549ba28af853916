#pragma once

#include "hsm/softphone/approver.h"
#include "hsm/softphone/link.h"

namespace hsm::softphone {

struct EnrolRequest {
    std::filesystem::path store;
    EnrolmentLink link;
    std::string name;     // of the device, for the office
    std::string ca_file;  // PEM; empty: the system's authorities
};

struct Enrolled {
    std::string device_id;
    std::string credential_id;
    std::string transaction_id;
    std::string subject;
    std::string short_code;  // to be compared with the registrar's screen
    std::string state;       // of the binding
};

// Makes the phone's file and passkey, hands the public key to the server, checks the binding that
// it answers like any other item, and approves it. Asked again after a failure it goes on with the
// same passkey. `input` when the file belongs to a phone that is enrolled already.
Outcome<Enrolled> enrol(const EnrolRequest& request);

}  // namespace hsm::softphone
