#include "server/app/part_settings.h"

#include <fstream>
#include <sstream>

#include "hsm/base/check.h"

namespace server::app {

std::vector<http::HostName> host_names(const Config& config) {
    std::vector<http::HostName> names{{config.api_host, http::Host::api},
                                      {config.login_host, http::Host::login},
                                      {config.approve_host, http::Host::approve},
                                      {config.office_host, http::Host::office}};
    if (!config.mtls_host.empty()) {
        names.push_back({config.mtls_host, http::Host::api});
    }
    if (!config.portal_host.empty()) {
        names.push_back({config.portal_host, http::Host::portal});
    }
    return names;
}

std::string url_if_any(const Config& config, const std::string& host) {
    return host.empty() ? "" : config.url_of(host);
}

std::vector<std::string> assertion_audiences(const Config& config) {
    const auto issuer = config.url_of(config.api_host);
    std::vector<std::string> audiences{issuer};
    for (const auto* path : {"/oauth2/token", "/oauth2/pushed_authorize"}) {
        audiences.push_back(issuer + path);
        if (!config.mtls_host.empty()) {
            audiences.push_back(config.url_of(config.mtls_host) + path);
        }
    }
    return audiences;
}

hsm::Result<std::vector<hub::ProviderSettings>, std::string> provider_settings(
    const Config& config) {
    std::vector<hub::ProviderSettings> settings;
    for (const auto& one : config.providers) {
        hub::ProviderSettings provider;
        provider.name = one.name;
        provider.dialect = one.dialect;
        provider.url = one.url;
        provider.token_url = one.token_url;
        provider.client_id = one.client_id;
        std::ifstream in(one.secret_file);
        if (!std::getline(in, provider.secret) || provider.secret.empty()) {
            return one.secret_file.string() + ": holds no secret for provider " + one.name;
        }
        provider.ca_file = one.ca.string();
        provider.private_addresses = one.private_addresses;
        settings.push_back(std::move(provider));
    }
    return settings;
}

cloudsign::pki::PublishedAt published_at(const Config& config) {
    auto base = config.pki.url;
    if (base.empty()) {
        constexpr std::uint16_t usual = 80;
        const auto port = config.pki.http_port;
        base = (port == 0 ? config.url_of(config.api_host)
                          : "http://" + config.api_host +
                                (port == usual ? "" : ":" + std::to_string(port))) +
               "/pki";
    }
    return {base + "/ca.cer", base + "/ocsp", base + "/ca.crl"};
}

net::TrustedProxies trusted_proxies(const Config& config) {
    net::TrustedProxies proxies;
    for (const auto& text : config.trusted_proxies) {
        const auto network = net::IpNetwork::read(text);
        CHECK(network.has_value());  // as its row in settings.cc wants
        proxies.push_back(*network);
    }
    return proxies;
}

cloudsign::RetrySchedule webhook_schedule(const Config& config) {
    cloudsign::RetrySchedule schedule;
    schedule.first_retry_ms = config.webhook_retry.count() * 1000;
    schedule.give_up_ms = config.webhook_give_up.count() * 1000;
    return schedule;
}

namespace {

std::int64_t ms(std::chrono::seconds time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
}

cloudsign::StockBounds stock_bounds(const Config::Stock& stock) {
    constexpr std::int64_t megabyte = 1024 * 1024;
    return {stock.documents_max,
            stock.megabytes_max * megabyte,
            stock.client_documents_max,
            stock.client_megabytes_max * megabyte};
}

}  // namespace

cloudsign::RetrySchedule external_ca_schedule(const Config& config) {
    const auto& outside = config.external_ca;
    return {ms(outside.retry), ms(outside.longest_wait), ms(outside.give_up)};
}

cloudsign::raising::Rules raising_rules(const Config& config) {
    const auto& raising = config.raising;
    cloudsign::raising::Rules rules{stock_bounds(raising)};
    rules.schedule = {ms(raising.retry), ms(raising.longest_wait), ms(raising.give_up)};
    rules.keep_ms = ms(raising.keep);
    rules.keep_fetched_ms = ms(raising.keep_fetched);
    return rules;
}

cloudsign::preparation::Rules preparation_rules(const Config& config) {
    cloudsign::preparation::Rules rules{stock_bounds(config.preparation)};
    rules.keep_ms = ms(config.preparation.keep);
    rules.keep_finished_ms = ms(config.preparation.keep_finished);
    return rules;
}

push::PushSettings push_settings(const Config& config) {
    push::PushSettings settings;
    settings.approve_url = config.url_of(config.approve_host);
    settings.contact = config.push.contact.empty() ? settings.approve_url : config.push.contact;
    settings.deadline = config.push.deadline;
    settings.relay = config.push.relay;
    settings.ca_file = config.push.ca.string();
    return settings;
}

hsm::Result<push::MailServer, std::string> mail_server(const Config& config) {
    push::MailServer server;
    const auto& mail = config.mail;
    if (!mail.password_file.empty()) {
        std::ifstream in(mail.password_file);
        if (!std::getline(in, server.password) || server.password.empty()) {
            return mail.password_file.string() + ": holds no password for the mail server";
        }
    }
    server.url = mail.server;
    server.from = mail.from;
    server.user = mail.user;
    server.tls = mail.tls == Config::Mail::Tls::required ? push::MailServer::Tls::required
                                                         : push::MailServer::Tls::none;
    server.ca_file = mail.ca.string();
    server.own_name = config.api_host;
    server.deadline = mail.deadline;
    return server;
}

std::optional<std::string> text_of_file(const std::filesystem::path& path) {
    std::ostringstream text;
    if (!path.empty()) {
        std::ifstream file(path, std::ios::binary);
        if (!file || !(text << file.rdbuf())) {
            return std::nullopt;
        }
    }
    return text.str();
}

std::optional<std::string> timestamp_authorities(const Config::Timestamp& settings) {
    return settings.url.empty() ? std::optional<std::string>("")
                                : text_of_file(settings.authorities);
}

}  // namespace server::app
