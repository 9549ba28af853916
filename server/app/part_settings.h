#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/preparation/preparations.h"
#include "cloudsign/push/webhooks.h"
#include "cloudsign/raising/raisings.h"
#include "server/config/config.h"
#include "server/http/router.h"
#include "server/hub/provider.h"
#include "server/net/trusted_proxies.h"
#include "server/push/outbound_mail.h"
#include "server/push/push_sender.h"

// What kyso.toml says, as each part of the server wants to hear it.
namespace server::app {

using config::Config;

std::vector<http::HostName> host_names(const Config& config);
std::string url_if_any(const Config& config, const std::string& host);  // empty: no such host
// What a client may call us when it says for whom its assertion is (RFC 7523 §3).
std::vector<std::string> assertion_audiences(const Config& config);
// Where the CA's public side is, for certificates to name.
cloudsign::pki::PublishedAt published_at(const Config& config);

net::TrustedProxies trusted_proxies(const Config& config);
cloudsign::RetrySchedule webhook_schedule(const Config& config);
cloudsign::RetrySchedule external_ca_schedule(const Config& config);
cloudsign::raising::Rules raising_rules(const Config& config);
cloudsign::preparation::Rules preparation_rules(const Config& config);
push::PushSettings push_settings(const Config& config);

// Each reads the secrets that the file names; the error is one sentence for the operator.
hsm::Result<std::vector<hub::ProviderSettings>, std::string> provider_settings(
    const Config& config);
hsm::Result<push::MailServer, std::string> mail_server(const Config& config);

// Nothing when the file cannot be read; empty where none is named.
std::optional<std::string> text_of_file(const std::filesystem::path& path);
// The certificates that the time-stamping authority's may end in; as text_of_file().
std::optional<std::string> timestamp_authorities(const Config::Timestamp& settings);

}  // namespace server::app
