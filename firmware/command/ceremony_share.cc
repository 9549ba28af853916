#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::CeremonyShareResponse> ceremony_share(Core& core,
                                                   const wire::CeremonyShareRequest& request) {
    TRY(core.ceremony.add_share(core.engine, core.group.configuration(), request.share));
    return wire::CeremonyShareResponse{core.ceremony.shares_taken(), core.ceremony.set().threshold};
}

}  // namespace firmware::command
