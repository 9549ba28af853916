#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::ListWriteResponse> list_write(Core& core, const wire::ListWriteRequest& request) {
    auto& list = core.list;
    if (!list.begun) {
        return Status::list_not_begun;
    }
    if (request.offset != list.written) {
        return Status::list_offset_wrong;
    }
    if (auto taken = list.shape.take(request.piece); !taken) {
        list.begun = false;
        return taken.error();
    }
    list.hash.update(request.piece);
    list.written += static_cast<std::uint32_t>(request.piece.size());
    return wire::ListWriteResponse{};
}

}  // namespace firmware::command
