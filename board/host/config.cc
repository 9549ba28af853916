#include "board/host/config.h"

#include <set>
#include <toml++/toml.h>

#include "hsm/protocol/psk_file.h"

namespace board::host {
namespace {

namespace fs = std::filesystem;

// Reads the keys of one table, remembers the first fault, and knows which keys nobody asked for.
class TableReader {
public:
    TableReader(const toml::table& table, std::string prefix)
        : table_(table), prefix_(std::move(prefix)) {}

    enum class Need : std::uint8_t { required, optional };

    std::string text(std::string_view key, Need need, std::string fallback = "") {
        const auto* node = find(key, need);
        if (node == nullptr) {
            return fallback;
        }
        const auto value = node->value_exact<std::string>();
        if (!value || value->empty() || value->find('\0') != std::string::npos) {
            fault(key, "must be a text that is not empty");
            return fallback;
        }
        return *value;
    }

    std::optional<std::int64_t> number(std::string_view key, std::int64_t max) {
        const auto* node = find(key, Need::optional);
        if (node == nullptr) {
            return std::nullopt;
        }
        const auto value = node->value_exact<std::int64_t>();
        if (!value || *value < 0 || *value > max) {
            fault(key, "must be a whole number from 0 to " + std::to_string(max));
            return std::nullopt;
        }
        return value;
    }

    const toml::table* table(std::string_view key, Need need) {
        const auto* node = find(key, need);
        if (node != nullptr && !node->is_table()) {
            fault(key, "must be a table");
            return nullptr;
        }
        return node == nullptr ? nullptr : node->as_table();
    }

    void fault(std::string_view key, std::string what) {
        if (fault_.empty()) {
            fault_ = "'" + prefix_ + std::string(key) + "' " + std::move(what);
        }
    }

    // Also reports keys that were not asked for.
    std::string first_fault() {
        for (const auto& [key, node] : table_) {
            if (!known_.contains(std::string(key.str()))) {
                fault(key.str(), "is no setting");
            }
        }
        return fault_;
    }

private:
    const toml::node* find(std::string_view key, Need need) {
        known_.emplace(key);
        const auto* node = table_.get(key);
        if (node == nullptr && need == Need::required) {
            fault(key, "is missing");
        }
        return node;
    }

    const toml::table& table_;
    std::string prefix_;
    std::set<std::string> known_;
    std::string fault_;
};

using Need = TableReader::Need;
using hsm::protocol::AssuranceClass;

// "0600" and the like: no more than owner and group.
std::optional<mode_t> mode_of(const std::string& text) {
    mode_t mode = 0;
    for (const char c : text) {
        if (c < '0' || c > '7' || text.size() > 4) {
            return std::nullopt;
        }
        mode = mode << 3 | static_cast<mode_t>(c - '0');
    }
    return mode <= 0770 && (mode & 07) == 0 ? std::optional(mode) : std::nullopt;
}

void read_engine(TableReader& reader, Config& config, const fs::path& folder, std::string& fault) {
    const auto engine = reader.text("engine", Need::required);
    if (engine == "softhsm") {
        config.engine = EngineKind::softhsm;
    } else if (engine == "psa") {
        config.engine = EngineKind::psa;
    } else if (!engine.empty()) {
        reader.fault("engine", "must be \"softhsm\" or \"psa\"");
    }

    const bool softhsm = engine == "softhsm";
    if (const auto* table = reader.table("softhsm", softhsm ? Need::required : Need::optional)) {
        TableReader inner(*table, "softhsm.");
        config.softhsm_library =
            inner.text("library", Need::optional, "/usr/lib/softhsm/libsofthsm2.so");
        config.softhsm_configuration = folder / inner.text("configuration", Need::required);
        config.softhsm_token = inner.text("token", Need::required);
        const auto lock = inner.text("lock", Need::optional);
        config.softhsm_lock = lock.empty() ? config.softhsm_configuration.string() + ".lock"
                                           : (folder / lock).string();
        fault = inner.first_fault();
    }
    if (const auto* table =
            reader.table("psa", engine == "psa" ? Need::required : Need::optional)) {
        TableReader inner(*table, "psa.");
        config.psa_token = folder / inner.text("token", Need::required);
        if (fault.empty()) {
            fault = inner.first_fault();
        }
    }
}

Setup<Config> read(const toml::table& table, const fs::path& folder, const std::string& file) {
    TableReader reader(table, "");
    Config config;
    config.socket = folder / reader.text("socket", Need::required);
    config.store = folder / reader.text("store", Need::required);
    config.psk_folder = folder / reader.text("psk_folder", Need::required);

    const auto mode = mode_of(reader.text("socket_mode", Need::optional, "0600"));
    if (!mode) {
        reader.fault("socket_mode", "must be octal digits without rights for others");
    }
    config.socket_mode = mode.value_or(0600);
    config.socket_group = reader.text("socket_group", Need::optional);
    config.user = reader.text("user", Need::optional);
    if (const auto uid = reader.number("server_uid", UINT32_MAX - 1)) {
        config.server_uid = static_cast<uid_t>(*uid);
    }

    const auto assurance_class = reader.text("class", Need::required);
    if (assurance_class == "emulated") {
        config.assurance_class = AssuranceClass::emulated;
    } else if (!assurance_class.empty() && assurance_class != "software") {
        reader.fault("class", "must be \"software\" or \"emulated\": a process is no hardware");
    }

    config.name = reader.text("name", Need::optional, "module");
    if (!hsm::protocol::is_identity(config.name) || config.name.size() > 32) {
        reader.fault("name", "must be 1 to 32 letters, digits, '.', '_' and '-'");
    }
    if (const auto pin_file = reader.text("pin_file", Need::optional); !pin_file.empty()) {
        config.pin_file = folder / pin_file;
    }

    std::string engine_fault;
    read_engine(reader, config, folder, engine_fault);
    auto fault = reader.first_fault();
    if (fault.empty()) {
        fault = engine_fault;
    }
    if (!fault.empty()) {
        return SetupError{file + ": " + fault};
    }
    return config;
}

}  // namespace

Setup<Config> load_config(const fs::path& file) {
    try {
        const auto table = toml::parse_file(file.string());
        return read(table, fs::absolute(file).parent_path(), file.string());
    } catch (const toml::parse_error& error) {
        const auto line = error.source().begin.line;
        return SetupError{file.string() + (line != 0 ? ":" + std::to_string(line) : "") + ": " +
                          std::string(error.description())};
    }
}

}  // namespace board::host
