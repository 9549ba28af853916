#include "tests/support/module_process.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <signal.h>
#include <sstream>
#include <stdexcept>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "hsm/cli/device_certificate.h"
#include "tests/support/pointers.h"

namespace tests::support {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using hsm::protocol::Role;

constexpr std::chrono::seconds patience = 20s;

std::string hex(hsm::ByteView bytes) {
    std::ostringstream text;
    for (const auto byte : bytes) {
        text << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
    }
    return text.str();
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& more) {
    std::vector<std::string> merged;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string_view entry = *at;
        if (!more.contains(std::string(entry.substr(0, entry.find('='))))) {
            merged.emplace_back(entry);
        }
    }
    for (const auto& [name, value] : more) {
        auto& entry = merged.emplace_back(name);
        entry += '=';
        entry += value;
    }
    return merged;
}

int status_of_end(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string_view role_file_name(Role role) {
    return hsm::protocol::role_name(role);
}

}  // namespace

void write_private(const fs::path& file, std::string_view text) {
    std::ofstream(file) << text;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

Target target_of(std::shared_ptr<hsm::client::Session> session, std::chrono::seconds time_max) {
    return [session, time_max](hsm::ByteView request) -> Bytes {
        const auto deadline = hsm::client::after(time_max);
        if (!session->send(request, deadline)) {
            return {};
        }
        const auto answer = session->receive(deadline);
        return answer ? copy_of(*answer) : Bytes();
    };
}

pid_t spawn(std::vector<std::string> command,
            const std::map<std::string, std::string>& more,
            const fs::path& output) {
    auto environment = merged_environment(more);
    const auto argv = pointers(command);
    const auto envp = pointers(environment);
    const int out = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const pid_t parent = ::getpid();
    const pid_t child = ::fork();
    if (child == 0) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) {
            ::_exit(127);
        }
        ::dup2(out, STDOUT_FILENO);
        ::dup2(out, STDERR_FILENO);
        ::execvpe(argv[0], argv.data(), envp.data());
        ::_exit(127);
    }
    ::close(out);
    return child;
}

std::string read_text(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

int run_command(const std::vector<std::string>& command,
                const std::map<std::string, std::string>& environment,
                const fs::path& output) {
    int status = 0;
    ::waitpid(spawn(command, environment, output), &status, 0);
    return status_of_end(status);
}

ScratchFolder::ScratchFolder() {
    std::string name = (fs::temp_directory_path() / "kyso-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    path_ = name;
}

ScratchFolder::~ScratchFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

ProcessToken::ProcessToken(const fs::path& folder, TokenKind kind)
    : folder_(folder), kind_(kind), pin_(hex(random_digest())) {
    fs::create_directories(folder_);
    write_private(folder_ / "pin", pin_ + "\n");
    if (kind_ == TokenKind::psa) {
        return;
    }
    fs::create_directories(folder_ / "tokens");
    std::ofstream(softhsm_configuration())
        << "directories.tokendir = " << (folder_ / "tokens").string()
        << "\nobjectstore.backend = file\nlog.level = ERROR\nslots.removable = false\n";
    const std::vector<std::string> command{"softhsm2-util",
                                           "--init-token",
                                           "--free",
                                           "--label",
                                           label,
                                           "--so-pin",
                                           hex(random_digest()),
                                           "--pin",
                                           pin_};
    const auto output = folder_ / "softhsm2-util.log";
    if (run_command(command, {{"SOFTHSM2_CONF", softhsm_configuration().string()}}, output) != 0) {
        throw std::runtime_error("softhsm2-util: " + read_text(output));
    }
}

std::string ProcessToken::settings() const {
    return "pin_file = \"" + (folder_ / "pin").string() + "\"\n" + engine_settings();
}

std::string ProcessToken::engine_settings() const {
    if (kind_ == TokenKind::psa) {
        return "engine = \"psa\"\nclass = \"software\"\n[psa]\ntoken = \"" +
               (folder_ / "vault").string() + "\"\n";
    }
    return "engine = \"softhsm\"\nclass = \"emulated\"\n[softhsm]\nconfiguration = \"" +
           softhsm_configuration().string() + "\"\ntoken = \"" + label + "\"\n";
}

ModuleProcess::ModuleProcess(const fs::path& folder, const ProcessToken& token, std::string name)
    : folder_(folder), token_(token), name_(std::move(name)) {
    fs::create_directories(folder_ / "psk");
    for (const auto role : {Role::server, Role::operating, Role::auditor}) {
        hsm::Secret<hsm::protocol::psk_size> secret;
        CHECK(secret.assign(random_digest()));
        const auto text = hsm::protocol::format_psk_file(role, secret);
        write_private(psk_file(role), hsm::text_of(text.reveal()));
    }
}

ModuleProcess::~ModuleProcess() {
    kill();
}

void ModuleProcess::write_settings() const {
    std::ofstream(settings_file())
        << more_settings << "socket = \"module.sock\"\n"
        << "store = \"module.store\"\npsk_folder = \"psk\"\n"
        << "name = \"" << name_ << "\"\n"
        << (settings_without_pin ? token_.engine_settings() : token_.settings());
}

void ModuleProcess::start() {
    const auto* bin = std::getenv("KYSO_BIN");
    if (bin == nullptr) {
        throw std::runtime_error("KYSO_BIN is not set");
    }
    write_settings();
    pid_ = spawn({std::string(bin) + "/kyso-module", "--config", settings_file().string()},
                 environment,
                 folder_ / "module.log");
    const auto deadline = hsm::client::after(patience);
    while (!hsm::client::Session::connect(endpoint(), psk(Role::server), deadline)) {
        if (!running() || std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("kyso-module does not serve: " + log());
        }
        std::this_thread::sleep_for(2ms);
    }
}

bool ModuleProcess::running() {
    if (pid_ <= 0) {
        return false;
    }
    siginfo_t ended{};
    ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
    return ended.si_pid == 0;
}

int ModuleProcess::wait_for_end() {
    const auto deadline = hsm::client::after(patience);
    while (running()) {
        if (std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("kyso-module does not end: " + log());
        }
        std::this_thread::sleep_for(2ms);
    }
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status_of_end(status);
}

int ModuleProcess::stop() {
    ::kill(pid_, SIGTERM);
    return wait_for_end();
}

void ModuleProcess::kill() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }
}

std::filesystem::path ModuleProcess::psk_file(Role role) const {
    return folder_ / "psk" / ("kyso-" + std::string(role_file_name(role)) + ".psk");
}

hsm::client::Psk ModuleProcess::psk(Role role) const {
    auto psk = hsm::client::load_psk(psk_file(role));
    CHECK(psk.has_value());
    return *std::move(psk);
}

hsm::client::Session ModuleProcess::connect(Role role) const {
    const auto key = psk(role);
    auto session = hsm::client::Session::connect(endpoint(), key, hsm::client::after(patience));
    if (!session) {
        throw std::runtime_error(
            "no session: " + std::string(hsm::base::status_name(session.error())) + "\n" + log());
    }
    return *std::move(session);
}

Target ModuleProcess::target(Role role) const {
    return target_of(std::make_shared<hsm::client::Session>(connect(role)), patience);
}

std::string ModuleProcess::log() const {
    return read_text(folder_ / "module.log");
}

hsm::Result<hsm::cli::ProvisionedGroup> provision_processes(const fs::path& folder,
                                                            std::span<ModuleProcess* const> modules,
                                                            const People& people) {
    std::vector<hsm::client::Session> sessions;
    for (const auto* module : modules) {
        sessions.push_back(module->connect(Role::operating));
    }
    std::vector<hsm::client::Session*> pointers;
    for (auto& session : sessions) {
        pointers.push_back(&session);
    }
    hsm::cli::GroupPlan plan{people.rp_id, people.origin, {}, people.officers_needed};
    for (const auto& officer : people.officers) {
        const auto person = static_cast<std::uint8_t>(plan.officers.size() + 1);
        plan.officers.push_back({officer.point(), officer.is_backup_eligible(), person});
    }
    TRY_ASSIGN(auto custodian, hsm::cli::P256Key::load_or_make(folder / "custodian.pem"));
    TRY_ASSIGN(auto root, hsm::cli::P256Key::load_or_make(folder / "module-root.key.pem"));
    return hsm::cli::provision_group(
        pointers,
        plan,
        custodian,
        root,
        [&](std::size_t index, const hsm::Digest& challenge) -> hsm::Result<Bytes> {
            return people.officer_approves(challenge, index);
        });
}

ProcessGroup::ProcessGroup(const fs::path& folder,
                           TokenKind kind,
                           std::size_t members,
                           People the_people)
    : people(std::move(the_people)), token_(folder / "token", kind) {
    std::vector<ModuleProcess*> pointers;
    for (std::size_t i = 0; i < members; ++i) {
        const auto name = "module-" + std::to_string(i + 1);
        modules_.push_back(std::make_unique<ModuleProcess>(folder / name, token_, name));
        modules_.back()->start();
        pointers.push_back(modules_.back().get());
    }
    auto group = provision_processes(folder, pointers, people);
    if (!group) {
        throw std::runtime_error("provisioning: " +
                                 std::string(hsm::base::status_name(group.error())));
    }
    group_ = *std::move(group);
    const auto root = hsm::cli::P256Key::load_or_make(folder / "module-root.key.pem");
    root_certificate_ = hsm::cli::make_test_root_certificate(*root);
}

}  // namespace tests::support
