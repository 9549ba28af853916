#include "firmware/command/commands.h"
#include "firmware/keystore/key_blob.h"

namespace firmware::command {

// Nothing about the key changes but under what it is sealed. What is revoked stays behind.
Result<wire::ResealResponse> reseal(Core& core, const wire::ResealRequest& request) {
    const auto previous = core.group.previous_epoch();
    if (previous == 0) {
        return Status::blob_epoch_unknown;
    }
    TRY_ASSIGN(const auto old, keystore::verify_blob(core.engine, previous, request.blob));
    TRY(core.revocations.check(old.header.key_id, old.header.version));
    auto& sealed = core.workspace.sealed;
    TRY(core.engine.reseal(previous, core.group.epoch(), old.wrapped, sealed));
    auto header = old.header;
    header.epoch = core.group.epoch();
    TRY_ASSIGN(auto blob,
               keystore::seal_blob(core.engine, header, sealed.wrapped, core.workspace.blob));
    return wire::ResealResponse{blob};
}

}  // namespace firmware::command
