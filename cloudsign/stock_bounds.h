#pragma once

#include <cstdint>
#include <string_view>

#include "cloudsign/error.h"

namespace cloudsign {

// How many documents are kept at most, and how many bytes of them: in all, and of one client, so
// that it leaves room for the others.
struct StockBounds {
    std::int64_t documents_max = 1000;
    std::int64_t bytes_max = 512ll * 1024 * 1024;
    std::int64_t client_documents_max = 250;
    std::int64_t client_bytes_max = 128ll * 1024 * 1024;
};

struct Stock {
    std::int64_t documents = 0;
    std::int64_t bytes = 0;
};

// `busy`, unless there is room for one more of `size` bytes beside `all` that there is, and beside
// what its client has of it. `what`: "documents are being raised".
Result<void> check_room(const StockBounds& bounds,
                        const Stock& all,
                        const Stock& own,
                        std::int64_t size,
                        std::string_view what);

}  // namespace cloudsign
