#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "hsm/base/result.h"
#include "hsm/client/endpoint.h"
#include "server/api/csc_settings.h"

namespace server::app {

// DIR/kyso.toml, with every path absolute. What is not in the file has the value here.
struct Config {
    std::filesystem::path data;  // DIR itself

    std::vector<std::string> addresses{"127.0.0.1"};
    std::uint16_t port = 8443;
    unsigned pool_threads = 4;        // for what computes for long
    std::size_t requests_max = 4096;  // at once; more are answered 503

    std::string api_host = "api.localhost";
    std::string login_host = "login.localhost";
    std::string approve_host = "approve.localhost";
    std::string office_host = "office.localhost";
    // The API once more, for clients that sign in by TLS certificate; empty: nobody does.
    std::string mtls_host = "mtls.localhost";

    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;

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

    api::CscSettings csc;

    // The time-stamping authority of signatures/timestamp; no url: there is none.
    struct Timestamp {
        std::string url;
        std::filesystem::path authorities;  // PEM
    };
    Timestamp timestamp;

    // Whom the hub asks (server/hub/provider.h), in this order.
    struct Provider {
        std::string name;
        std::string dialect;  // csc | qd769 | sp769
        std::string url;
        std::string token_url;
        std::string client_id;
        std::string secret;
        std::filesystem::path ca;
        bool private_addresses = false;
    };
    std::vector<Provider> providers;

    std::string url_of(const std::string& host) const;
};

// The error is one sentence that names the file, the key and what it must be. Unknown keys are
// errors: a misspelt setting must not be silently ignored.
hsm::Result<Config, std::string> load_config(const std::filesystem::path& data);

}  // namespace server::app
