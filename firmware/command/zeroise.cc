#include "firmware/audit/device_signature.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"

namespace firmware::command {
namespace {

Result<ByteView> sign_receipt(Core& core) {
    TRY_ASSIGN(const auto identity, core.engine.identity_point());
    const wire::ZeroisedStatement statement{
        core.group.configuration().group_id, identity, core.group.epoch(), core.log.last_index()};
    return audit::sign_statement(
        core.engine, statement, core.workspace.statement, core.workspace.receipt);
}

}  // namespace

Result<wire::ZeroiseResponse> zeroise(Core& core, const wire::ZeroiseRequest& request) {
    if (!core.engine.takes_epoch_secrets()) {
        return Status::not_supported;
    }
    const wire::ZeroiseStatement statement{core.identity.module_id, core.provisioning_nonce};
    std::array<Byte, wire::tagged_size_max<wire::ZeroiseStatement>()> buffer{};
    TRY_ASSIGN(const auto challenge, wire::tagged_hash(statement, buffer, engine::sha256));
    TRY_ASSIGN(const auto accepted, check_officers(core, challenge, request.assertions));
    wire::ZeroiseApprovedDetails details;
    details.challenge = challenge;
    for (const auto& assertion : accepted) {
        CHECK(details.thumbprints.push_back(assertion.thumbprint) &&
              details.assertion_hashes.push_back(assertion.hash));
    }
    TRY(core.log.check_room());
    TRY(append_record(core, wire::RecordType::zeroise_approved, request.host_time, details));
    TRY(core.store.sync());
    // Signed while there is a key to sign with; it leaves only once there is none.
    TRY_ASSIGN(const auto receipt, sign_receipt(core));
    const auto wiped = core.engine.wipe();
    core.state = State::tampered;
    core.ceremony.close();
    core.boot_key.forget();
    if (!wiped) {
        core.state = State::failed;
        return wiped.error();
    }
    return wire::ZeroiseResponse{receipt};
}

}  // namespace firmware::command
