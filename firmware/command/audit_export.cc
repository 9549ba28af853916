#include "firmware/command/commands.h"

namespace firmware::command {

// One record always fits, so that whoever goes on after what came reaches the end of the log.
static_assert(wire::record_size_max <= wire::export_records_total_size_max);

Result<wire::AuditExportResponse> audit_export(Core& core,
                                               const wire::AuditExportRequest& request) {
    const auto end = core.store.next_log_index();
    if (request.from_index < core.store.first_log_index() || request.from_index > end) {
        return Status::no_such_record;
    }
    wire::AuditExportResponse response;
    auto room = MutableBytes(core.workspace.records).first(wire::export_records_total_size_max);
    for (auto index = request.from_index;
         index < end && response.records.size() < response.records.size_max;
         ++index) {
        const auto record = core.store.read_log(index, room);
        // Longer than what is left of this answer: it begins the next one.
        if (!record && record.error() == Status::malformed && !response.records.empty()) {
            break;
        }
        if (!record) {
            return record.error();
        }
        CHECK(response.records.push_back(*record));
        room = room.subspan(record->size());
    }
    return response;
}

}  // namespace firmware::command
