#include "firmware/command/commands.h"
#include "firmware/command/self_test.h"

namespace firmware::command {

Result<wire::GetInfoResponse> get_info(Core& core, const wire::GetInfoRequest&) {
    wire::GetInfoResponse info;
    info.state = core.state;
    info.assurance_class = core.settings.assurance_class;
    info.firmware_hash = core.settings.firmware_hash;
    info.boot_counter = core.boot_counter;
    info.tick_ms = core.clock.tick_ms();
    info.epoch = core.group.epoch();
    info.device_certificate = core.group.device_certificate();
    info.configuration = core.group.encoded_configuration();
    info.provisioning_nonce = core.provisioning_nonce;
    info.engine = core.engine.name();
    info.separated = static_cast<std::uint8_t>(core.settings.separation);
    if (core.identity.known) {
        info.module_id = core.identity.module_id;
        info.identity_spki = core.identity.spki;
    }
    info.self_tests = self_test_times(core);
    info.failed_self_test = core.self_tests.failure();
    info.self_test_failed_at = core.self_tests.failed_at();
    if (core.state != State::failed) {
        info.first_log_index = core.store.first_log_index();
        info.next_log_index = core.store.next_log_index();
        info.log_fill_percent = core.log.fill_percent();
    }
    return info;
}

}  // namespace firmware::command
