#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::InstallHostsResponse> install_hosts(Core& core,
                                                 const wire::InstallHostsRequest& request) {
    if (core.host_keys == nullptr) {
        return Status::not_supported;
    }
    if (core.host_keys->installed()) {
        return Status::wrong_state;
    }
    TRY(core.host_keys->install(request));
    return wire::InstallHostsResponse{};
}

}  // namespace firmware::command
