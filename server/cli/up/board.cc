#include "server/cli/up/board.h"

#include <array>

#include "server/cli/board_hosts.h"
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
    const auto psk = bring_up_psk();
    auto session = Session::connect(
        hsm::client::UnixPath{folder.module_socket(number).string()}, psk, after(module_patience));
    if (!session && session.error() == hsm::Status::handshake_failed) {
        return Failure{
            "the board has hosts already, and this folder is not one of them, or was interrupted "
            "while it was set up: erase the board's flash (an emulated one's is nvm.img in its "
            "folder)"};
    }
    if (!session) {
        return Failure{module_failure("the board does not answer", session.error()).text +
                       "; kyso module bringup --port with the line's path finds out why"};
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
    const std::array<const hsm::client::Psk*, 2> hosts = {&server, &operating};
    const auto installed = install_hosts(session, hosts, after(module_patience));
    if (!installed) {
        return module_failure("the board takes no hosts", installed.error());
    }
    session.close();
    return {};
}

Outcome<void> unlock_board(const DataFolder& folder) {
    auto connected = connect_operator(folder, number);
    if (!connected) {
        return Failure{connected.error().text +
                       ": the board is silent, was erased, or is another one; kyso module bringup "
                       "--port with the line's path finds out"};
    }
    auto session = *std::move(connected);
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
