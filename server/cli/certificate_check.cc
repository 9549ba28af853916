#include "server/cli/certificate_check.h"

#include "cloudsign/evidence/status_collector.h"
#include "server/push/authority_fetch.h"

namespace server::cli {

Outcome<void> check_not_revoked(const std::vector<cloudsign::Bytes>& chain,
                                const std::string& ca_file) {
    push::OutboundHttp http;
    const cloudsign::SystemClock clock;
    cloudsign::evidence::StatusCollector collector(push::authority_fetch(http, ca_file), clock);
    const auto found = collector.collect(chain, {}, 0);
    if (!found && found.error().kind == cloudsign::ErrorKind::credential_disabled) {
        return Failure{found.error().detail};
    }
    return {};
}

}  // namespace server::cli
