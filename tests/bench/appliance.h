#pragma once

#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tests/bench/flow_client.h"

namespace bench {

// A running appliance as ci/bench describes it (ci/bench_appliance.py).
struct Appliance {
    Portal portal;
    Place place;
    pid_t up_pid = 0;
    struct Enrolled {
        std::string phone_file;
        std::string credential_id;
        hsm::protocol::KeyType key_type;
    };
    std::vector<Enrolled> people;
    std::optional<Population> population;  // enrolled in bulk

    // Its server, and its modules.
    pid_t server() const;
    std::vector<pid_t> modules() const;
};

// Ends the process with a message when the description or its server cannot be used.
Appliance open_appliance(const std::string& file);

// "p256" or "rsa2048".
hsm::protocol::KeyType key_named(const std::string& name);

}  // namespace bench
