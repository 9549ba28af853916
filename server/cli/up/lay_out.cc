#include <cstring>
#include <pwd.h>
#include <unistd.h>

#include "cloudsign/hex.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/random.h"
#include "hsm/cli/device_certificate.h"
#include "hsm/protocol/psk_file.h"
#include "hsm/softphone/phone_store.h"
#include "server/cli/files.h"
#include "server/cli/up/first_use.h"
#include "server/cli/up/settings.h"
#include "server/cli/up/test_tls.h"

namespace server::cli::up {
namespace {

namespace fs = std::filesystem;
using hsm::protocol::Role;

// Everything that a first use makes, before it is finished.
constexpr std::string_view made_here[] = {"kyso.toml",
                                          "kyso.db",
                                          "kyso.db-wal",
                                          "kyso.db-shm",
                                          "token-key.pem",
                                          "vapid-key.pem",
                                          "tls",
                                          "ca.pem",
                                          "psk",
                                          "module-1",
                                          "module-2",
                                          "softhsm",
                                          "psa",
                                          "run",
                                          "ceremony",
                                          "audit",
                                          "sandbox",
                                          "engine-pin",
                                          "module-root.pem"};

Outcome<void> clear(const DataFolder& folder) {
    for (const auto name : made_here) {
        std::error_code error;
        fs::remove_all(folder.root() / name, error);
        if (error) {
            return usage_failure((folder.root() / name).string() + ": " + error.message());
        }
    }
    return {};
}

Outcome<void> make_psks(const DataFolder& folder, unsigned number) {
    TRY(make_folder(folder.psk_folder(number)));
    for (const auto role : {Role::server, Role::operating}) {
        hsm::Secret<hsm::protocol::psk_size> secret;
        CHECK(secret.assign(cloudsign::random_32()));
        const auto text = hsm::protocol::format_psk_file(role, secret);
        const auto file = std::string(hsm::protocol::role_name(role)) + ".psk";
        TRY(write_file(
            folder.psk_folder(number) / file, hsm::base::text_of(text.reveal()), mode_private));
    }
    return {};
}

Outcome<hsm::cli::P256Key> make_key(const fs::path& file) {
    auto key = hsm::cli::P256Key::load_or_make(file);
    if (!key) {
        return usage_failure(file.string() + ": cannot be made (" +
                             std::string(hsm::base::status_name(key.error())) + ")");
    }
    return *std::move(key);
}

Outcome<void> make_people(const DataFolder& folder, const Plan& plan) {
    TRY(make_folder(folder.ceremony()));
    TRY(make_key(folder.ceremony() / "custodian-key.pem"));
    TRY_ASSIGN(const auto root, make_key(folder.ceremony() / "root-key.pem"));
    TRY(write_file(folder.module_root(),
                   cloudsign::pki::to_pem(hsm::cli::make_test_root_certificate(root))));
    TRY(outcome_of(hsm::softphone::create_store(folder.officer_phone(),
                                                {hsm::softphone::PhoneRole::officer,
                                                 "Officer 1 (TEST)",
                                                 plan.hosts.approve,
                                                 url_of(plan.hosts.approve, plan.port),
                                                 hsm::softphone::Backup::single_device})));
    return {};
}

}  // namespace

Outcome<void> lay_out(const DataFolder& folder, const Plan& plan) {
    TRY(clear(folder));
    TRY(write_file(folder.unfinished(),
                   "kyso up is setting up this folder; interrupted, the next one starts anew.\n"));
    TRY(make_folder(folder.log()));
    TRY(make_folder(folder.run()));
    TRY(write_settings(folder, plan));
    TRY(write_file(
        folder.engine_pin(), cloudsign::hex(cloudsign::random_32()) + "\n", mode_private));
    for (unsigned number = 1; number <= plan.modules; ++number) {
        TRY(make_psks(folder, number));
    }
    TRY(make_test_tls(folder,
                      {plan.hosts.api,
                       plan.hosts.login,
                       plan.hosts.approve,
                       plan.hosts.office,
                       plan.hosts.portal,
                       plan.hosts.mtls,
                       "localhost"}));
    return make_people(folder, plan);
}

Outcome<void> hand_over(const DataFolder& folder, const Plan& plan) {
    const auto* user = ::getpwnam(plan.module_user.c_str());
    if (user == nullptr) {
        return usage_failure("--module-user: there is no user " + plan.module_user);
    }
    const auto engine = plan.engine == EngineKind::softhsm ? folder.softhsm() : folder.psa();
    std::vector<fs::path> paths{engine};
    for (const auto& entry : fs::recursive_directory_iterator(engine)) {
        paths.push_back(entry.path());
    }
    for (const auto& path : paths) {
        if (::lchown(path.c_str(), user->pw_uid, user->pw_gid) != 0) {
            return usage_failure(path.string() + ": cannot be given to " + plan.module_user + ": " +
                                 std::strerror(errno));
        }
    }
    // The settings name the engine's files from the module's folder on.
    std::vector<fs::path> ways{folder.root()};
    for (unsigned number = 1; number <= plan.modules; ++number) {
        ways.push_back(folder.module_folder(number));
    }
    for (const auto& way : ways) {
        std::error_code error;
        fs::permissions(way, fs::perms(0711), error);
        if (error) {
            return usage_failure(way.string() + ": " + error.message());
        }
    }
    return {};
}

}  // namespace server::cli::up
