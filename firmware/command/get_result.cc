#include "firmware/audit/device_signature.h"
#include "firmware/command/commands.h"

namespace firmware::command {

// The signature is read back, never made again; the receipt around it is signed anew.
Result<wire::GetResultResponse> get_result(Core& core, const wire::GetResultRequest& request) {
    const wire::Occurrence occurrence{request.challenge, request.leaf_index};
    TRY_ASSIGN(auto index, core.results.find(occurrence));
    TRY_ASSIGN(auto record_bytes, core.store.read_log(index, core.workspace.records));
    const auto record = wire::decode<wire::AuditRecord>(record_bytes);
    if (!record || record->type != wire::RecordType::signed_leaf) {
        return Status::storage_corrupt;
    }
    const auto details = wire::decode<wire::SignedDetails>(record->details);
    if (!details || details->challenge != request.challenge ||
        details->leaf_index != request.leaf_index) {
        return Status::storage_corrupt;
    }
    TRY_ASSIGN(auto receipt,
               audit::sign_receipt(core.engine,
                                   core.identity.module_id,
                                   record_bytes,
                                   core.workspace.statement,
                                   core.workspace.receipt));
    return wire::GetResultResponse{details->signature, receipt};
}

}  // namespace firmware::command
