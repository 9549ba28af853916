#include "server/cli/up/board.h"

#include "server/cli/files.h"
#include "server/cli/up/module_session.h"

namespace server::cli::up {
namespace {

namespace wire = hsm::protocol;
using hsm::client::after;
using hsm::client::Session;

// The only board of a folder.
constexpr unsigned number = 1;

Outcome<Session> connect_for_bring_up(const DataFolder& folder) {
    hsm::client::Psk psk;
    psk.identity = wire::bring_up_identity;
    psk.role = wire::Role::operating;
    CHECK(psk.secret.assign(hsm::view_of(wire::bring_up_secret)));
    auto session = Session::connect(
        hsm::client::UnixPath{folder.module_socket(number).string()}, psk, after(module_patience));
    if (!session && session.error() == hsm::Status::handshake_failed) {
        return Failure{
            "the board has hosts already, and this folder is not one of them, or was interrupted "
            "while it was set up: erase the board's flash (an emulated one's is nvm.img in its "
            "folder)"};
    }
    if (!session) {
        return module_failure("the board does not answer", session.error());
    }
    return *std::move(session);
}

Outcome<hsm::client::Psk> read_psk(const std::filesystem::path& file) {
    auto psk = hsm::client::load_psk(file);
    if (!psk) {
        return module_failure(file.string(), psk.error());
    }
    return *std::move(psk);
}

// The request looks at the names of `host`, which outlives it.
void add_host(wire::InstallHostsRequest& hosts, const hsm::client::Psk& host) {
    wire::Nonce key{};
    std::ranges::copy(host.secret.reveal(), key.begin());
    CHECK(hosts.names.push_back(host.identity));
    CHECK(hosts.roles.push_back(static_cast<std::uint8_t>(host.role)));
    CHECK(hosts.keys.push_back(key));
    hsm::base::zeroize(key);
}

}  // namespace

Outcome<void> introduce_board(const DataFolder& folder) {
    TRY_ASSIGN(const auto server, read_psk(folder.psk_folder(number) / "server.psk"));
    TRY_ASSIGN(const auto operating, read_psk(folder.operator_psk(number)));
    TRY_ASSIGN(auto session, connect_for_bring_up(folder));
    const auto info = session.call(wire::GetInfoRequest{}, after(module_patience));
    if (!info) {
        return module_failure("the board does not say what it is", info.error());
    }
    if ((*info)->assurance_class == wire::AssuranceClass::hardware) {
        return Failure{
            "the board is of class \"hardware\": its group is made by a ceremony with "
            "real custodians and officers, not by kyso up"};
    }
    wire::InstallHostsRequest hosts;
    add_host(hosts, server);
    add_host(hosts, operating);
    const auto installed = session.call(hosts, after(module_patience));
    for (std::size_t i = 0; i < hosts.keys.size(); ++i) {
        hsm::base::zeroize(hosts.keys[i]);
    }
    if (!installed) {
        return module_failure("the board takes no hosts", installed.error());
    }
    session.close();
    return {};
}

Outcome<void> unlock_board(const DataFolder& folder) {
    TRY_ASSIGN(auto session, connect_operator(folder, number));
    const auto info = session.call(wire::GetInfoRequest{}, after(module_patience));
    if (!info) {
        return module_failure("the board does not say what it is", info.error());
    }
    if ((*info)->state != wire::State::locked) {
        return {};
    }
    constexpr std::size_t secret_size_max = 1024;
    TRY_ASSIGN(auto secret, read_file(folder.engine_pin(), secret_size_max));
    while (!secret.empty() && secret.back() == '\n') {
        secret.pop_back();
    }
    const auto unlocked =
        session.call(wire::UnlockRequest{hsm::view_of(secret)}, after(module_patience));
    hsm::base::zeroize({reinterpret_cast<hsm::Byte*>(secret.data()), secret.size()});
    if (!unlocked) {
        return module_failure("the board is not unlocked", unlocked.error());
    }
    session.close();
    return {};
}

}  // namespace server::cli::up
