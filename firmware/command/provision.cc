#include "firmware/activation/approvals.h"
#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/command/custodian_signatures.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"

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

Result<void> check_request(Core& core, const wire::ProvisionRequest& request) {
    TRY_ASSIGN(auto group,
               keystore::check_configuration(
                   request.configuration, core.identity.module_id, core.settings.assurance_class));
    if (request.device_certificate.empty()) {
        return Status::certificate_wrong;
    }
    TRY_ASSIGN(auto challenge, provision_challenge(core, request.configuration));
    TRY(check_custodians(core, group, challenge, request.custodian_signatures));
    return check_officers(core, group, challenge, request.assertions);
}

// The epoch that the module is in afterwards. A cut after making one leaves an epoch and a blank
// module; the ceremony is then repeated with `join`.
Result<std::uint32_t> bring_epoch(Core& core, wire::EpochMode mode) {
    if (mode == wire::EpochMode::ceremony) {
        return core.engine.takes_epoch_secrets() ? Result<std::uint32_t>(0) : Status::not_supported;
    }
    // A board that dies takes with it what no custodian holds a share of.
    if (core.settings.assurance_class == wire::AssuranceClass::hardware) {
        return Status::not_supported;
    }
    TRY(mode == wire::EpochMode::make ? core.engine.make_epoch(first_epoch)
                                      : core.engine.join_epoch(first_epoch));
    return first_epoch;
}

}  // namespace

Result<wire::ProvisionResponse> provision(Core& core, const wire::ProvisionRequest& request) {
    hardening::Decision agreed;
    TRY(agreed.make([&] { return check_request(core, request); }));
    TRY_ASSIGN(const auto epoch, bring_epoch(core, request.mode));
    TRY(append_record(
        core,
        wire::RecordType::provisioned,
        request.host_time,
        wire::ProvisionedDetails{request.configuration, request.device_certificate, epoch}));
    agreed.require();
    const auto established =
        core.group.establish(core.store, request.configuration, request.device_certificate, epoch);
    if (!established) {
        core.state = State::failed;
        return established.error();
    }
    core.state = epoch != 0 ? State::operational : State::provisioned;
    return wire::ProvisionResponse{};
}

}  // namespace firmware::command
