#include "firmware/command/commands.h"

namespace firmware::command {

Result<wire::ListBeginResponse> list_begin(Core& core, const wire::ListBeginRequest& request) {
    auto& list = core.list;
    list.begun = true;
    list.size = request.size;
    list.written = 0;
    list.hash.begin();
    list.shape.begin(request.size);
    return wire::ListBeginResponse{};
}

}  // namespace firmware::command
