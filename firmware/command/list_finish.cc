#include "firmware/command/commands.h"
#include "firmware/command/service_key.h"
#include "firmware/hardening/decision.h"

namespace firmware::command {
namespace {

Result<void> permit(Core& core,
                    const wire::ListFinishRequest& request,
                    keystore::VerifiedBlob& key) {
    TRY_ASSIGN(key, open_service_key(core, request.blob, request.algorithm));
    if (key.header.kind != wire::KeyKind::issuer) {
        return Status::blob_kind_wrong;
    }
    if (!core.list.begun) {
        return Status::list_not_begun;
    }
    if (core.list.written != core.list.size) {
        return Status::list_offset_wrong;
    }
    return core.list.shape.is_whole() ? Result<void>() : Status::content_wrong;
}

}  // namespace

Result<wire::ListFinishResponse> list_finish(Core& core, const wire::ListFinishRequest& request) {
    keystore::VerifiedBlob key;
    hardening::Decision permitted;
    TRY(permitted.make([&] { return permit(core, request, key); }));
    wire::ServiceSignedDetails details;
    details.content_hash = core.list.hash.digest();
    core.list.begun = false;
    permitted.require();
    TRY_ASSIGN(auto signature,
               sign_for_service(
                   core, key, request.algorithm, details.content_hash, request.host_time, details));
    return wire::ListFinishResponse{signature};
}

}  // namespace firmware::command
