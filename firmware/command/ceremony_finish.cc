#include "firmware/command/commands.h"
#include "firmware/command/open_ceremony.h"
#include "firmware/engine/digest.h"

namespace firmware::command {
namespace {

using keystore::Group;

wire::CeremonyFinishedDetails finished(const ceremony::Ceremony& ceremony) {
    const ByteView set[] = {ceremony.encoded_set()};
    wire::CeremonyFinishedDetails details;
    details.kind = ceremony.kind();
    details.epoch = ceremony.set().epoch;
    details.share_set = engine::sha256(set);
    details.transcript = ceremony.transcript();
    details.custodians = ceremony.givers();
    details.live_member = ceremony.live_member();
    return details;
}

// Who makes the first KEK has no past, and who changes the epoch knows it. Who restores one has to
// learn from a live member what was revoked, or m custodians say that none lives.
Group::Table table_after(const Core& core) {
    return core.group.epoch() != 0 || core.ceremony.kind() == wire::CeremonyKind::make ||
                   core.ceremony.live_member() == wire::LiveMember::none
               ? Group::Table::complete
               : Group::Table::awaited;
}

}  // namespace

Result<wire::CeremonyFinishResponse> ceremony_finish(Core& core,
                                                     const wire::CeremonyFinishRequest& request) {
    if (!core.ceremony.is_open()) {
        return Status::ceremony_not_open;
    }
    TRY(check_next_epoch(core, core.ceremony.set().epoch));
    TRY(core.log.check_room());
    TRY(core.ceremony.finish(core.engine));
    TRY(append_record(
        core, wire::RecordType::ceremony_finished, request.host_time, finished(core.ceremony)));
    const auto entered = core.group.enter_epoch(
        core.store, core.ceremony.set().epoch, table_after(core), core.group.epoch());
    core.ceremony.close();
    if (!entered) {
        core.state = State::failed;
        return entered.error();
    }
    core.state = core.group.is_complete() ? State::operational : State::provisioned;
    return wire::CeremonyFinishResponse{core.state};
}

}  // namespace firmware::command
