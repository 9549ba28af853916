#include "firmware/audit/device_signature.h"
#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::AuditHeadResponse> audit_head(Core& core, const wire::AuditHeadRequest& request) {
    if (!core.identity.known) {
        return Status::key_locked;
    }
    const wire::HeadStatement statement{core.identity.module_id,
                                        request.challenge,
                                        core.log.last_index(),
                                        core.log.chain_hash(),
                                        core.boot_counter,
                                        core.settings.firmware_hash,
                                        request.host_time};
    TRY_ASSIGN(auto signed_statement,
               audit::sign_statement(
                   core.engine, statement, core.workspace.statement, core.workspace.receipt));
    return wire::AuditHeadResponse{signed_statement};
}

}  // namespace firmware::command
