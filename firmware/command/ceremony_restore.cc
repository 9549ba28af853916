#include "firmware/command/commands.h"
#include "firmware/command/open_ceremony.h"

namespace firmware::command {

Result<wire::CeremonyRestoreResponse> ceremony_restore(
    Core& core, const wire::CeremonyRestoreRequest& request) {
    const auto set = wire::decode_share_set(request.share_set);
    if (!set) {
        return set.error();
    }
    TRY(check_next_epoch(core, set->epoch));
    TRY(core.ceremony.restore(core.engine, core.group.configuration(), request.share_set));
    TRY_ASSIGN(auto statement, open_ceremony(core));
    return wire::CeremonyRestoreResponse{statement};
}

}  // namespace firmware::command
