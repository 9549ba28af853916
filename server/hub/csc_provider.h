#pragma once

#include <chrono>
#include <mutex>

#include "server/hub/upstream.h"

namespace server::hub {

// A provider that speaks CSC v2: list, authorize with a handle, authorizeCheck, signHash (§13.5).
class CscProvider final : public Provider {
public:
    CscProvider(const ProviderSettings& settings, push::OutboundHttp& http)
        : Provider(settings.name), upstream_(settings, http) {}

    cloudsign::Result<std::vector<HubCertificate>> certificates(
        const std::string& user_id) override;
    cloudsign::Result<boost::json::object> sign(const HubRequest& request) override;
    cloudsign::Result<HubStatus> status(const boost::json::object& reference) override;

private:
    // One call, with a token that is fetched when there is none or it is refused.
    cloudsign::Result<UpstreamAnswer> call(const std::string& method,
                                           const boost::json::object& body);
    cloudsign::Result<std::string> token(bool fresh);
    cloudsign::Result<HubStatus> fetch(boost::json::object reference, const std::string& sad);

    Upstream upstream_;
    std::mutex mutex_;
    std::string token_;
    std::chrono::steady_clock::time_point token_until_;
};

}  // namespace server::hub
