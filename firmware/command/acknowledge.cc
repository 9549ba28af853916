#include "firmware/command/commands.h"

namespace firmware::command {

// The host has the signatures durably. The note that says so need not be durable itself: should it
// be lost, the host is offered once more what it has, and acknowledges once more. So it is also no
// error to acknowledge what is not there, and a log too full even for notes is none either: what is
// acknowledged may be released, and only that makes room.
Result<wire::AcknowledgeResponse> acknowledge(Core& core, const wire::AcknowledgeRequest& request) {
    for (const auto& bytes : request.occurrences) {
        const auto occurrence = wire::occurrence_of(bytes);
        if (!core.results.find(occurrence)) {
            continue;
        }
        const auto noted = core.store.append_note(audit::acknowledged_note(occurrence));
        if (!noted && noted.error() != Status::log_full) {
            return noted.error();
        }
        TRY(core.results.remove(occurrence));
    }
    return wire::AcknowledgeResponse{};
}

}  // namespace firmware::command
