#pragma once

#include <filesystem>

#include "tests/bench/subscriber.h"

namespace bench {

struct BulkOrder {
    std::filesystem::path data;  // of an appliance that does not run
    Population population;
    std::uint64_t first = 0;  // of the subscribers to enrol
    std::uint64_t count = 0;
};

struct BulkRate {
    double seconds = 0;
    double cpu_us_each = 0;
};

// Puts subscribers into a stopped appliance's database as if each had enrolled: signer, phone, and
// a P-256 key of their own, made and sealed by the engine on the appliance's token and bound by its
// officer, with a certificate. Several processes may do it to one appliance, each with other
// numbers. Progress goes to standard error. Ends the process with a message when the appliance
// runs or cannot be used.
BulkRate enrol_in_bulk(const BulkOrder& order);

}  // namespace bench
