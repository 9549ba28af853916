#include "firmware/command/approved_key.h"
#include "firmware/command/commands.h"
#include "firmware/hardening/twice.h"

namespace firmware::command {
namespace {

Result<void> check_still_approved(const Core& core) {
    if (!core.group.is_provisioned()) {
        return {};
    }
    const auto& group = core.group.configuration();
    return count_officers(group, core.update_approval.officers) >= group.officers_needed
               ? Result<void>()
               : Status::assertion_missing;
}

wire::UpdateApprovedDetails details_of(const Core& core) {
    const auto& candidate = core.updater->candidate();
    wire::UpdateApprovedDetails details;
    details.firmware_hash = candidate.firmware_hash;
    details.version = candidate.header.version;
    details.security_version = candidate.header.security_version;
    details.challenge = core.update_approval.challenge;
    for (const auto& officer : core.update_approval.officers) {
        CHECK(details.thumbprints.push_back(officer.thumbprint));
        CHECK(details.assertion_hashes.push_back(officer.hash));
    }
    return details;
}

}  // namespace

Result<wire::UpdateFinishResponse> update_finish(Core& core,
                                                 const wire::UpdateFinishRequest& request) {
    if (core.updater == nullptr) {
        return Status::not_supported;
    }
    if (!core.updater->is_under_way()) {
        return Status::update_not_begun;
    }
    TRY(hardening::twice([&] { return check_still_approved(core); }));
    TRY(core.log.check_room());
    TRY(core.updater->seal());
    // In the log before it can start: no image runs whose approval an auditor does not find.
    TRY(append_record(
        core, wire::RecordType::update_approved, request.host_time, details_of(core)));
    TRY(core.store.sync());
    TRY(core.updater->activate());
    return wire::UpdateFinishResponse{};
}

}  // namespace firmware::command
