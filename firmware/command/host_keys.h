#pragma once

#include "hsm/protocol/message.h"

namespace firmware::command {

// Where a board keeps who may connect to it. A Linux process reads that from files at its start,
// and has no such port.
class HostKeys {
public:
    // Has this module been told its hosts? Until then anybody may connect as an operator.
    virtual bool installed() const = 0;

    // Takes the list, once and for good, durably; from now on no other identity connects.
    // `malformed` for names, roles and keys that do not belong together.
    virtual hsm::Result<void> install(const hsm::protocol::InstallHostsRequest& hosts) = 0;

protected:
    ~HostKeys() = default;
};

}  // namespace firmware::command
