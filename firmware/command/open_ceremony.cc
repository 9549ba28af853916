#include "firmware/command/open_ceremony.h"

#include "firmware/audit/device_signature.h"
#include "firmware/command/commands.h"

namespace firmware::command {

Result<void> check_next_epoch(const Core& core, std::uint32_t epoch) {
    if (core.group.epoch() == 0) {
        return {};
    }
    // What is still sealed under the one before has to be sealed anew first; and a member that
    // awaits a table has its KEK.
    const bool may_change = core.state == State::operational && core.group.previous_epoch() == 0;
    return may_change && epoch == std::uint64_t{core.group.epoch()} + 1 ? Result<void>()
                                                                        : Status::wrong_state;
}

Result<ByteView> open_ceremony(Core& core) {
    wire::CeremonyStatement statement;
    statement.module_id = core.identity.module_id;
    statement.assurance_class = core.settings.assurance_class;
    statement.firmware_hash = core.settings.firmware_hash;
    statement.configuration_hash = core.group.configuration_hash();
    TRY(core.ceremony.open(core.engine, statement));
    TRY_ASSIGN(auto signed_statement,
               audit::sign_statement(
                   core.engine, statement, core.workspace.statement, core.workspace.receipt));
    TRY_ASSIGN(auto transcript,
               wire::tagged_hash(statement, core.workspace.statement, engine::sha256));
    core.ceremony.begin(transcript);
    return signed_statement;
}

}  // namespace firmware::command
