#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <unistd.h>

#include <gtest/gtest.h>

#include "server/config/reference.h"
#include "server/config/settings.h"

namespace {

namespace fs = std::filesystem;
using server::config::changes_for_restart;
using server::config::Config;
using server::config::load_config;

const std::string module_section =
    "[[module]]\nendpoint = \"unix:run/m.sock\"\npsk = \"psk/server.psk\"\n";
const std::string provider_section =
    "[[provider]]\nname = \"VIETTEL\"\ndialect = \"qd769\"\nurl = \"https://ca.example:8443/v1\"\n"
    "client_id = \"sp\"\nsecret_file = \"viettel.secret\"\n";

class ConfigTest : public testing::Test {
protected:
    ConfigTest() { fs::create_directories(folder_); }
    ~ConfigTest() override { fs::remove_all(folder_); }

    hsm::Result<Config, std::string> load(const std::string& text) {
        std::ofstream(folder_ / "kyso.toml") << text;
        return load_config(folder_);
    }
    // What is wrong with it; empty when nothing is.
    std::string error_of(const std::string& text) {
        const auto config = load(text);
        return config ? "" : config.error().substr((folder_ / "kyso.toml: ").string().size());
    }

    const fs::path folder_ =
        fs::temp_directory_path() / ("kyso-config-" + std::to_string(::getpid()));
};

TEST_F(ConfigTest, NeedsOneModuleAndNoMore) {
    const auto config = load(module_section);

    ASSERT_TRUE(config) << config.error();
    EXPECT_EQ(config->port, 8443);
    EXPECT_EQ(config->tls_key, folder_ / "tls/key.pem");
    ASSERT_EQ(config->modules.size(), 1u);
    EXPECT_EQ(config->modules[0].psk, folder_ / "psk/server.psk");
    EXPECT_EQ(hsm::client::text_of(config->modules[0].endpoint),
              "unix:" + (folder_ / "run/m.sock").string());
    EXPECT_EQ(error_of(""), "at least one [[module]] is needed");
}

TEST_F(ConfigTest, TakesEverySetting) {
    const auto config = load(
        "[server]\naddresses = [\"127.0.0.1\", \"::1\"]\nport = 443\npool_threads = 1\n"
        "requests_max = 7\ntrusted_proxies = [\"10.1.0.0/16\", \"::1\"]\n"
        "[hosts]\napi = \"a\"\nlogin = \"l\"\napprove = \"p\"\noffice = \"o\"\nportal = \"s\"\n"
        "mtls = \"m\"\n"
        "[tls]\ncertificate = \"/etc/c.pem\"\nkey = \"k.pem\"\n"
        "[times]\nanswer_seconds = 10\nsign_seconds = 11\nhold_seconds = 12\n"
        "[webhook]\ndeadline_seconds = 1\nretry_seconds = 2\ngive_up_seconds = 3\nca = \"w.pem\"\n"
        "[phones]\nsynced_passkeys = \"refused\"\n"
        "[push]\nhosts = [\"*.push.example\"]\ncontact = \"mailto:a@b.example\"\n"
        "deadline_seconds = 4\nrelay = \"[::1]:443\"\nca = \"p.pem\"\n"
        "[csc]\nauthorization_server = \"servers\"\nsignature_qualifier = \"vn_let_pds\"\n"
        "[timestamp]\nurl = \"http://tsa\"\nauthorities = \"t.pem\"\n" +
        module_section + "[[module]]\nendpoint = \"tcp:[::1]:7\"\npsk = \"2.psk\"\n" +
        provider_section + "ca = \"v.pem\"\nprivate_addresses = true\n");

    ASSERT_TRUE(config) << config.error();
    EXPECT_EQ(config->addresses, (std::vector<std::string>{"127.0.0.1", "::1"}));
    EXPECT_EQ(config->trusted_proxies, (std::vector<std::string>{"10.1.0.0/16", "::1"}));
    EXPECT_EQ(config->port, 443);
    EXPECT_EQ(config->url_of(config->api_host), "https://a");
    EXPECT_EQ(config->mtls_host, "m");
    EXPECT_EQ(config->hosts(), (std::vector<std::string>{"a", "l", "p", "o", "s", "m"}));
    EXPECT_EQ(config->tls_certificate, "/etc/c.pem");
    EXPECT_EQ(config->hold_time, std::chrono::seconds(12));
    EXPECT_EQ(config->webhook_ca, folder_ / "w.pem");
    EXPECT_EQ(config->synced_passkeys, hsm::protocol::BackupPolicy::refused);
    EXPECT_EQ(config->push.hosts, (std::vector<std::string>{"*.push.example"}));
    EXPECT_EQ(config->push.contact, "mailto:a@b.example");
    EXPECT_EQ(config->push.deadline, std::chrono::seconds(4));
    EXPECT_EQ(config->push.relay, "[::1]:443");
    EXPECT_EQ(config->push.ca, folder_ / "p.pem");
    EXPECT_TRUE(load("[push]\nhosts = []\n" + module_section)->push.hosts.empty());
    EXPECT_EQ(config->csc.authorization_server, server::api::AuthorizationServerForm::servers);
    EXPECT_EQ(config->timestamp.authorities, folder_ / "t.pem");
    ASSERT_EQ(config->modules.size(), 2u);
    EXPECT_EQ(hsm::client::text_of(config->modules[1].endpoint), "tcp:[::1]:7");
    ASSERT_EQ(config->providers.size(), 1u);
    EXPECT_EQ(config->providers[0].dialect, server::hub::Dialect::qd769);
    EXPECT_EQ(config->providers[0].token_url, "https://ca.example:8443/oauth2/token");
    EXPECT_EQ(config->providers[0].secret_file, folder_ / "viettel.secret");
    EXPECT_TRUE(config->providers[0].private_addresses);
}

TEST_F(ConfigTest, TakesHostNamesAndNothingAroundThem) {
    for (const auto* name : {"https://a.example",
                             "a.example:8443",
                             "a.example/",
                             "a.example ",
                             "A.example",
                             "*.example",
                             "cổng.example",
                             "-a.example",
                             "a..example",
                             "a.example."}) {
        const auto config =
            load("[hosts]\nportal = \"" + std::string(name) + "\"\n" + module_section);
        ASSERT_FALSE(config.has_value()) << name;
        EXPECT_NE(config.error().find("hosts.portal must be a host name"), std::string::npos);
    }
    EXPECT_EQ(load("[hosts]\nportal = \"xn--cng-1tb.example\"\n" + module_section)->portal_host,
              "xn--cng-1tb.example");
    EXPECT_EQ(load("[hosts]\nportal = \"\"\n" + module_section)->portal_host, "");
}

TEST_F(ConfigTest, NamesTheKeyThatIsWrongAndWhatItMustBe) {
    const std::pair<const char*, const char*> wrong[] = {
        {"[sever]\nport = 1\n", "unknown section [sever]"},
        {"[server]\nprot = 1\n", "unknown key \"prot\" in [server]"},
        {"server = 1\n", "\"server\" must be a section"},
        {"[server]\nport = 0\n", "server.port must be a whole number from 1 to 65535"},
        {"[server]\nport = 65536\n", "server.port must be a whole number from 1 to 65535"},
        {"[server]\nport = \"1\"\n", "server.port must be a whole number from 1 to 65535"},
        {"[server]\naddresses = []\n", "server.addresses must be a list of IP addresses in quotes"},
        {"[server]\ntrusted_proxies = [\"10.1.2.3/16\"]\n",
         "server.trusted_proxies must be a list of IP addresses or networks (\"10.1.0.0/16\") in "
         "quotes"},
        {"[server]\naddresses = [\"nope\"]\n",
         "server.addresses must be a list of IP addresses in quotes"},
        {"[hosts]\nlogin = \"api.localhost\"\n",
         "two of [hosts] are api.localhost: each needs a name of its own"},
        {"[server]\naddresses = [1]\n",
         "server.addresses must be a list of IP addresses in quotes"},
        {"[hosts]\napi = \"\"\n",
         "hosts.api must be a host name in quotes, in lower case, without https:// or a port "
         "(other "
         "letters as xn--…)"},
        {"[times]\nhold_seconds = 301\n",
         "times.hold_seconds must be a whole number from 1 to 300"},
        {"[push]\nhosts = [\"https://push.example\"]\n",
         "push.hosts must be a list of names in quotes, each with \"*.\" before it or not"},
        {"[push]\ncontact = \"admin\"\n", "push.contact must be a mailto: or https: address"},
        {"[push]\nrelay = \"relay\"\n", "push.relay must be HOST:PORT"},
        {"[mail]\nserver = \"smtp://mail.example:65536\"\n",
         "mail.server must be smtp://HOST:PORT or smtps://HOST:PORT"},
        {"[csc]\nauthorization_server = \"x\"\n",
         "csc.authorization_server must be \"oauth2\", \"issuer\" or \"servers\""},
        {"[csc]\nsignature_qualifier = \"VN\"\n",
         "csc.signature_qualifier must be country_law_type, e.g. \"vn_let_pds\""},
        {"[timestamp]\nurl = \"ftp://x\"\n",
         "timestamp.url must be an http:// or https:// address"},
        {"[timestamp]\nurl = \"http://x\"\n", "[timestamp] needs both url and authorities"},
        {"[timestamp]\nfallback_urls = [\"http://x\"]\n", "[timestamp] fallback_urls needs url"},
        {"[pki]\nhttp_port = 8443\n", "pki.http_port is server.port: each needs a port of its own"},
        {"[external_ca]\nurl = \"http://ca.example/cmp\"\n",
         "[external_ca] url, user, secret_file, certificate and key are of a protocol: protocol = "
         "\"cmp\" or \"est\""},
        {"[external_ca]\nprotocol = \"cmp\"\nurl = \"http://ca.example/cmp\"\n",
         "[external_ca] protocol needs both authorities and url"},
        {"[external_ca]\nprotocol = \"cmp\"\nurl = \"http://ca.example/cmp\"\n"
         "authorities = \"root.pem\"\nuser = \"kyso\"\n",
         "[external_ca] needs user and secret_file, or certificate and key; with EST it may have "
         "both"},
        {"[external_ca]\nprotocol = \"cmp\"\nurl = \"http://ca.example/cmp\"\n"
         "authorities = \"root.pem\"\nuser = \"kyso\"\nsecret_file = \"secret\"\n"
         "certificate = \"ra.pem\"\nkey = \"ra.key\"\n",
         "[external_ca] needs user and secret_file, or certificate and key; with EST it may have "
         "both"},
        {"[external_ca]\nprotocol = \"cmp\"\nurl = \"http://ca.example/cmp\"\n"
         "authorities = \"root.pem\"\nuser = \"kyso\"\nsecret_file = \"secret\"\n"
         "retry_seconds = 90\nlongest_wait_seconds = 89\n",
         "[external_ca] retry_seconds is 90 and longest_wait_seconds 89: the first wait may not be "
         "longer than the longest"},
        {"[external_ca]\nprotocol = \"est\"\nurl = \"https://ca.example/.well-known/est\"\n"
         "authorities = \"root.pem\"\n",
         "[external_ca] needs user and secret_file, or certificate and key; with EST it may have "
         "both"},
        {"[external_ca]\nprotocol = \"est\"\nurl = \"https://ca.example/.well-known/est\"\n"
         "authorities = \"root.pem\"\nuser = \"kyso\"\nsecret_file = \"secret\"\n"
         "recipient = \"CN=CA\"\n",
         "[external_ca] recipient is of CMP"},
        {"[raising]\nretry_seconds = 90\nlongest_wait_seconds = 89\n",
         "[raising] retry_seconds is 90 and longest_wait_seconds 89: the first wait may not be "
         "longer than the longest"},
        {"[module]\n", "write [[module]]: there may be several"},
        {"[[module]]\npsk = \"a.psk\"\n",
         "[[module]] number 1 needs endpoint: \"unix:PATH\", \"tcp:HOST:PORT\", \"serial:PATH\" or "
         "\"uart+unix:PATH\""},
        {"[[module]]\nendpoint = \"nowhere\"\npsk = \"a.psk\"\n",
         "module.endpoint must be \"unix:PATH\", \"tcp:HOST:PORT\", \"serial:PATH\" or "
         "\"uart+unix:PATH\""},
        {"[[provider]]\nname = \"X\"\n",
         "[[provider]] number 1 needs dialect: \"csc\", \"qd769\" or \"sp769\""},
    };
    for (const auto& [text, error] : wrong) {
        // A section of its own kind would be there twice.
        const bool has_module = std::string(text).find("module") != std::string::npos;
        EXPECT_EQ(error_of(has_module ? text : text + module_section), error) << text;
    }
    EXPECT_EQ(error_of(module_section + module_section),
              "two [[module]] have the endpoint unix:run/m.sock");
    EXPECT_EQ(error_of(module_section + provider_section + provider_section),
              "provider.name VIETTEL is taken");
    EXPECT_NE(error_of("[server\n").find("(line 1)"), std::string::npos);
}

TEST_F(ConfigTest, HasNoHostForCertificatesOnceTheApiHasANameOfItsOwn) {
    EXPECT_EQ(load("[hosts]\napi = \"ky.example.vn\"\n" + module_section)->mtls_host, "");
    EXPECT_EQ(load("[hosts]\napi = \"a\"\nmtls = \"m\"\n" + module_section)->mtls_host, "m");
}

TEST_F(ConfigTest, TellsWhatTakesARestart) {
    const auto before = *load(module_section + provider_section);

    EXPECT_TRUE(changes_for_restart(before, before).empty());
    const auto other_keys = *load(
        "[tls]\nkey = \"new.pem\"\n"
        "[[module]]\nendpoint = \"unix:run/m.sock\"\npsk = \"psk/b.psk\"\n" +
        provider_section);
    EXPECT_TRUE(changes_for_restart(before, other_keys).empty());
    const auto other_port =
        *load("[server]\nport = 9443\n[times]\nhold_seconds = 5\n" + module_section +
              "[[module]]\nendpoint = \"unix:run/2.sock\"\npsk = \"2.psk\"\n");
    EXPECT_EQ(changes_for_restart(before, other_port),
              (std::vector<std::string>{
                  "server.port", "times.hold_seconds", "[[module]]", "[[provider]]"}));
}

TEST(ConfigReferenceTest, IsThePageThatIsPublished) {
    const char* source = std::getenv("KYSO_SOURCE");
    ASSERT_NE(source, nullptr);
    std::ifstream page(fs::path(source) / "server/CONFIGURATION.md");
    std::ostringstream text;
    text << page.rdbuf();
    EXPECT_EQ(text.str(), server::config::reference())
        << "write it anew: kyso config reference > server/CONFIGURATION.md";
}

}  // namespace
