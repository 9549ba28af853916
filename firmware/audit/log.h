#pragma once

#include "firmware/storage/log_store.h"
#include "hsm/protocol/audit_record.h"

namespace firmware::audit {

using hsm::ByteView;
using hsm::Digest;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;
using hsm::protocol::RecordType;

// When a record was made, as far as the module knows.
struct Stamp {
    std::uint64_t boot_counter = 0;
    std::uint64_t tick_ms = 0;
    std::uint64_t host_time = 0;  // unverified
};

// The hash-chained log of what this module did: PROTOCOL.md "Audit log". Records become durable
// with the store's sync; nothing that depends on a record may leave the module before.
class Log {
public:
    // `room_kept` bytes of the store's log are left to records that a full log needs to become
    // usable again: so many that, wherever sectors end, several of them fit.
    Log(storage::LogStore& store, std::uint32_t room_kept) : store_(store), room_kept_(room_kept) {}
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    // After the store's mount, once the identity is known: continues the chain.
    Result<void> resume(const Digest& module_id);

    // `log_full` when the log takes no more ordinary records. Asked before anything is spent.
    Result<void> check_room() const { return check_left(room_kept_); }

    // Starts are recorded a little longer than that, and stop before they take the room in which
    // a release has to be recorded.
    Result<void> check_room_for_start() const { return check_left(room_kept_ / 2); }

    // The encoded record, valid until the next append.
    template <class Details>
    Result<ByteView> append(RecordType type, const Stamp& stamp, const Details& details) {
        TRY_ASSIGN(auto encoded, hsm::protocol::encode(details, details_buffer_));
        return append_encoded(type, stamp, encoded);
    }

    std::uint64_t last_index() const { return store_.next_log_index() - 1; }  // 0: no record yet
    const Digest& chain_hash() const { return chain_hash_; }  // SHA-256 of the last record
    std::uint8_t fill_percent() const;

private:
    Result<void> check_left(std::uint32_t bytes) const;
    Result<ByteView> append_encoded(RecordType type, const Stamp& stamp, ByteView details);

    storage::LogStore& store_;
    const std::uint32_t room_kept_;
    Digest chain_hash_{};
    std::array<hsm::Byte, hsm::protocol::record_size_max> details_buffer_{};
    std::array<hsm::Byte, hsm::protocol::record_size_max> record_buffer_{};
};

}  // namespace firmware::audit
