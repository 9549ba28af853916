#include "server/config/config.h"

#include <algorithm>
#include <sstream>

#include "server/config/settings.h"

namespace server::config {
namespace {

using Wrong = std::string;
using Checked = hsm::Result<void, Wrong>;

Checked check_keys(const toml::table& table, const Section& section) {
    for (const auto& [key, value] : table) {
        if (std::ranges::find(section.settings, key.str(), &Setting::key) ==
            section.settings.end()) {
            return "unknown key \"" + std::string(key.str()) + "\" in [" +
                   std::string(section.name) + "]";
        }
    }
    return {};
}

Checked read_table(const toml::table& table,
                   const Section& section,
                   Config& config,
                   std::size_t index) {
    TRY(check_keys(table, section));
    for (const auto& setting : section.settings) {
        const Value value(table.get(setting.key));
        const auto name = std::string(section.name) + "." + std::string(setting.key);
        if (!value && setting.required) {
            return "[[" + std::string(section.name) + "]] number " + std::to_string(index + 1) +
                   " needs " + std::string(setting.key) + ": " + setting.kind.form;
        }
        if (value && !setting.kind.read(value, config, index)) {
            return name + " must be " + setting.kind.form;
        }
    }
    return {};
}

Checked read_section(const toml::node& node, const Section& section, Config& config) {
    if (!section.repeats()) {
        const auto* table = node.as_table();
        return table != nullptr ? read_table(*table, section, config, 0)
                                : "\"" + std::string(section.name) + "\" must be a section";
    }
    const auto* list = node.as_array();
    if (list == nullptr || !list->is_homogeneous<toml::table>()) {
        return "write [[" + std::string(section.name) + "]]: there may be several";
    }
    for (const auto& item : *list) {
        section.add(config);
        TRY(read_table(*item.as_table(), section, config, section.count(config) - 1));
    }
    return {};
}

// One origin's pages must not reach another's, and a module has one link.
Checked check_distinct(const Config& config) {
    auto hosts = config.hosts();
    std::ranges::sort(hosts);
    if (const auto twice = std::ranges::adjacent_find(hosts); twice != hosts.end()) {
        return "two of [hosts] are " + *twice + ": each needs a name of its own";
    }
    for (std::size_t i = 0; i < config.modules.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (config.modules[i].endpoint == config.modules[j].endpoint) {
                return "two [[module]] have the endpoint " +
                       hsm::client::text_of(config.modules[i].endpoint);
            }
        }
    }
    return {};
}

Checked finish_providers(Config& config) {
    for (auto one = config.providers.begin(); one != config.providers.end(); ++one) {
        const auto namesake =
            std::find_if(config.providers.begin(), one, [&](const Config::Provider& before) {
                return before.name == one->name;
            });
        // What portals call this appliance's own certificates.
        if (one->name == "KYSO" || namesake != one) {
            return "provider.name " + one->name + " is taken";
        }
        if (one->token_url.empty()) {
            const auto host_end = one->url.find('/', std::string_view("https://").size());
            one->token_url = one->url.substr(0, host_end) + "/oauth2/token";
        }
    }
    return {};
}

// Of [raising] and [external_ca].
template <class Part>
Checked check_waits(const char* section, const Part& part) {
    if (part.retry > part.longest_wait) {
        return "[" + std::string(section) + "] retry_seconds is " +
               std::to_string(part.retry.count()) + " and longest_wait_seconds " +
               std::to_string(part.longest_wait.count()) +
               ": the first wait may not be longer than the longest";
    }
    return {};
}

Checked check_external_ca(const Config::ExternalCa& outside) {
    const bool has_secret = !outside.user.empty() && !outside.secret_file.empty();
    const bool has_key = !outside.certificate.empty() && !outside.key.empty();
    const bool has_any = !outside.user.empty() || !outside.secret_file.empty() ||
                         !outside.certificate.empty() || !outside.key.empty();
    if (outside.protocol == Config::ExternalCa::Protocol::by_hand) {
        return outside.url.empty() && !has_any
                   ? Checked()
                   : Wrong(
                         "[external_ca] url, user, secret_file, certificate and key are of a "
                         "protocol: protocol = \"cmp\" or \"est\"");
    }
    if (outside.authorities.empty() || outside.url.empty()) {
        return Wrong("[external_ca] protocol needs both authorities and url");
    }
    const bool is_partial = outside.user.empty() != outside.secret_file.empty() ||
                            outside.certificate.empty() != outside.key.empty();
    const bool is_cmp = outside.protocol == Config::ExternalCa::Protocol::cmp;
    if (is_partial || (!has_secret && !has_key) || (is_cmp && has_secret && has_key)) {
        return Wrong(
            "[external_ca] needs user and secret_file, or certificate and key; with EST it "
            "may have both");
    }
    if (!is_cmp && !outside.recipient.empty()) {
        return Wrong("[external_ca] recipient is of CMP");
    }
    return check_waits("external_ca", outside);
}

// What no key can say alone.
Checked finish(const toml::table& root, Config& config) {
    if (config.modules.empty()) {
        return Wrong("at least one [[module]] is needed");
    }
    // An appliance whose API has a name of its own has no mtls host unless it names one: its
    // certificate would not cover it.
    if (root["hosts"]["api"] && !root["hosts"]["mtls"]) {
        config.mtls_host.clear();
    }
    if (config.timestamp.url.empty() != config.timestamp.authorities.empty()) {
        return Wrong("[timestamp] needs both url and authorities");
    }
    if (config.mail.server.empty() != config.mail.from.empty()) {
        return Wrong("[mail] needs both server and from");
    }
    if (config.mail.user.empty() != config.mail.password_file.empty()) {
        return Wrong("[mail] needs both user and password_file, or neither");
    }
    if (config.timestamp.url.empty() && !config.timestamp.fallback_urls.empty()) {
        return Wrong("[timestamp] fallback_urls needs url");
    }
    if (config.pki.http_port == config.port) {
        return Wrong("pki.http_port is server.port: each needs a port of its own");
    }
    TRY(check_waits("raising", config.raising));
    TRY(check_external_ca(config.external_ca));
    TRY(check_distinct(config));
    TRY(finish_providers(config));
    for (const auto& section : sections()) {
        for (const auto& setting : section.settings) {
            for (std::size_t i = 0; setting.kind.finish && i < section.size(config); ++i) {
                setting.kind.finish(config, i);
            }
        }
    }
    return {};
}

Checked read_all(const toml::table& root, Config& config) {
    for (const auto& [key, node] : root) {
        const auto section = std::ranges::find(sections(), key.str(), &Section::name);
        if (section == sections().end()) {
            return "unknown section [" + std::string(key.str()) + "]";
        }
        TRY(read_section(node, *section, config));
    }
    return finish(root, config);
}

}  // namespace

std::string Config::url_of(const std::string& host) const {
    constexpr std::uint16_t https = 443;
    return "https://" + host + (port == https ? "" : ":" + std::to_string(port));
}

std::vector<std::string> Config::hosts() const {
    std::vector<std::string> names{api_host, login_host, approve_host, office_host};
    for (const auto& optional : {portal_host, mtls_host}) {
        if (!optional.empty()) {
            names.push_back(optional);
        }
    }
    return names;
}

hsm::Result<Config, std::string> load_config(const std::filesystem::path& data) {
    Config config;
    std::error_code error;
    config.data = std::filesystem::absolute(data, error);
    const auto file = config.data / "kyso.toml";
    try {
        const auto root = toml::parse_file(file.string());
        auto read = read_all(root, config);
        if (!read) {
            return file.string() + ": " + read.error();
        }
    } catch (const toml::parse_error& wrong) {
        std::ostringstream text;
        text << file.string() << ": " << wrong.description();
        if (wrong.source().begin.line != 0) {
            text << " (line " << wrong.source().begin.line << ")";
        }
        return text.str();
    }
    return config;
}

std::vector<std::string> changes_for_restart(const Config& before, const Config& after) {
    std::vector<std::string> changed;
    for (const auto& section : sections()) {
        if (section.size(before) != section.size(after)) {
            changed.push_back("[[" + std::string(section.name) + "]]");
            continue;
        }
        for (const auto& setting : section.settings) {
            for (std::size_t i = 0; i < section.size(before); ++i) {
                if (setting.takes == Takes::restart &&
                    setting.kind.shown(before, i) != setting.kind.shown(after, i)) {
                    changed.push_back(std::string(section.name) + "." + std::string(setting.key));
                }
            }
        }
    }
    return changed;
}

}  // namespace server::config
