#pragma once

#include <optional>

#include "tests/hostile/matrix/hostile_target.h"
#include "tests/support/module_process.h"

namespace tests::hostile {

// One kyso-module behind its link, as one role. The session is made again when the module has ended
// it.
class WireModule {
public:
    explicit WireModule(support::ModuleProcess& process,
                        hsm::protocol::Role role = hsm::protocol::Role::server)
        : process_(process), role_(role) {}

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

    support::ModuleProcess& process_;
    hsm::protocol::Role role_;
    std::optional<hsm::client::Session> session_;
};

}  // namespace tests::hostile
