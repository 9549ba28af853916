#pragma once

#include <optional>

#include "tests/hostile/matrix/hostile_target.h"
#include "tests/support/qemu_module.h"

namespace tests::hostile {

// One module behind its link, as one role. The session is made again when the module has ended it.
class WireModule {
public:
    using Role = hsm::protocol::Role;

    explicit WireModule(support::ModuleProcess& process, Role role = Role::server);
    // A board, which is stopped by cutting its power and unlocked after each start.
    explicit WireModule(support::QemuModule& board, Role role = Role::server);

    // Brings the module's answer; nothing when it hung up on a message that it should have
    // answered. What no frame may hold (no byte, or more than message_size_max) is sent in one all
    // the same: hanging up is then the right answer, and comes back as `malformed`, the core's own
    // word.
    support::Bytes send(hsm::ByteView request);

    // For the matrix; this object must outlive it.
    HostileModule as_hostile();
    support::Target as_target();

private:
    std::optional<support::Bytes> exchange(hsm::ByteView request);

    std::function<hsm::client::Session()> connect_;
    std::function<void()> stop_;
    std::function<void()> start_;
    std::filesystem::path store_;
    std::optional<hsm::client::Session> session_;
};

}  // namespace tests::hostile
