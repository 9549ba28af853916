#include "firmware/command/commands.h"

namespace firmware::command {

// `busy` while a signature in those records waits for its acknowledgement: the log is the only
// place that still has it.
Result<wire::AuditReleaseResponse> audit_release(Core& core,
                                                 const wire::AuditReleaseRequest& request) {
    if (request.up_to_index > core.log.last_index()) {
        return Status::no_such_record;
    }
    if (request.up_to_index <= core.store.released_log_index()) {
        return wire::AuditReleaseResponse{};
    }
    if (core.results.holds_up_to(request.up_to_index)) {
        return Status::busy;
    }
    // This record goes first, so that the log never ends with what was released.
    TRY(append_record(
        core, wire::RecordType::log_released, 0, wire::LogReleasedDetails{request.up_to_index}));
    TRY(core.store.release_log(request.up_to_index));
    return wire::AuditReleaseResponse{};
}

}  // namespace firmware::command
