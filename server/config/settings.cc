#include "server/config/settings.h"

#include <algorithm>
#include <arpa/inet.h>
#include <regex>

#include "cloudsign/notice/mail_address.h"
#include "server/config/kinds.h"
#include "server/net/ip_network.h"

namespace server::config {
namespace {

bool is_ip_address(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET, text.c_str(), &address) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool is_ip_network(const std::string& text) {
    return net::IpNetwork::read(text).has_value();
}

Kind endpoint() {
    return {"\"unix:PATH\", \"tcp:HOST:PORT\", \"serial:PATH\" or \"uart+unix:PATH\"",
            [](Value value, Config& config, std::size_t index) {
                const auto parsed =
                    hsm::client::parse_endpoint(value.value_exact<std::string>().value_or(""));
                if (parsed) {
                    config.modules[index].endpoint = *parsed;
                }
                return parsed.has_value();
            },
            [](const Config& config, std::size_t index) {
                const auto text = hsm::client::text_of(config.modules[index].endpoint);
                return text == "unix:" ? "" : quoted(text);
            },
            [](Config& config, std::size_t index) {
                auto& there = config.modules[index].endpoint;
                if (auto* path = std::get_if<hsm::client::UnixPath>(&there)) {
                    path->path = (config.data / path->path).string();
                } else if (auto* line = std::get_if<hsm::client::FramedUnixPath>(&there)) {
                    line->path = (config.data / line->path).string();
                }
            }};
}

// ISO 3166-1 country, law, kind (CSC v2 §11.11).
bool is_qualifier(const std::string& given) {
    static const std::regex form("[a-z]{2}_[a-z0-9]{1,24}_[a-z0-9]{1,24}");
    return std::regex_match(given, form);
}

bool is_oid(const std::string& text) {
    static const std::regex form("[0-2](\\.(0|[1-9][0-9]{0,17})){1,20}");
    return std::regex_match(text, form);
}

bool is_http_url(const std::string& given) {
    return given.starts_with("http://") || given.starts_with("https://");
}

// No slash at its end, so that paths can be added.
bool is_base_url(const std::string& given) {
    return given.starts_with("https://") && !given.ends_with('/');
}

bool is_host_pattern(const std::string& given) {
    static const std::regex form(R"((\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*)");
    return std::regex_match(given, form);
}

// RFC 1123 §2.1, as browsers write it in an origin: names in other letters as "xn--…".
bool is_host_name(const std::string& given) {
    static const std::regex form(
        R"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*)");
    constexpr std::size_t size_max = 253;
    return given.size() <= size_max && std::regex_match(given, form);
}

template <auto... path>
Kind host_name(Empty empty = Empty::refused) {
    const std::string form =
        "a host name in quotes, in lower case, without https:// or a port (other letters as xn--…)";
    return text<path...>(
        empty == Empty::taken ? form + ", or \"\" for none" : form, is_host_name, empty);
}

// RFC 8292 §2.1.
bool is_contact(const std::string& given) {
    static const std::regex form("(mailto:|https://)[!-~]+");
    return std::regex_match(given, form);
}

bool is_relay(const std::string& given) {
    static const std::regex form(R"(([a-z0-9.-]+|\[[0-9a-f:.]+\]):[0-9]{1,5})");
    return std::regex_match(given, form);
}

bool is_mail_server(const std::string& given) {
    static const std::regex form(R"(smtps?://([A-Za-z0-9.-]+|\[[0-9a-f:.]+\]):([0-9]{1,5}))");
    constexpr unsigned long port_max = 65535;
    std::smatch parts;
    if (!std::regex_match(given, parts, form)) {
        return false;
    }
    const auto port = std::stoul(parts[2].str());
    return port > 0 && port <= port_max;
}

bool is_mail_address(const std::string& given) {
    return cloudsign::notice::is_mail_address(given);
}

constexpr std::string_view base_url_form = "an https:// address without a slash at its end";
constexpr std::int64_t hour = 3600;
constexpr std::int64_t day = 24 * hour;

std::vector<Section> all_sections() {
    using C = Config;
    using Module = Config::Module;
    using Provider = Config::Provider;
    using Push = Config::Push;
    using Mail = Config::Mail;
    using Csc = api::CscSettings;
    const std::string base_url(base_url_form);
    return {
        {"server",
         "Where the server listens, and how much it takes on.",
         {{"addresses",
           list<&C::addresses>("a list of IP addresses in quotes", Empty::refused, is_ip_address),
           "IP addresses of the host to listen on"},
          {"trusted_proxies",
           list<&C::trusted_proxies>(
               "a list of IP addresses or networks (\"10.1.0.0/16\") in quotes",
               Empty::taken,
               is_ip_network),
           "reverse proxies in front of this server: of what comes from them, the sender is the "
           "last "
           "address in `X-Forwarded-For` that is none of theirs, in the log and where guesses are "
           "counted; from anybody else that header means nothing"},
          {"port", whole<&C::port>(1, 65535), "TCP port; part of the origin that modules know"},
          {"pool_threads", whole<&C::pool_threads>(1, 512), "threads for what computes for long"},
          {"requests_max",
           whole<&C::requests_max>(1, 16384),
           "requests at once; more are answered 503"}}},
        {"hosts",
         "Names of the server; the certificate in `[tls]` must cover them. "
         "What a page of one may do, no page of another can.",
         {{"api", host_name<&C::api_host>(), "CSC, OAuth 2, QĐ 769: what portals call"},
          {"login", host_name<&C::login_host>(), "sign-in pages"},
          {"approve",
           host_name<&C::approve_host>(),
           "the phone's app; the origin that modules know"},
          {"office", host_name<&C::office_host>(), "the office's pages"},
          {"portal",
           host_name<&C::portal_host>(Empty::taken),
           "the signing portal's pages, `portal.localhost` in a folder that `kyso up` makes; "
           "without it "
           "there is none"},
          {"mtls",
           host_name<&C::mtls_host>(Empty::taken),
           "the API for clients with a TLS certificate; none once `api` is set and this is not"}}},
        {"tls",
         "The server's own certificate.",
         {{"certificate",
           file<&C::tls_certificate>(),
           "PEM: the server's certificate, then what chains it to a root",
           Takes::reload},
          {"key", file<&C::tls_key>(), "PEM: its private key, not encrypted", Takes::reload}}},
        {"times",
         "How long things may take, in seconds.",
         {{"answer_seconds",
           seconds<&C::answer_time>(10, hour),
           "until a request that nobody answers is over"},
          // The module grants an activation four hours at most.
          {"sign_seconds",
           seconds<&C::sign_time>(10, 3 * hour),
           "from the approval until a portal must have asked for its signatures"},
          {"hold_seconds",
           seconds<&C::hold_time>(1, 300),
           "how long an authorize call of CSC v1 or RSSP is held open"}}},
        {"webhook",
         "What portals are told without asking.",
         {{"deadline_seconds", seconds<&C::webhook_deadline>(1, 60), "for one delivery"},
          {"retry_seconds",
           seconds<&C::webhook_retry>(1, hour),
           "until the first retry; doubled after each"},
          {"give_up_seconds", seconds<&C::webhook_give_up>(1, 30 * day), "until the last one"},
          {"ca", file<&C::webhook_ca>(), "PEM: authorities trusted beside the system's"}}},
        {"phones",
         "What is asked of the phones that approve.",
         {{"synced_passkeys",
           choice<&C::synced_passkeys>({"refused", "allowed"}),
           "whether the passkey of a new key may be one that an account copies to other devices; "
           "refused, the module takes no approval by such a one, ever"}}},
        {"push",
         "Hints to phones that something waits (Web Push); the phone's list of what waits needs "
         "none.",
         {{"hosts",
           list<&C::push, &Push::hosts>(
               "a list of names in quotes, each with \"*.\" before it or not",
               Empty::taken,
               is_host_pattern),
           "push services at which phones may subscribe; `*.` stands for every name under it"},
          {"contact",
           text<&C::push, &Push::contact>("a mailto: or https: address", is_contact),
           "whom a push service may write to about this server; without it `hosts.approve`"},
          {"deadline_seconds",
           seconds<&C::push, &Push::deadline>(1, 60),
           "for one attempt to tell a push service"},
          {"relay",
           text<&C::push, &Push::relay>("HOST:PORT", is_relay),
           "what carries the connections to push services, unopened, where the server itself may "
           "not reach the internet"},
          {"ca", file<&C::push, &Push::ca>(), "PEM: authorities trusted beside the system's"}}},
        {"mail",
         "Notices to people about their keys, phones and sign-ins; the addresses are the signers'.",
         {{"server",
           text<&C::mail, &Mail::server>("smtp://HOST:PORT or smtps://HOST:PORT", is_mail_server),
           "what takes our mail; without it nothing is sent"},
          {"from",
           text<&C::mail, &Mail::from>("an address, NAME@HOST", is_mail_address),
           "whom mail comes from"},
          {"user", text<&C::mail, &Mail::user>(), "by which the mail server knows us"},
          {"password_file", file<&C::mail, &Mail::password_file>(), "holds its password, one line"},
          {"tls",
           choice<&C::mail, &Mail::tls>({"required", "none"}),
           "of smtp://: whether nothing is said before STARTTLS"},
          {"ca", file<&C::mail, &Mail::ca>(), "PEM: authorities trusted in place of the system's"},
          {"deadline_seconds", seconds<&C::mail, &Mail::deadline>(1, 120), "for one mail"}}},
        {"csc",
         "What `info` of CSC says.",
         {{"authorization_server",
           choice<&C::csc, &Csc::authorization_server>({"oauth2", "issuer", "servers"}),
           "the form in which v2's info names it; v2.0 knows the first two"},
          {"signature_qualifier",
           text<&C::csc, &Csc::signature_qualifier>("country_law_type, e.g. \"vn_let_pds\"",
                                                    is_qualifier),
           "of every credential here (CSC v2 §11.11)"}}},
        {"pki",
         "The built-in CA's public side: certificate, revocation list, OCSP, time-stamps.",
         {{"url",
           text<&C::pki, &C::Pki::url>("an http:// or https:// address", is_http_url),
           "what stands for this server's `/pki` in certificates that are issued from now on, e.g. "
           "\"http://pki.example/pki\" at a proxy that needs no TLS; left out: the API's own, at "
           "`http_port` where there is one"},
          {"http_port",
           whole<&C::pki, &C::Pki::http_port>(1, 65535),
           "TCP port, at `server.addresses`, on which `/pki` and `/.well-known/cmp` alone are "
           "answered, without TLS, for readers that follow no https address in a certificate (NSS, "
           "Acrobat, "
           "OpenSSL); left out: none"},
          {"policy",
           text<&C::pki, &C::Pki::policy>("an OID, e.g. \"1.3.6.1.4.1.99999.1\"", is_oid),
           "of the time-stamping authority (RFC 3161)"}}},
        {"timestamp",
         "The time-stamping authority of signatures/timestamp, of signatures/signDoc from B-T on "
         "and "
         "of `kyso sign`; without it, our own once it has a key, and until then there is none.",
         {{"url",
           text<&C::timestamp, &C::Timestamp::url>("an http:// or https:// address", is_http_url),
           "RFC 3161 over HTTP"},
          {"fallback_urls",
           list<&C::timestamp, &C::Timestamp::fallback_urls>(
               "a list of http:// or https:// addresses in quotes", Empty::taken, is_http_url),
           "authorities that are asked in this order where the one before gives no time-stamp that "
           "stands"},
          {"authorities",
           file<&C::timestamp, &C::Timestamp::authorities>(),
           "PEM: what its certificate must chain to; needed with `url`"}}},
        {"external_ca",
         "An authority outside that certifies people's keys, beside the built-in CA or in its "
         "place "
         "(cloudsign/external_ca/EXTERNAL_CA.md).",
         {{"authorities",
           file<&C::external_ca, &C::ExternalCa::authorities>(),
           "PEM: what its certificates must chain to; without it there is none"},
          {"new_keys",
           flag<&C::external_ca, &C::ExternalCa::new_keys>(),
           "whether the phone of a new key is asked to request a certificate there as soon as an "
           "officer has confirmed it; otherwise the built-in CA's officers are, and only `kyso "
           "credential request` asks the authority outside"},
          {"protocol",
           choice<&C::external_ca, &C::ExternalCa::protocol>({"by hand", "cmp", "est"}),
           "how requests get there and certificates back: by `kyso credential csr` and `import`, "
           "or over the network, by CMP (RFC 4210) or EST (RFC 7030)"},
          {"url",
           text<&C::external_ca, &C::ExternalCa::url>("an http:// or https:// address",
                                                      is_http_url),
           "where it is asked; of EST https://HOST/.well-known/est, with a label behind it where "
           "the "
           "authority has several"},
          {"user",
           text<&C::external_ca, &C::ExternalCa::user>(),
           "who we are to it, with `secret_file`: of CMP the reference value of the secret, of EST "
           "the name for HTTP's Basic authentication"},
          {"secret_file",
           file<&C::external_ca, &C::ExternalCa::secret_file>(),
           "one line: the secret that goes with it"},
          {"certificate",
           file<&C::external_ca, &C::ExternalCa::certificate>(),
           "PEM: our own certificate there (a registration authority's), then what chains it to a "
           "root: of CMP in place of a secret, of EST shown in TLS"},
          {"key",
           file<&C::external_ca, &C::ExternalCa::key>(),
           "PEM: its private key, not encrypted"},
          {"request",
           choice<&C::external_ca, &C::ExternalCa::request>({"p10cr", "ir", "cr"}),
           "of CMP: what a certificate is asked for by; \"ir\" and \"cr\", with kur for another "
           "one of a key, say raVerified, which the authority has to allow us"},
          {"recipient",
           text<&C::external_ca, &C::ExternalCa::recipient>("a name as RFC 4514 writes it"),
           "of CMP: the authority's own name, where it asks for it; who has a certificate by that "
           "name may sign its answers, as may the authorities themselves"},
          {"ca",
           file<&C::external_ca, &C::ExternalCa::ca>(),
           "PEM: authorities trusted in HTTPS beside the system's"},
          {"retry_seconds",
           seconds<&C::external_ca, &C::ExternalCa::retry>(1, hour),
           "until it is asked again where nobody has answered; doubled after each time"},
          {"longest_wait_seconds",
           seconds<&C::external_ca, &C::ExternalCa::longest_wait>(1, day),
           "between two of them at most"},
          {"give_up_seconds",
           seconds<&C::external_ca, &C::ExternalCa::give_up>(1, 365 * day),
           "until the last one, of an authority that wants time to decide too"}}},
        {"raising",
         "Signed documents that missed the level that signatures/signDoc was asked for since an "
         "authority failed: they are kept, raised again until they have it, and fetched with "
         "signatures/raisedDocument.",
         {{"retry_seconds",
           seconds<&C::raising, &C::Raising::retry>(1, hour),
           "until the first retry; doubled after each"},
          {"longest_wait_seconds",
           seconds<&C::raising, &C::Raising::longest_wait>(1, day),
           "between two retries at most"},
          {"give_up_seconds",
           seconds<&C::raising, &C::Raising::give_up>(1, 90 * day),
           "until the last one; then the document stays at the level that it has reached"},
          {"documents_max",
           whole<&C::raising, &C::Raising::documents_max>(0, 100'000),
           "documents that are kept at most, those that wait to be fetched among them; of more the "
           "answer of signDoc says that they are not kept; 0: none are"},
          {"megabytes_max",
           whole<&C::raising, &C::Raising::megabytes_max>(1, 1024 * 1024),
           "of all of them together, at most"},
          {"client_documents_max",
           whole<&C::raising, &C::Raising::client_documents_max>(0, 100'000),
           "of them one client's, so that there is room for the others"},
          {"client_megabytes_max",
           whole<&C::raising, &C::Raising::client_megabytes_max>(1, 1024 * 1024),
           "of one client's together"},
          {"keep_seconds",
           seconds<&C::raising, &C::Raising::keep>(60, 90 * day),
           "how long a document that is raised, or given up, waits to be fetched"},
          {"keep_fetched_seconds",
           seconds<&C::raising, &C::Raising::keep_fetched>(1, 30 * day),
           "how long it can be fetched again after that"}}},
        {"prepare",
         "Documents that documents/prepare has made ready for a signature: they are kept until "
         "documents/finish puts it in.",
         {{"documents_max",
           whole<&C::preparation, &C::Preparation::documents_max>(0, 1'000'000),
           "documents that are kept at most, those that were just finished among them; one more is "
           "refused with 429; 0: none are"},
          {"megabytes_max",
           whole<&C::preparation, &C::Preparation::megabytes_max>(1, 1024 * 1024),
           "of all of them together, at most"},
          {"client_documents_max",
           whole<&C::preparation, &C::Preparation::client_documents_max>(0, 1'000'000),
           "of them one client's, so that there is room for the others"},
          {"client_megabytes_max",
           whole<&C::preparation, &C::Preparation::client_megabytes_max>(1, 1024 * 1024),
           "of one client's together"},
          {"keep_seconds",
           seconds<&C::preparation, &C::Preparation::keep>(1, 30 * day),
           "how long a document waits to be finished"},
          {"keep_finished_seconds",
           seconds<&C::preparation, &C::Preparation::keep_finished>(1, day),
           "how long a finished one is answered again to whoever has lost the answer"}}},
        {"verify",
         "Whose signatures `POST /verify` judges, beside those of the built-in CA and of "
         "external_ca.authorities.",
         {{"authorities",
           file<&C::verify_authorities>(),
           "PEM: the authorities that are believed"}}},
        {"metrics",
         "What Prometheus reads at `/metrics` of the API host.",
         {{"token",
           file<&C::metrics_token>(),
           "one line of at least 32 characters: what Prometheus sends as its bearer token "
           "(`credentials_file`); read at each request, and without the file nobody is answered"}}},
        {"module",
         "Each module of the group; at least one.",
         {{"endpoint", endpoint(), "where it is reached", Takes::restart, true},
          {"psk",
           file<&C::modules, &Module::psk>(),
           "`<identity>.psk`: who this server is to the module",
           Takes::reload,
           true}},
         [](const Config& config) { return config.modules.size(); },
         [](Config& config) { config.modules.emplace_back(); }},
        {"provider",
         "Each other provider that `/sign_v2` asks, in this order (cloudsign/qd769/QD769.md).",
         {{"name", text<&C::providers, &Provider::name>(), "`ca_name` of it", Takes::restart, true},
          {"dialect",
           choice<&C::providers, &Provider::dialect>({"csc", "qd769", "sp769"}),
           "what it speaks: CSC v2, or QĐ 769 in NEAC's or VNPT's form",
           Takes::restart,
           true},
          {"url",
           text<&C::providers, &Provider::url>(base_url, is_base_url),
           "what its paths are added to",
           Takes::restart,
           true},
          {"token_url",
           text<&C::providers, &Provider::token_url>(base_url, is_base_url),
           "of a CSC provider; without it `/oauth2/token` on the host of `url`"},
          {"client_id",
           text<&C::providers, &Provider::client_id>(),
           "who we are to it",
           Takes::restart,
           true},
          {"secret_file",
           file<&C::providers, &Provider::secret_file>(),
           "one line: the secret that goes with it",
           Takes::restart,
           true},
          {"ca",
           file<&C::providers, &Provider::ca>(),
           "PEM: authorities trusted beside the system's"},
          {"private_addresses",
           flag<&C::providers, &Provider::private_addresses>(),
           "whether its name may stand for an address of a private network"}},
         [](const Config& config) { return config.providers.size(); },
         [](Config& config) { config.providers.emplace_back(); }},
    };
}

}  // namespace

const std::vector<Section>& sections() {
    static const auto all = all_sections();
    return all;
}

}  // namespace server::config
