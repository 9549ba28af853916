#include "server/app/module_links.h"

#include "hsm/base/status.h"
#include "hsm/client/psk.h"
#include "hsm/client/session.h"

namespace server::app {

hsm::Result<std::vector<hsm::client::LinkSettings>, std::string> link_settings(
    const config::Config& config) {
    std::vector<hsm::client::LinkSettings> links;
    for (const auto& module : config.modules) {
        auto psk = hsm::client::load_psk(module.psk);
        if (!psk) {
            return module.psk.string() + ": no usable pre-shared key (" +
                   std::string(hsm::base::status_name(psk.error())) + ")";
        }
        hsm::client::LinkSettings settings;
        settings.endpoint = module.endpoint;
        settings.psk = *std::move(psk);
        links.push_back(std::move(settings));
    }
    return links;
}

bool takes(const hsm::client::LinkSettings& link) {
    constexpr std::chrono::seconds patience{5};
    // On a serial line a second visitor would push out the first.
    if (!hsm::client::is_socket(link.endpoint)) {
        return true;
    }
    const auto session =
        hsm::client::Session::connect(link.endpoint, link.psk, hsm::client::after(patience));
    return session || session.error() != hsm::Status::handshake_failed;
}

}  // namespace server::app
