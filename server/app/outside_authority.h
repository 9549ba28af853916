#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cloudsign/external_ca/ca_connector.h"
#include "server/config/config.h"
#include "server/push/outbound_http.h"

namespace server::app {

// The authority outside, as [external_ca] says how it is asked over the network.
class OutsideAuthority {
public:
    // nullptr where requests and certificates go by hand. Reads the secrets that the settings name;
    // the error is one sentence for the operator. `anchors`: external_ca.authorities, DER.
    static hsm::Result<std::unique_ptr<OutsideAuthority>, std::string> open(
        const config::Config::ExternalCa& settings, const std::vector<cloudsign::Bytes>& anchors);

    OutsideAuthority(const OutsideAuthority&) = delete;
    OutsideAuthority& operator=(const OutsideAuthority&) = delete;

    cloudsign::external_ca::CaConnector& connector() { return *connector_; }

    // Whatever waits for the authority is answered that nobody can be asked any more. Any thread,
    // more than once.
    void stop();

private:
    OutsideAuthority() = default;

    hsm::Result<void, std::string> open_cmp(const config::Config::ExternalCa& settings,
                                            const std::vector<cloudsign::Bytes>& anchors);
    hsm::Result<void, std::string> open_est(const config::Config::ExternalCa& settings);
    void wait(std::chrono::milliseconds time);

    push::OutboundHttp http_;
    std::mutex mutex_;
    std::condition_variable stopping_changed_;
    bool stopping_ = false;
    std::unique_ptr<cloudsign::external_ca::CaConnector> connector_;
};

}  // namespace server::app
