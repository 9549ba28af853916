#pragma once

#include <filesystem>
#include <map>
#include <sys/types.h>

#include "hsm/cli/first_start.h"
#include "hsm/client/link.h"
#include "tests/support/module_target.h"

namespace tests::support {

enum class TokenKind { psa, softhsm };

// A folder with what the modules of one group share: a SoftHSM token or a psa vault, and its PIN.
// Throws when softhsm2-util fails.
class ProcessToken {
public:
    ProcessToken(const std::filesystem::path& folder, TokenKind kind);

    TokenKind kind() const { return kind_; }
    // The lines of module.toml that name PIN and engine; the engine's alone.
    std::string settings() const;
    std::string engine_settings() const;
    const std::filesystem::path& folder() const { return folder_; }
    const std::string& pin() const { return pin_; }
    std::filesystem::path softhsm_configuration() const { return folder_ / "softhsm2.conf"; }
    static constexpr const char* label = "kyso-test";

private:
    std::filesystem::path folder_;
    TokenKind kind_;
    std::string pin_;
};

// The real kyso-module ($KYSO_BIN) in a folder of its own: store, PSK of each role, settings,
// socket, log. Killed with its object, and when the test dies.
class ModuleProcess {
public:
    // Prepares, starts nothing. `name` tells modules of one token apart.
    ModuleProcess(const std::filesystem::path& folder,
                  const ProcessToken& token,
                  std::string name = "module-1");
    ModuleProcess(const ModuleProcess&) = delete;
    ModuleProcess& operator=(const ModuleProcess&) = delete;
    ~ModuleProcess();

    // Returns when it serves hosts. Throws, with its log, when it ends instead or takes 20 s.
    void start();
    // SIGTERM; its exit status, or minus the signal that ended it. Throws after 20 s.
    int stop();
    // SIGKILL, and gone when this returns.
    void kill();
    // Waits for its end by itself; as stop().
    int wait_for_end();
    bool running();
    pid_t pid() const { return pid_; }

    hsm::client::Endpoint endpoint() const { return hsm::client::UnixPath{socket().string()}; }
    hsm::client::Psk psk(hsm::protocol::Role role) const;
    std::filesystem::path psk_file(hsm::protocol::Role role) const;
    // A new session. Throws when it cannot be had.
    hsm::client::Session connect(hsm::protocol::Role role = hsm::protocol::Role::server) const;
    // One session behind a Target; an unreachable module answers with an empty message.
    Target target(hsm::protocol::Role role = hsm::protocol::Role::server) const;

    std::filesystem::path folder() const { return folder_; }
    std::filesystem::path socket() const { return folder_ / "module.sock"; }
    std::filesystem::path store() const { return folder_ / "module.store"; }
    std::filesystem::path settings_file() const { return folder_ / "module.toml"; }
    std::string log() const;

    std::map<std::string, std::string> environment;  // beside the test's own, at the next start()
    std::string more_settings;                       // at the start of module.toml, likewise
    bool settings_without_pin = false;               // the module waits for `unlock`, likewise

private:
    void write_settings() const;

    std::filesystem::path folder_;
    const ProcessToken token_;
    std::string name_;
    pid_t pid_ = -1;
};

// Several modules on one token, provisioned as a group by the product's own ceremony.
class ProcessGroup {
public:
    ProcessGroup(const std::filesystem::path& folder,
                 TokenKind kind,
                 std::size_t members = 1,
                 People people = {});

    ModuleProcess& operator[](std::size_t i) { return *modules_[i]; }
    const ProcessToken& token() const { return token_; }
    const hsm::cli::ProvisionedGroup& group() const { return group_; }
    const Bytes& root_certificate() const { return root_certificate_; }

    const People people;

private:
    ProcessToken token_;
    std::vector<std::unique_ptr<ModuleProcess>> modules_;
    hsm::cli::ProvisionedGroup group_;
    Bytes root_certificate_;
};

// The ceremony with `people` as officers; custodian and root keys in `folder`.
hsm::Result<hsm::cli::ProvisionedGroup> provision_processes(const std::filesystem::path& folder,
                                                            std::span<ModuleProcess* const> modules,
                                                            const People& people);

// A file that only its owner reads.
void write_private(const std::filesystem::path& file, std::string_view text);

// A session behind a Target; one that broke, or takes longer than `time_max`, answers with an empty
// message.
Target target_of(std::shared_ptr<hsm::client::Session> session, std::chrono::seconds time_max);

// Starts `command` with its output at the end of a file; it dies with this process.
pid_t spawn(std::vector<std::string> command,
            const std::map<std::string, std::string>& environment,
            const std::filesystem::path& output);

// Runs `command` with its output in a file, to its end; the exit status.
int run_command(const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment,
                const std::filesystem::path& output);

std::string read_text(const std::filesystem::path& file);

// Gone with its object.
class ScratchFolder {
public:
    ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ~ScratchFolder();
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace tests::support
