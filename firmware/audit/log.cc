#include "firmware/audit/log.h"

#include "firmware/engine/digest.h"

namespace firmware::audit {

Result<void> Log::resume(const Digest& module_id) {
    if (last_index() == 0) {
        const ByteView parts[] = {hsm::view_of(hsm::protocol::log_origin_tag), module_id};
        chain_hash_ = engine::sha256(parts);
        return {};
    }
    TRY_ASSIGN(auto last, store_.read_log(last_index(), record_buffer_));
    const auto record = hsm::protocol::decode<hsm::protocol::AuditRecord>(last);
    if (!record || record->index != last_index()) {
        return Status::storage_corrupt;
    }
    const ByteView parts[] = {last};
    chain_hash_ = engine::sha256(parts);
    return {};
}

Result<void> Log::check_left(std::uint32_t bytes) const {
    if (store_.log_room() < bytes) {
        return Status::log_full;
    }
    return {};
}

Result<ByteView> Log::append_encoded(RecordType type, const Stamp& stamp, ByteView details) {
    const hsm::protocol::AuditRecord record{store_.next_log_index(),
                                            chain_hash_,
                                            type,
                                            stamp.boot_counter,
                                            stamp.tick_ms,
                                            stamp.host_time,
                                            details};
    TRY_ASSIGN(auto encoded, hsm::protocol::encode(record, record_buffer_));
    TRY_ASSIGN(auto index, store_.append_log(encoded));
    CHECK(index == record.index);
    const ByteView parts[] = {encoded};
    chain_hash_ = engine::sha256(parts);
    return encoded;
}

std::uint8_t Log::fill_percent() const {
    const auto total = store_.log_room_max();
    const auto usable = total > room_kept_ ? total - room_kept_ : 1;
    const auto in_use = std::min(total - std::min(total, store_.log_room()), usable);
    return static_cast<std::uint8_t>(std::uint64_t{100} * in_use / usable);
}

}  // namespace firmware::audit
