#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::UpdateWriteResponse> update_write(Core& core,
                                               const wire::UpdateWriteRequest& request) {
    if (core.updater == nullptr) {
        return Status::not_supported;
    }
    TRY_ASSIGN(const auto written, core.updater->write(request.offset, request.chunk));
    return wire::UpdateWriteResponse{written};
}

}  // namespace firmware::command
