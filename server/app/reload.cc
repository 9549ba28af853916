#include <algorithm>
#include <spdlog/spdlog.h>

#include "server/app/app.h"
#include "server/app/module_links.h"

namespace server::app {

using hsm::client::LinkSettings;

void App::await_hang_up() {
    hang_ups_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) {
            return;
        }
        const bool taken = pool_.submit([this] {
            if (const auto reloaded = reload(); !reloaded) {
                spdlog::error("nothing reloaded: {}", reloaded.error());
            }
        });
        if (!taken) {
            spdlog::error("nothing reloaded: too much at once; send SIGHUP again");
        }
        await_hang_up();
    });
}

hsm::Result<std::vector<std::string>, std::string> App::reload() {
    const std::lock_guard lock(reload_mutex_);
    TRY_ASSIGN(auto fresh, config::load_config(config_.data));
    auto later = config::changes_for_restart(config_, fresh);
    TRY_ASSIGN(auto links, link_settings(fresh));
    // A key is for the module that it stands beside: those that move wait for the start.
    const bool same_modules = std::ranges::equal(
        config_.modules, links, {}, &Config::Module::endpoint, &LinkSettings::endpoint);
    if (!same_modules) {
        links.clear();
    }
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (!takes(links[i])) {
            return hsm::client::text_of(links[i].endpoint) + " does not take the key " +
                   fresh.modules[i].psk.string() + "; tell the module first";
        }
    }
    TRY_ASSIGN(const auto certificate,
               net::TlsContext::load(fresh.tls_certificate.string(), fresh.tls_key.string()));
    // Under the names that are served, not those of the next start.
    if (const auto faults = certificate->faults(config_.hosts()); !faults.empty()) {
        return fresh.tls_certificate.string() + ": " + faults.front();
    }
    TRY(tls_->reload(fresh.tls_certificate.string(), fresh.tls_key.string()));
    for (std::size_t i = 0; i < links.size(); ++i) {
        modules_.use(i, std::move(links[i].psk));
    }
    for (const auto& key : later) {
        spdlog::warn("{} has changed, and takes effect at the next start", key);
    }
    spdlog::info("certificate and pre-shared keys are read again");
    return later;
}

}  // namespace server::app
