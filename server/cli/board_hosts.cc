#include "server/cli/board_hosts.h"

#include <algorithm>

#include "hsm/base/zeroize.h"

namespace server::cli {

namespace wire = hsm::protocol;
using hsm::client::Psk;

Psk bring_up_psk() {
    Psk psk;
    psk.identity = wire::bring_up_identity;
    psk.role = wire::Role::operating;
    CHECK(psk.secret.assign(hsm::view_of(wire::bring_up_secret)));
    return psk;
}

hsm::Result<void> install_hosts(hsm::client::Session& session,
                                std::span<const Psk* const> hosts,
                                hsm::client::Deadline deadline) {
    wire::InstallHostsRequest request;
    if (hosts.size() > wire::hosts_max) {
        return hsm::Status::malformed;
    }
    for (const auto* host : hosts) {
        wire::Nonce key{};
        std::ranges::copy(host->secret.reveal(), key.begin());
        CHECK(request.names.push_back(host->identity));
        CHECK(request.roles.push_back(static_cast<std::uint8_t>(host->role)));
        CHECK(request.keys.push_back(key));
        hsm::base::zeroize(key);
    }
    const auto installed = session.call(request, deadline);
    for (std::size_t i = 0; i < request.keys.size(); ++i) {
        hsm::base::zeroize(request.keys[i]);
    }
    return installed ? hsm::Result<void>() : hsm::Result<void>(installed.error());
}

}  // namespace server::cli
