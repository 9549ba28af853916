#include "firmware/command/commands.h"
#include "firmware/command/service_content.h"
#include "firmware/command/service_key.h"
#include "firmware/hardening/decision.h"

namespace firmware::command {
namespace {

struct Permission {
    keystore::VerifiedBlob key;
    std::uint64_t tick_ms = 0;
    std::uint64_t stamped_ms = 0;
};

Result<void> permit(Core& core, const wire::SignServiceRequest& request, Permission& permission) {
    TRY_ASSIGN(permission.key, open_service_key(core, request.blob, request.algorithm));
    const auto& header = permission.key.header;
    if (header.kind == wire::KeyKind::ocsp) {
        TRY(check_response_data(request.content));
        return request.attributes.empty() ? Result<void>() : Status::content_wrong;
    }
    if (header.kind != wire::KeyKind::tsa) {
        return Status::blob_kind_wrong;
    }
    TRY_ASSIGN(permission.stamped_ms, check_time_stamp(request.content, request.attributes));
    return core.service_clock.check(
        core.store, header.key_id, permission.tick_ms, permission.stamped_ms);
}

}  // namespace

Result<wire::SignServiceResponse> sign_service(Core& core,
                                               const wire::SignServiceRequest& request) {
    Permission permission;
    permission.tick_ms = core.clock.tick_ms();
    hardening::Decision permitted;
    TRY(permitted.make([&] { return permit(core, request, permission); }));
    const auto& key = permission.key;
    const bool stamp = key.header.kind == wire::KeyKind::tsa;
    const ByteView content[] = {request.content};
    const ByteView signed_part[] = {stamp ? request.attributes : request.content};
    wire::ServiceSignedDetails details;
    details.content_hash = engine::sha256(content);
    details.stamped_ms = permission.stamped_ms;
    const auto hash = engine::sha256(signed_part);
    // Before the key is touched: a time that may have been signed is never passed again.
    if (stamp) {
        core.unsynced = true;
        TRY(core.service_clock.note(
            core.store, key.header.key_id, permission.tick_ms, permission.stamped_ms));
    }
    permitted.require();
    TRY_ASSIGN(auto signature,
               sign_for_service(core, key, request.algorithm, hash, request.host_time, details));
    return wire::SignServiceResponse{signature};
}

}  // namespace firmware::command
