#include "firmware/audit/device_signature.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/hardening/decision.h"

namespace firmware::command {

Result<wire::AttestKeyResponse> attest_key(Core& core, const wire::AttestKeyRequest& request) {
    keystore::VerifiedBlob blob;
    hardening::Decision allowed;
    TRY(allowed.make([&]() -> Result<void> {
        TRY_ASSIGN(blob, open_blob(core, request.blob));
        return blob.header.version != 0 ? Result<void>() : Status::blob_unbound;
    }));
    const auto& header = blob.header;
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
    allowed.require();
    TRY_ASSIGN(auto signed_statement,
               audit::sign_statement(
                   core.engine, statement, core.workspace.statement, core.workspace.receipt));
    return wire::AttestKeyResponse{signed_statement};
}

}  // namespace firmware::command
