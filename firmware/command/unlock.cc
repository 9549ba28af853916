#include "firmware/command/commands.h"
#include "firmware/command/self_test.h"
#include "firmware/engine/digest.h"

namespace firmware::command {
namespace {

Result<void> learn_identity(Core& core) {
    TRY_ASSIGN(auto point, core.engine.identity_point());
    core.identity.spki = wire::p256_spki(point);
    const ByteView parts[] = {core.identity.spki};
    core.identity.module_id = engine::sha256(parts);
    core.identity.known = true;
    return {};
}

// A store that was provisioned for another identity, or whose epoch this engine does not hold,
// was put here by somebody: nothing good can come of it.
Result<void> check_belongs_here(Core& core) {
    if (!core.group.is_provisioned()) {
        return {};
    }
    TRY(keystore::check_configuration(core.group.encoded_configuration(),
                                      core.identity.module_id,
                                      core.settings.assurance_class));
    if (core.group.epoch() != 0) {
        const ByteView parts[] = {core.identity.module_id};
        TRY(core.engine.epoch_mac(core.group.epoch(), parts));
    }
    return {};
}

Result<void> record_start(Core& core) {
    // A log so full that it has no room for this start signs nothing, and has to start to be
    // exported and released. The next record's boot counter shows the starts in between.
    if (!core.log.check_room_for_start()) {
        return {};
    }
    const wire::StartedDetails details{core.settings.firmware_hash, core.settings.assurance_class};
    TRY(append_record(core, wire::RecordType::started, 0, details));
    return {};
}

Result<void> open_module(Core& core) {
    TRY(learn_identity(core));
    TRY(test_identity(core));
    TRY(check_belongs_here(core));
    TRY(core.log.resume(core.identity.module_id));
    TRY(record_start(core));
    // An image on trial has now done all that an image has to do before it is of use, and nothing
    // that the one before would not take back.
    if (core.updater != nullptr) {
        TRY(core.updater->confirm());
    }
    core.state = core.group.is_complete()      ? State::operational
                 : core.group.is_provisioned() ? State::provisioned
                                               : State::blank;
    return {};
}

}  // namespace

Result<wire::UnlockResponse> unlock(Core& core, const wire::UnlockRequest& request) {
    TRY(core.engine.unlock(request.secret));
    const auto opened = open_module(core);
    if (!opened) {
        core.state = State::failed;
        return opened.error();
    }
    return wire::UnlockResponse{};
}

}  // namespace firmware::command
