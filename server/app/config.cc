#include "server/app/config.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <regex>
#include <sstream>
#include <toml++/toml.h>

namespace server::app {
namespace {

using Wrong = std::string;

struct Section {
    std::string_view name;
    std::vector<std::string_view> keys;
};

const Section sections[] = {
    {"server", {"addresses", "port", "pool_threads", "requests_max"}},
    {"hosts", {"api", "login", "approve", "office", "mtls"}},
    {"tls", {"certificate", "key"}},
    {"times", {"answer_seconds", "sign_seconds", "hold_seconds"}},
    {"webhook", {"deadline_seconds", "retry_seconds", "give_up_seconds", "ca"}},
    {"csc", {"authorization_server", "signature_qualifier"}},
    {"timestamp", {"url", "authorities"}},
    {"module", {"endpoint", "psk"}},
    {"provider",
     {"name",
      "dialect",
      "url",
      "token_url",
      "client_id",
      "secret_file",
      "ca",
      "private_addresses"}},
};

hsm::Result<void, Wrong> check_keys(const toml::table& table, const Section& section) {
    for (const auto& [key, value] : table) {
        if (std::ranges::find(section.keys, key.str()) == section.keys.end()) {
            return "unknown key \"" + std::string(key.str()) + "\" in [" +
                   std::string(section.name) + "]";
        }
    }
    return {};
}

hsm::Result<void, Wrong> check_unknown(const toml::table& root) {
    for (const auto& [key, value] : root) {
        const auto* section = std::ranges::find(sections, key.str(), &Section::name);
        if (section == std::end(sections)) {
            return "unknown section [" + std::string(key.str()) + "]";
        }
        if (const auto* table = value.as_table()) {
            TRY(check_keys(*table, *section));
        } else if (const auto* array = value.as_array()) {
            for (const auto& item : *array) {
                if (const auto* entry = item.as_table()) {
                    TRY(check_keys(*entry, *section));
                }
            }
        } else {
            return "\"" + std::string(key.str()) + "\" must be a section";
        }
    }
    return {};
}

hsm::Result<void, Wrong> read_text(toml::node_view<const toml::node> node,
                                   std::string_view name,
                                   std::string& out) {
    if (!node) {
        return {};
    }
    const auto value = node.value_exact<std::string>();
    if (!value || value->empty()) {
        return std::string(name) + " must be a text in quotes";
    }
    out = *value;
    return {};
}

template <class T>
hsm::Result<void, Wrong> read_number(toml::node_view<const toml::node> node,
                                     std::string_view name,
                                     std::int64_t min,
                                     std::int64_t max,
                                     T& out) {
    if (!node) {
        return {};
    }
    const auto value = node.value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) {
        return std::string(name) + " must be a whole number from " + std::to_string(min) + " to " +
               std::to_string(max);
    }
    out = static_cast<T>(*value);
    return {};
}

hsm::Result<void, Wrong> read_addresses(toml::node_view<const toml::node> node,
                                        std::vector<std::string>& out) {
    if (!node) {
        return {};
    }
    const auto* list = node.as_array();
    if (list == nullptr || list->empty()) {
        return Wrong("server.addresses must be a list of addresses");
    }
    out.clear();
    for (const auto& item : *list) {
        const auto address = item.value_exact<std::string>();
        if (!address) {
            return Wrong("server.addresses must be a list of addresses");
        }
        out.push_back(*address);
    }
    return {};
}

hsm::Result<void, Wrong> read_modules(toml::node_view<const toml::node> node, Config& config) {
    const auto* list = node.as_array();
    if (list == nullptr || list->empty()) {
        return Wrong("at least one [[module]] is needed");
    }
    for (const auto& item : *list) {
        const auto entry = toml::node_view<const toml::node>(item);
        std::string endpoint;
        std::string psk;
        TRY(read_text(entry["endpoint"], "module.endpoint", endpoint));
        TRY(read_text(entry["psk"], "module.psk", psk));
        auto parsed = hsm::client::parse_endpoint(endpoint);
        if (!parsed || psk.empty()) {
            return Wrong(
                "each [[module]] needs endpoint = \"unix:PATH\" or \"tcp:HOST:PORT\" and psk");
        }
        if (auto* path = std::get_if<hsm::client::UnixPath>(&*parsed)) {
            path->path = (config.data / path->path).string();
        }
        config.modules.push_back({*parsed, config.data / psk});
    }
    return {};
}

hsm::Result<void, Wrong> read_times(const toml::table& root, Config& config) {
    std::int64_t answer = config.answer_time.count();
    std::int64_t sign = config.sign_time.count();
    std::int64_t hold = config.hold_time.count();
    // The module grants an activation four hours at most.
    TRY(read_number(root["times"]["answer_seconds"], "times.answer_seconds", 10, 3600, answer));
    TRY(read_number(root["times"]["sign_seconds"], "times.sign_seconds", 10, 3 * 3600, sign));
    TRY(read_number(root["times"]["hold_seconds"], "times.hold_seconds", 1, 300, hold));
    config.answer_time = std::chrono::seconds(answer);
    config.sign_time = std::chrono::seconds(sign);
    config.hold_time = std::chrono::seconds(hold);
    return {};
}

// An appliance whose API has a name of its own has no mtls host unless it names one: its
// certificate would not cover it.
hsm::Result<void, Wrong> read_mtls_host(const toml::table& root, Config& config) {
    if (root["hosts"]["api"]) {
        config.mtls_host.clear();
    }
    return read_text(root["hosts"]["mtls"], "hosts.mtls", config.mtls_host);
}

hsm::Result<void, Wrong> read_webhook(toml::node_view<const toml::node> node, Config& config) {
    std::int64_t deadline = config.webhook_deadline.count();
    std::int64_t retry = config.webhook_retry.count();
    std::int64_t give_up = config.webhook_give_up.count();
    constexpr std::int64_t month = 30 * 24 * 3600;
    TRY(read_number(node["deadline_seconds"], "webhook.deadline_seconds", 1, 60, deadline));
    TRY(read_number(node["retry_seconds"], "webhook.retry_seconds", 1, 3600, retry));
    TRY(read_number(node["give_up_seconds"], "webhook.give_up_seconds", 1, month, give_up));
    config.webhook_deadline = std::chrono::seconds(deadline);
    config.webhook_retry = std::chrono::seconds(retry);
    config.webhook_give_up = std::chrono::seconds(give_up);
    std::string ca;
    TRY(read_text(node["ca"], "webhook.ca", ca));
    if (!ca.empty()) {
        config.webhook_ca = config.data / ca;
    }
    return {};
}

// "vn_let_pds": ISO 3166-1 country, law, kind (CSC v2 §11.11).
bool is_qualifier(const std::string& text) {
    static const std::regex form("[a-z]{2}_[a-z0-9]{1,24}_[a-z0-9]{1,24}");
    return std::regex_match(text, form);
}

hsm::Result<void, Wrong> read_csc(const toml::table& root, api::CscSettings& csc) {
    std::string form = "oauth2";
    TRY(read_text(root["csc"]["authorization_server"], "csc.authorization_server", form));
    if (form != "oauth2" && form != "issuer" && form != "servers") {
        return Wrong("csc.authorization_server must be \"oauth2\", \"issuer\" or \"servers\"");
    }
    using enum api::AuthorizationServerForm;
    csc.authorization_server = form == "oauth2" ? oauth2 : form == "issuer" ? issuer : servers;
    TRY(read_text(
        root["csc"]["signature_qualifier"], "csc.signature_qualifier", csc.signature_qualifier));
    if (!csc.signature_qualifier.empty() && !is_qualifier(csc.signature_qualifier)) {
        return Wrong("csc.signature_qualifier must be country_law_type, e.g. \"vn_let_pds\"");
    }
    return {};
}

// One line, as `kyso client add --secret-file` writes it.
hsm::Result<void, Wrong> read_secret(const std::filesystem::path& file, std::string& secret) {
    std::ifstream in(file);
    if (!std::getline(in, secret) || secret.empty()) {
        return Wrong("provider.secret_file: cannot read " + file.string());
    }
    return {};
}

hsm::Result<void, Wrong> read_timestamp(const toml::table& root, Config& config) {
    auto& timestamp = config.timestamp;
    TRY(read_text(root["timestamp"]["url"], "timestamp.url", timestamp.url));
    std::string authorities;
    TRY(read_text(root["timestamp"]["authorities"], "timestamp.authorities", authorities));
    if (timestamp.url.empty() && authorities.empty()) {
        return {};
    }
    const bool is_http =
        timestamp.url.starts_with("http://") || timestamp.url.starts_with("https://");
    if (!is_http || authorities.empty()) {
        return Wrong("[timestamp] needs url = \"http://…\" and authorities = \"FILE.pem\"");
    }
    timestamp.authorities = config.data / authorities;
    return {};
}

// https, and no slash at its end, so that paths can be added.
hsm::Result<void, Wrong> check_provider_url(std::string_view key, const std::string& url) {
    if (!url.starts_with("https://") || url.ends_with('/')) {
        return std::string(key) + " must begin with https:// and not end with a slash";
    }
    return {};
}

hsm::Result<Config::Provider, Wrong> read_provider(toml::node_view<const toml::node> entry,
                                                   const Config& config) {
    Config::Provider provider;
    std::string secret_file;
    std::string ca;
    TRY(read_text(entry["name"], "provider.name", provider.name));
    TRY(read_text(entry["dialect"], "provider.dialect", provider.dialect));
    TRY(read_text(entry["url"], "provider.url", provider.url));
    TRY(read_text(entry["client_id"], "provider.client_id", provider.client_id));
    TRY(read_text(entry["secret_file"], "provider.secret_file", secret_file));
    if (provider.name.empty() || provider.url.empty() || provider.client_id.empty() ||
        secret_file.empty()) {
        return Wrong("each [[provider]] needs name, dialect, url, client_id and secret_file");
    }
    if (provider.dialect != "csc" && provider.dialect != "qd769" && provider.dialect != "sp769") {
        return Wrong("provider.dialect must be csc, qd769 or sp769");
    }
    TRY(check_provider_url("provider.url", provider.url));
    provider.token_url =
        provider.url.substr(0, provider.url.find('/', std::string_view("https://").size())) +
        "/oauth2/token";
    TRY(read_text(entry["token_url"], "provider.token_url", provider.token_url));
    TRY(check_provider_url("provider.token_url", provider.token_url));
    TRY(read_secret(config.data / secret_file, provider.secret));
    TRY(read_text(entry["ca"], "provider.ca", ca));
    if (!ca.empty()) {
        provider.ca = config.data / ca;
    }
    if (const auto node = entry["private_addresses"]) {
        const auto value = node.value_exact<bool>();
        if (!value) {
            return Wrong("provider.private_addresses must be true or false");
        }
        provider.private_addresses = *value;
    }
    return provider;
}

hsm::Result<void, Wrong> read_providers(toml::node_view<const toml::node> node, Config& config) {
    if (!node) {
        return {};
    }
    const auto* list = node.as_array();
    if (list == nullptr) {
        return Wrong("providers are [[provider]] sections");
    }
    for (const auto& item : *list) {
        TRY_ASSIGN(auto provider, read_provider(toml::node_view<const toml::node>(item), config));
        const auto namesake =
            std::ranges::find(config.providers, provider.name, &Config::Provider::name);
        if (provider.name == "KYSO" || namesake != config.providers.end()) {
            return Wrong("provider.name " + provider.name + " is taken");
        }
        config.providers.push_back(std::move(provider));
    }
    return {};
}

hsm::Result<void, Wrong> read_all(const toml::table& root, Config& config) {
    TRY(check_unknown(root));
    TRY(read_addresses(root["server"]["addresses"], config.addresses));
    TRY(read_number(root["server"]["port"], "server.port", 1, 65535, config.port));
    TRY(read_number(
        root["server"]["pool_threads"], "server.pool_threads", 1, 512, config.pool_threads));
    TRY(read_number(
        root["server"]["requests_max"], "server.requests_max", 1, 16384, config.requests_max));
    TRY(read_text(root["hosts"]["api"], "hosts.api", config.api_host));
    TRY(read_text(root["hosts"]["login"], "hosts.login", config.login_host));
    TRY(read_text(root["hosts"]["approve"], "hosts.approve", config.approve_host));
    TRY(read_text(root["hosts"]["office"], "hosts.office", config.office_host));
    TRY(read_mtls_host(root, config));
    std::string certificate = "tls/cert.pem";
    std::string key = "tls/key.pem";
    TRY(read_text(root["tls"]["certificate"], "tls.certificate", certificate));
    TRY(read_text(root["tls"]["key"], "tls.key", key));
    config.tls_certificate = config.data / certificate;
    config.tls_key = config.data / key;
    TRY(read_times(root, config));
    TRY(read_webhook(root["webhook"], config));
    TRY(read_csc(root, config.csc));
    TRY(read_timestamp(root, config));
    TRY(read_providers(root["provider"], config));
    return read_modules(root["module"], config);
}

}  // namespace

std::string Config::url_of(const std::string& host) const {
    constexpr std::uint16_t https = 443;
    return "https://" + host + (port == https ? "" : ":" + std::to_string(port));
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

}  // namespace server::app
