#pragma once

#include "server/hub/upstream.h"

namespace server::hub {

// A provider that speaks QD 769 in either shape.
class Qd769Provider final : public Provider {
public:
    Qd769Provider(const ProviderSettings& settings, push::OutboundHttp& http)
        : Provider(settings.name), upstream_(settings, http) {}

    cloudsign::Result<std::vector<HubCertificate>> certificates(
        const std::string& user_id) override;
    cloudsign::Result<boost::json::object> sign(const HubRequest& request) override;
    cloudsign::Result<HubStatus> status(const boost::json::object& reference) override;

private:
    bool is_flat() const { return upstream_.settings().dialect == Dialect::sp769; }
    std::string path(std::string_view flat, std::string_view nested) const;
    boost::json::object who() const;
    // The answer's status_code, which may stand in the body alone.
    cloudsign::Error refused(const UpstreamAnswer& answer) const;

    Upstream upstream_;
};

}  // namespace server::hub
