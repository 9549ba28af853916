#include "firmware/command/commands.h"

namespace firmware::command {

// The host has the signature durably. The note that says so need not be durable itself: should it
// be lost, the host is offered once more what it has, and acknowledges once more. So it is also no
// error to acknowledge what is not there, and a log too full even for notes is none either: what is
// acknowledged may be released, and only that makes room.
Result<wire::AcknowledgeResponse> acknowledge(Core& core, const wire::AcknowledgeRequest& request) {
    const audit::OccurrenceKey occurrence{request.challenge, request.leaf_index};
    if (!core.results.find(occurrence)) {
        return wire::AcknowledgeResponse{};
    }
    const auto noted = core.store.append_note(audit::acknowledged_note(occurrence));
    if (!noted && noted.error() != Status::log_full) {
        return noted.error();
    }
    TRY(core.results.remove(occurrence));
    return wire::AcknowledgeResponse{};
}

}  // namespace firmware::command
