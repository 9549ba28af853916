#include "firmware/command/open_ceremony.h"

#include "firmware/audit/device_signature.h"
#include "firmware/command/commands.h"

namespace firmware::command {

Result<ByteView> open_ceremony(Core& core) {
    const ByteView configuration[] = {core.group.encoded_configuration()};
    wire::CeremonyStatement statement;
    statement.module_id = core.identity.module_id;
    statement.assurance_class = core.settings.assurance_class;
    statement.firmware_hash = core.settings.firmware_hash;
    statement.configuration_hash = engine::sha256(configuration);
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
