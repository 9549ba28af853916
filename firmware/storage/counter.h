#pragma once

#include <string_view>

#include "firmware/storage/log_store.h"

namespace firmware::storage {

// A number in the table that never falls, whatever cut comes in between: for what must not be given
// twice (the number of a start) or taken back (a security version). 0 until it is raised.
class MonotonicCounter {
public:
    // One key, one counter. `key` must outlive it.
    MonotonicCounter(LogStore& store, std::string_view key) : store_(store), key_(key) {}

    // `storage_corrupt` when something else lies under the key.
    Result<std::uint64_t> value() const;

    // The next number, durable before it is answered: whoever uses it does so after that. A number
    // whose call failed is perhaps skipped, never answered again.
    Result<std::uint64_t> advance();

    // At least `to`, durable; a lower one changes nothing.
    Result<void> raise(std::uint64_t to);

private:
    LogStore& store_;
    std::string_view key_;
};

}  // namespace firmware::storage
