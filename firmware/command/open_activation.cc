#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::OpenActivationResponse> open_activation(Core& core,
                                                     const wire::OpenActivationRequest& request) {
    if (request.lifetime_ms > wire::lifetime_ms_max) {
        return Status::lifetime_too_long;
    }
    TRY_ASSIGN(auto blob, open_blob(core, request.blob));
    TRY(check_purpose(request.purpose, blob.header));
    TRY(check_algorithm(request.purpose, blob.header.key_type, request.algorithm));
    if (!signs(request.purpose) && request.leaf_count != 1) {
        return Status::leaf_count_wrong;
    }

    wire::ChallengePreimage preimage;
    TRY(core.engine.random(preimage.random));
    const auto now_ms = core.clock.tick_ms();
    preimage.purpose = request.purpose;
    preimage.module_id = core.identity.module_id;
    preimage.boot_counter = core.boot_counter;
    preimage.expiry_tick_ms = now_ms + request.lifetime_ms;
    preimage.key_id = blob.header.key_id;
    preimage.blob_version = blob.header.version;
    preimage.policy_hash = blob.policy_hash;
    preimage.algorithm = request.algorithm;
    preimage.leaf_count = request.leaf_count;
    preimage.root = request.root;
    preimage.context_hash = request.context_hash;
    TRY_ASSIGN(preimage.sequence, core.ledger.open(now_ms, preimage.expiry_tick_ms));

    TRY_ASSIGN(auto opened, core.boot_key.seal(preimage, core.workspace.statement));
    return wire::OpenActivationResponse{opened.preimage, opened.mac, opened.challenge};
}

}  // namespace firmware::command
