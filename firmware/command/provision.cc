#include "firmware/activation/approvals.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/engine/digest.h"

namespace firmware::command {
namespace {

constexpr std::uint32_t first_epoch = 1;

Result<Digest> provision_challenge(const Core& core, ByteView configuration) {
    const ByteView parts[] = {configuration};
    const wire::ProvisionStatement statement{
        core.identity.module_id, core.provisioning_nonce, engine::sha256(parts)};
    std::array<Byte, 160> buffer{};
    return wire::tagged_hash(statement, buffer, engine::sha256);
}

// The custodian's key signs the statement itself; it is no passkey.
Result<void> check_custodian(Core& core,
                             const wire::GroupConfiguration& group,
                             const Digest& statement_hash,
                             ByteView signature) {
    auto verified = core.engine.verify_p256(group.custodian, statement_hash, signature);
    if (!verified) {
        return verified.error() == Status::signature_wrong ? Status::custodian_wrong
                                                           : verified.error();
    }
    return {};
}

// Every officer agrees to the configuration, not k of them: none is enrolled without knowing.
Result<void> check_officers(Core& core,
                            const wire::GroupConfiguration& group,
                            const Digest& challenge,
                            const wire::Assertions& assertions) {
    activation::Approvers officers;
    TRY(add_officers(group, officers));
    TRY_ASSIGN(auto accepted,
               activation::verify_assertions(
                   core.engine, {group.rp_id, group.origin, challenge}, officers, assertions));
    return accepted.size() == group.officers.size() ? Result<void>() : Status::assertion_missing;
}

}  // namespace

Result<wire::ProvisionResponse> provision(Core& core, const wire::ProvisionRequest& request) {
    TRY_ASSIGN(auto group,
               keystore::check_configuration(
                   request.configuration, core.identity.module_id, core.settings.assurance_class));
    if (request.device_certificate.empty()) {
        return Status::certificate_wrong;
    }
    TRY_ASSIGN(auto challenge, provision_challenge(core, request.configuration));
    TRY(check_custodian(core, group, challenge, request.custodian_signature));
    TRY(check_officers(core, group, challenge, request.assertions));

    // A cut after this leaves an epoch and a blank module; the ceremony is then repeated with
    // `join`.
    TRY(request.mode == wire::EpochMode::make ? core.engine.make_epoch(first_epoch)
                                              : core.engine.join_epoch(first_epoch));
    TRY(append_record(
        core,
        wire::RecordType::provisioned,
        request.host_time,
        wire::ProvisionedDetails{request.configuration, request.device_certificate, first_epoch}));
    const auto established = core.group.establish(
        core.store, request.configuration, request.device_certificate, first_epoch);
    if (!established) {
        core.state = State::failed;
        return established.error();
    }
    core.state = State::operational;
    return wire::ProvisionResponse{};
}

}  // namespace firmware::command
