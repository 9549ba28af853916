#include "firmware/command/commands.h"

namespace firmware::command {
namespace {

void describe_next(const boot::Updater& updater,
                   const boot::BootRecord& record,
                   wire::UpdateStateResponse& response) {
    if (boot::slot_in(record, boot::SlotState::trial)) {
        response.stage = wire::UpdateStage::on_trial;
        return;
    }
    if (const auto pending = boot::slot_in(record, boot::SlotState::pending)) {
        response.stage = wire::UpdateStage::pending;
        response.next_hash = record.slots[*pending].firmware_hash;
        return;
    }
    if (updater.is_under_way()) {
        response.stage = wire::UpdateStage::written;
        response.next_hash = updater.candidate().firmware_hash;
        response.written = updater.written();
    }
}

}  // namespace

Result<wire::UpdateStateResponse> update_state(Core& core, const wire::UpdateStateRequest&) {
    if (core.updater == nullptr) {
        return Status::not_supported;
    }
    TRY_ASSIGN(const auto record, core.updater->record());
    TRY_ASSIGN(const auto running, core.updater->running());
    wire::UpdateStateResponse response;
    response.board = core.updater->board();
    response.firmware_hash = running.firmware_hash;
    response.version = running.header.version;
    response.security_version = running.header.security_version;
    response.security_floor = record.security_floor;
    describe_next(*core.updater, record, response);
    return response;
}

}  // namespace firmware::command
