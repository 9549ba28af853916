#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string_view>

#include "server/http/route.h"

namespace server::net {

// One answered request, or one refused before it was understood (`method` and `path` are "-").
// Views are valid during the call only.
struct AccessRecord {
    std::string_view id;
    std::string_view method;
    std::string_view path;               // without the query, which may hold secrets
    const http::Route* route = nullptr;  // null when none matched: a bounded label for metrics
    unsigned status = 0;
    std::chrono::microseconds duration{0};  // from the end of its header to the end of the answer
    std::size_t bytes = 0;                  // of the answer, header included
    std::string_view peer;
};

// Called on the I/O thread: must not block.
using AccessLog = std::function<void(const AccessRecord&)>;

}  // namespace server::net
