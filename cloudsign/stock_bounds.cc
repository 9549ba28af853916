#include "cloudsign/stock_bounds.h"

namespace cloudsign {

Result<void> check_room(const StockBounds& bounds,
                        const Stock& all,
                        const Stock& own,
                        std::int64_t size,
                        std::string_view what) {
    // Nobody knows when others are finished or discarded; within a second they are not.
    constexpr std::int64_t retry_after_s = 60;
    const auto full = "as many " + std::string(what) + " as this server keeps";
    if (all.documents >= bounds.documents_max || all.bytes + size > bounds.bytes_max) {
        return Error{ErrorKind::busy, full, retry_after_s};
    }
    if (own.documents >= bounds.client_documents_max ||
        own.bytes + size > bounds.client_bytes_max) {
        return Error{ErrorKind::busy, full + " of one client", retry_after_s};
    }
    return {};
}

}  // namespace cloudsign
