#pragma once

#include <filesystem>
#include <string>

#include "server/cli/failure.h"

namespace server::cli {

// Where things are under DIR. All paths are absolute.
class DataFolder {
public:
    explicit DataFolder(const std::filesystem::path& folder)
        : root_(std::filesystem::weakly_canonical(std::filesystem::absolute(folder))) {}

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path settings() const { return root_ / "kyso.toml"; }
    // There while the first use is not finished: what it finds then is no state to keep.
    std::filesystem::path unfinished() const { return root_ / "setting-up"; }
    std::filesystem::path lock() const { return root_ / "lock"; }
    std::filesystem::path log() const { return root_ / "log"; }
    std::filesystem::path run() const { return root_ / "run"; }
    std::filesystem::path admin_socket() const { return run() / "admin.sock"; }

    std::filesystem::path tls() const { return root_ / "tls"; }
    std::filesystem::path tls_authority() const { return tls() / "ca.pem"; }
    std::filesystem::path signing_authority() const { return root_ / "ca.pem"; }
    std::filesystem::path module_root() const { return root_ / "module-root.pem"; }
    std::filesystem::path ceremony() const { return root_ / "ceremony"; }
    std::filesystem::path officer_phone() const { return ceremony() / "officer-phone.json"; }

    // Modules count from 1.
    static std::string module_name(unsigned number) { return "module-" + std::to_string(number); }
    std::filesystem::path module_folder(unsigned number) const {
        return root_ / module_name(number);
    }
    std::filesystem::path module_settings(unsigned number) const {
        return module_folder(number) / "config.toml";
    }
    std::filesystem::path module_socket(unsigned number) const {
        return run() / (module_name(number) + ".sock");
    }
    std::filesystem::path psk_folder(unsigned number) const {
        return root_ / "psk" / module_name(number);
    }
    std::filesystem::path operator_psk(unsigned number) const {
        return psk_folder(number) / "operator.psk";
    }
    // What the engine of all modules needs, and what it keeps.
    std::filesystem::path engine_pin() const { return root_ / "engine-pin"; }
    std::filesystem::path softhsm() const { return root_ / "softhsm"; }
    std::filesystem::path psa() const { return root_ / "psa"; }

private:
    std::filesystem::path root_;
};

}  // namespace server::cli
