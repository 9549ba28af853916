#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/engine/digest.h"
#include "firmware/hardening/decision.h"

namespace firmware::command {
namespace {

Result<Digest> update_challenge(const Core& core, const boot::Updater::Candidate& candidate) {
    const wire::UpdateStatement statement{core.group.configuration().group_id,
                                          candidate.firmware_hash,
                                          candidate.header.version,
                                          candidate.header.security_version};
    std::array<Byte, wire::tagged_size_max<wire::UpdateStatement>()> buffer{};
    return wire::tagged_hash(statement, buffer, engine::sha256);
}

Result<UpdateApproval> check_approval(Core& core,
                                      const boot::Updater::Candidate& candidate,
                                      const wire::Assertions& assertions) {
    UpdateApproval approval;
    // Before it has a group, a module has nothing that the maker could not have put there.
    if (!core.group.is_provisioned()) {
        return assertions.empty() ? Result<UpdateApproval>(approval)
                                  : Status::assertion_key_unknown;
    }
    TRY_ASSIGN(approval.challenge, update_challenge(core, candidate));
    TRY_ASSIGN(approval.officers, check_officers(core, approval.challenge, assertions));
    return approval;
}

}  // namespace

Result<wire::UpdateBeginResponse> update_begin(Core& core,
                                               const wire::UpdateBeginRequest& request) {
    if (core.updater == nullptr) {
        return Status::not_supported;
    }
    boot::Updater::Candidate candidate;
    UpdateApproval approval;
    hardening::Decision approved;
    TRY(approved.make([&]() -> Result<void> {
        TRY_ASSIGN(candidate, core.updater->examine(request.head));
        TRY_ASSIGN(approval, check_approval(core, candidate, request.assertions));
        return {};
    }));
    approved.require();
    TRY(core.updater->begin(candidate));
    core.update_approval = approval;
    const auto& first = candidate.header.variants[0];
    wire::UpdateBeginResponse response;
    response.variant = first.load_address == candidate.variant.load_address ? 0 : 1;
    response.size = candidate.variant.size;
    return response;
}

}  // namespace firmware::command
