#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::CloseEpochResponse> close_epoch(Core& core, const wire::CloseEpochRequest& request) {
    const auto epoch = core.group.epoch();
    if (core.group.previous_epoch() != 0) {
        TRY(core.log.check_room());
        TRY(append_record(core,
                          wire::RecordType::epoch_closed,
                          request.host_time,
                          wire::EpochClosedDetails{core.group.previous_epoch()}));
        // No blob of before is sealed anew from here on; only then may it be forgotten which of
        // them were revoked.
        TRY(core.group.enter_epoch(core.store, epoch, keystore::Group::Table::complete));
        TRY(core.store.sync());
    }
    core.unsynced = true;
    TRY(core.revocations.forget_before(epoch));
    // An engine whose KEKs stay in a token has never had another epoch.
    if (epoch > 1 && core.engine.takes_epoch_secrets()) {
        TRY(core.engine.drop_epoch(epoch - 1));
    }
    return wire::CloseEpochResponse{};
}

}  // namespace firmware::command
