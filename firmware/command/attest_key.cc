#include "firmware/audit/device_signature.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::AttestKeyResponse> attest_key(Core& core, const wire::AttestKeyRequest& request) {
    TRY_ASSIGN(auto blob, open_blob(core, request.blob));
    const auto& header = blob.header;
    if (header.version == 0) {
        return Status::blob_unbound;
    }
    const wire::AttestationStatement statement{core.identity.module_id,
                                               core.settings.assurance_class,
                                               core.settings.firmware_hash,
                                               request.nonce,
                                               header.kind,
                                               header.key_type,
                                               header.key_id,
                                               header.version,
                                               header.policy,
                                               header.officer};
    TRY_ASSIGN(auto signed_statement,
               audit::sign_statement(
                   core.engine, statement, core.workspace.statement, core.workspace.receipt));
    return wire::AttestKeyResponse{signed_statement};
}

}  // namespace firmware::command
