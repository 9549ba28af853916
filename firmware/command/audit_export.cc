#include "firmware/command/commands.h"

namespace firmware::command {
namespace {

// Envelope, map and array heads around the records, and a byte string's head on each of them.
constexpr std::size_t response_overhead = 32;
constexpr std::size_t item_overhead = 3;

}  // namespace

Result<wire::AuditExportResponse> audit_export(Core& core,
                                               const wire::AuditExportRequest& request) {
    const auto end = core.store.next_log_index();
    if (request.from_index < core.store.first_log_index() || request.from_index > end) {
        return Status::no_such_record;
    }
    wire::AuditExportResponse response;
    auto room = MutableBytes(core.workspace.records)
                    .first(core.workspace.records.size() - response_overhead);
    for (auto index = request.from_index;
         index < end && response.records.size() < response.records.size_max;
         ++index) {
        // A record that is too long for what is left of this answer begins the next one.
        if (room.size() < wire::record_size_max + item_overhead) {
            break;
        }
        TRY_ASSIGN(auto record, core.store.read_log(index, room.subspan(item_overhead)));
        CHECK(response.records.push_back(record));
        room = room.subspan(item_overhead + record.size());
    }
    return response;
}

}  // namespace firmware::command
