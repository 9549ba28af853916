#pragma once

#include "tests/support/module_process.h"

namespace tests::support {

// A module on an emulated board, in a folder of its own: flash, PSKs, sockets, logs. Reached over
// its line, which kyso-uart ($KYSO_BIN) shares, or straight. Killed with its object, and when the
// test dies.
class QemuModule {
public:
    // Starts nothing. The image is that of preset fw-<board> in this tree ($KYSO_SOURCE), or the
    // one that `options` of board/run-qemu name.
    QemuModule(const std::filesystem::path& folder,
               std::string board,
               std::vector<std::string> options = {});
    QemuModule(const QemuModule&) = delete;
    QemuModule& operator=(const QemuModule&) = delete;
    ~QemuModule();

    // The board, and kyso-uart. `more` goes to QEMU. Returns when kyso-uart listens.
    void start(const std::vector<std::string>& more = {});
    // SIGKILL: the power is cut in the middle of whatever the board was doing.
    void kill();
    // Of kyso-uart alone, as when a server's machine dies: the board keeps running.
    void kill_host();
    void start_host();
    bool running();

    hsm::client::Endpoint endpoint() const { return hsm::client::UnixPath{socket().string()}; }
    // Only while kyso-uart does not run.
    hsm::client::Endpoint line() const {
        return hsm::client::FramedUnixPath{(folder_ / "line.sock").string()};
    }

    hsm::client::Psk psk(hsm::protocol::Role role) const;
    static hsm::client::Psk bring_up_psk();
    hsm::client::Session connect(hsm::protocol::Role role) const;
    Target target(hsm::protocol::Role role) const;
    const std::string& unlock_secret() const { return unlock_secret_; }

    // Tells a new board its hosts. Throws when it refuses.
    void install_hosts() const;
    // As each start needs it. Throws likewise.
    void unlock() const;

    std::filesystem::path socket() const { return folder_ / "module.sock"; }
    std::filesystem::path psk_file(hsm::protocol::Role role) const;
    std::filesystem::path flash() const { return folder_ / "nvm.img"; }
    std::string log() const;

private:
    std::filesystem::path folder_;
    std::string board_;
    std::vector<std::string> options_;
    std::string unlock_secret_;
    pid_t board_pid_ = -1;
    pid_t host_pid_ = -1;
};

}  // namespace tests::support
