#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "hsm/base/result.h"
#include "hsm/client/endpoint.h"
#include "hsm/protocol/types.h"
#include "server/api/csc_settings.h"
#include "server/hub/dialect.h"

namespace server::config {

// DIR/kyso.toml, with every path absolute. What is not in the file has the value here;
// settings.h says what each may be.
struct Config {
    std::filesystem::path data;  // DIR itself

    std::vector<std::string> addresses{"127.0.0.1"};
    std::vector<std::string> trusted_proxies;  // addresses and networks: IpNetwork::read()
    std::uint16_t port = 8443;
    unsigned pool_threads = 4;        // for what computes for long
    std::size_t requests_max = 4096;  // at once; more are answered 503

    std::string api_host = "api.localhost";
    std::string login_host = "login.localhost";
    std::string approve_host = "approve.localhost";
    std::string office_host = "office.localhost";
    std::string portal_host;  // empty: there is no signing portal
    // The API once more, for clients that sign in by TLS certificate; empty: nobody does.
    std::string mtls_host = "mtls.localhost";

    std::filesystem::path tls_certificate = "tls/cert.pem";
    std::filesystem::path tls_key = "tls/key.pem";

    struct Module {
        hsm::client::Endpoint endpoint;
        std::filesystem::path psk;
    };
    std::vector<Module> modules;

    std::chrono::seconds answer_time{10 * 60};
    std::chrono::seconds sign_time{60 * 60};
    std::chrono::seconds hold_time{55};

    // What portals are told (server/push/webhook_sender.h).
    std::chrono::seconds webhook_deadline{10};
    std::chrono::seconds webhook_retry{10};
    std::chrono::seconds webhook_give_up{24 * 60 * 60};
    std::filesystem::path webhook_ca;  // trusted beside the system's authorities; empty: only those

    // Of keys that are made from now on.
    hsm::protocol::BackupPolicy synced_passkeys = hsm::protocol::BackupPolicy::allowed;

    // Hints to phones (server/push/push_sender.h).
    struct Push {
        // What browsers subscribe at: Chromium's, Firefox's, Safari's, Edge's.
        std::vector<std::string> hosts{"fcm.googleapis.com",
                                       "jmt17.google.com",
                                       "*.push.services.mozilla.com",
                                       "*.push.apple.com",
                                       "*.notify.windows.com"};
        std::string contact;  // empty: the approve host
        std::chrono::seconds deadline{10};
        std::string relay;         // HOST:PORT; empty: straight to the push service
        std::filesystem::path ca;  // trusted beside the system's authorities
    };
    Push push;

    // Notices to people (server/push/mail_sender.h).
    struct Mail {
        std::string server;  // smtp://HOST:PORT or smtps://HOST:PORT; empty: nobody is told
        std::string from;
        std::string user;                     // empty: no authentication
        std::filesystem::path password_file;  // one line
        enum class Tls { required, none };
        Tls tls = Tls::required;
        std::filesystem::path ca;  // trusted in place of the system's authorities
        std::chrono::seconds deadline{20};
    };
    Mail mail;

    api::CscSettings csc;

    // Where relying parties reach /pki, and under which policy time-stamps are made.
    struct Pki {
        std::string url;                    // empty: the API's, https unless there is a http_port
        std::uint16_t http_port = 0;        // without TLS; 0: none
        std::string policy = "2.999.3161";  // an example's arc (RFC 3061): name your own
    };
    Pki pki;

    // The time-stamping authority of signatures; no url: our own.
    struct Timestamp {
        std::string url;
        std::vector<std::string> fallback_urls;  // asked in this order where the one before fails
        std::filesystem::path authorities;       // PEM
    };
    Timestamp timestamp;

    // How many documents are kept of a kind (cloudsign/stock_bounds.h).
    struct Stock {
        std::int64_t documents_max = 1000;
        std::int64_t megabytes_max = 512;
        std::int64_t client_documents_max = 250;
        std::int64_t client_megabytes_max = 128;
    };

    // An authority outside that certifies people's keys (cloudsign/external_ca/external_ca.h).
    struct ExternalCa {
        std::filesystem::path authorities;  // PEM; empty: there is none
        bool new_keys = true;
        enum class Protocol { by_hand, cmp, est };
        Protocol protocol = Protocol::by_hand;
        std::string url;
        std::string user;                   // who we are to it
        std::filesystem::path secret_file;  // one line
        std::filesystem::path certificate;  // PEM, ours there
        std::filesystem::path key;
        enum class Asking { p10cr, ir, cr };
        Asking request = Asking::p10cr;  // of CMP
        std::string recipient;           // RFC 4514; may be empty
        std::filesystem::path ca;        // trusted in HTTPS beside the system's
        std::chrono::seconds retry{60};
        std::chrono::seconds longest_wait{60 * 60};
        std::chrono::seconds give_up{30 * 24 * 60 * 60};
    };
    ExternalCa external_ca;

    // Signed documents that missed their level (cloudsign/raising/raisings.h).
    struct Raising : Stock {
        std::chrono::seconds retry{60};
        std::chrono::seconds longest_wait{60 * 60};
        std::chrono::seconds give_up{7 * 24 * 60 * 60};
        std::chrono::seconds keep{7 * 24 * 60 * 60};
        std::chrono::seconds keep_fetched{60 * 60};
    };
    Raising raising;

    // Documents of documents/prepare (cloudsign/preparation/preparations.h).
    struct Preparation : Stock {
        std::chrono::seconds keep{24 * 60 * 60};
        std::chrono::seconds keep_finished{10 * 60};
    };
    Preparation preparation{{10'000, 1024, 2500, 256}};

    // PEM: whom the verifier believes beside our own authority; empty: nobody.
    std::filesystem::path verify_authorities;

    // Whoever sends what stands in it reads /metrics; no such file: nobody does.
    std::filesystem::path metrics_token = "metrics-token";

    // Whom the hub asks (server/hub/provider.h), in this order.
    struct Provider {
        std::string name;
        hub::Dialect dialect = hub::Dialect::csc;
        std::string url;
        std::string token_url;
        std::string client_id;
        std::filesystem::path
            secret_file;  // one line, as `kyso client add --secret-file` writes it
        std::filesystem::path ca;
        bool private_addresses = false;
    };
    std::vector<Provider> providers;

    std::string url_of(const std::string& host) const;
    // Every name of the server; the certificate must cover them.
    std::vector<std::string> hosts() const;
};

// The error is one sentence that names the file, the key and what it must be. Unknown keys are
// errors: a misspelt setting must not be silently ignored.
hsm::Result<Config, std::string> load_config(const std::filesystem::path& data);

// The keys that differ and take effect at a start alone.
std::vector<std::string> changes_for_restart(const Config& before, const Config& after);

}  // namespace server::config
