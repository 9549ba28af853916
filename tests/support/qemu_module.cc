#include "tests/support/qemu_module.h"

#include <cstdlib>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>

namespace tests::support {
namespace {

namespace fs = std::filesystem;
namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::client::after;
using hsm::client::Session;
using wire::Role;

// Emulated handshakes and self-tests on a machine that is busy with other tests.
constexpr auto patience = 20s;

std::string environment_of(const char* name) {
    const auto* value = std::getenv(name);
    if (value == nullptr) {
        throw std::runtime_error(std::string(name) + " is not set");
    }
    return value;
}

void end(pid_t& pid) {
    if (pid > 0) {
        ::kill(pid, SIGKILL);
        ::waitpid(pid, nullptr, 0);
        pid = -1;
    }
}

bool has_ended(pid_t pid) {
    siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid != 0;
}

template <class Request>
void require(Session& session, const Request& request, const QemuModule& module) {
    const auto answer = session.call(request, after(patience));
    if (!answer) {
        throw std::runtime_error(
            "the board refuses: " + std::string(hsm::base::status_name(answer.error())) + "\n" +
            module.log());
    }
}

}  // namespace

QemuModule::QemuModule(const fs::path& folder, std::string board, std::vector<std::string> options)
    : folder_(folder), board_(std::move(board)), options_(std::move(options)) {
    fs::create_directories(folder_ / "psk");
    for (const auto role : {Role::server, Role::operating, Role::auditor}) {
        hsm::Secret<wire::psk_size> secret;
        CHECK(secret.assign(random_digest()));
        const auto text = wire::format_psk_file(role, secret);
        write_private(psk_file(role), hsm::text_of(text.reveal()));
    }
    const auto secret = random_digest();
    unlock_secret_.assign(secret.begin(), secret.end());
}

QemuModule::~QemuModule() {
    kill_host();
    kill();
}

void QemuModule::start(const std::vector<std::string>& more) {
    std::vector<std::string> command{environment_of("KYSO_SOURCE") + "/board/run-qemu",
                                     "--board",
                                     board_,
                                     "--folder",
                                     folder_.string()};
    command.insert(command.end(), options_.begin(), options_.end());
    command.emplace_back("--");
    command.insert(command.end(), more.begin(), more.end());
    board_pid_ = spawn(command, {}, folder_ / "qemu.log");
    start_host();
}

void QemuModule::start_host() {
    fs::remove(socket());
    host_pid_ = spawn({environment_of("KYSO_BIN") + "/kyso-uart",
                       "--line",
                       "uart+unix:" + (folder_ / "line.sock").string(),
                       "--socket",
                       socket().string()},
                      {},
                      folder_ / "uart.log");
    const auto deadline = after(patience);
    while (!fs::exists(socket())) {
        if (has_ended(board_pid_) || has_ended(host_pid_) ||
            std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("the board's line is not served: " + log());
        }
        std::this_thread::sleep_for(2ms);
    }
}

void QemuModule::kill() {
    kill_host();
    end(board_pid_);
}

void QemuModule::kill_host() {
    end(host_pid_);
}

bool QemuModule::running() {
    return board_pid_ > 0 && !has_ended(board_pid_);
}

fs::path QemuModule::psk_file(Role role) const {
    return folder_ / "psk" / ("kyso-" + std::string(wire::role_name(role)) + ".psk");
}

hsm::client::Psk QemuModule::psk(Role role) const {
    auto psk = hsm::client::load_psk(psk_file(role));
    CHECK(psk.has_value());
    return *std::move(psk);
}

hsm::client::Psk QemuModule::bring_up_psk() {
    hsm::client::Psk psk;
    psk.identity = wire::bring_up_identity;
    psk.role = Role::operating;
    CHECK(psk.secret.assign(hsm::view_of(wire::bring_up_secret)));
    return psk;
}

Session QemuModule::connect(Role role) const {
    const auto key = psk(role);
    auto session = Session::connect(endpoint(), key, after(patience));
    if (!session) {
        throw std::runtime_error(
            "no session: " + std::string(hsm::base::status_name(session.error())) + "\n" + log());
    }
    return *std::move(session);
}

Target QemuModule::target(Role role) const {
    return target_of(std::make_shared<Session>(connect(role)), patience);
}

void QemuModule::install_hosts() const {
    const auto key = bring_up_psk();
    auto session = Session::connect(endpoint(), key, after(patience));
    if (!session) {
        throw std::runtime_error("the board has hosts, or none can be installed: " + log());
    }
    wire::InstallHostsRequest hosts;
    std::array<hsm::client::Psk, 3> keys{
        psk(Role::server), psk(Role::operating), psk(Role::auditor)};
    for (const auto& host : keys) {
        CHECK(hosts.names.push_back(host.identity));
        CHECK(hosts.roles.push_back(static_cast<std::uint8_t>(host.role)));
        wire::Nonce secret{};
        std::ranges::copy(host.secret.reveal(), secret.begin());
        CHECK(hosts.keys.push_back(secret));
    }
    require(*session, hosts, *this);
    session->close();
}

void QemuModule::unlock() const {
    auto session = connect(Role::operating);
    require(session, wire::UnlockRequest{hsm::view_of(unlock_secret_)}, *this);
    session.close();
}

std::string QemuModule::log() const {
    return read_text(folder_ / "qemu.log") + read_text(folder_ / "uart.log");
}

}  // namespace tests::support
