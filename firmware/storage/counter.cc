#include "firmware/storage/counter.h"

#include "hsm/base/byte_reader.h"
#include "hsm/base/byte_writer.h"

namespace firmware::storage {

Result<std::uint64_t> MonotonicCounter::value() const {
    std::array<Byte, sizeof(std::uint64_t)> buffer{};
    auto stored = store_.get(hsm::view_of(key_), buffer);
    if (!stored && stored.error() == Status::no_such_record) {
        return std::uint64_t{0};
    }
    if (!stored && stored.error() != Status::malformed) {
        return stored.error();
    }
    hsm::ByteReader reader(stored ? *stored : ByteView());
    const auto number = reader.u64();
    return number ? number : Status::storage_corrupt;
}

Result<std::uint64_t> MonotonicCounter::advance() {
    TRY_ASSIGN(const auto before, value());
    if (before == UINT64_MAX) {
        return Status::storage_full;
    }
    TRY(raise(before + 1));
    return before + 1;
}

Result<void> MonotonicCounter::raise(std::uint64_t to) {
    TRY_ASSIGN(const auto before, value());
    if (to > before) {
        std::array<Byte, sizeof(std::uint64_t)> bytes{};
        hsm::ByteWriter writer(bytes);
        writer.u64(to);
        TRY(store_.put(hsm::view_of(key_), bytes));
    }
    // Also when it is there already: perhaps a raise before this one is not durable yet.
    return store_.sync();
}

}  // namespace firmware::storage
