#pragma once

#include "hsm/custodian/custodian.h"
#include "hsm/openssl/p256_key.h"
#include "tests/hostile/bad_input/right_requests.h"
#include "tests/support/module_fixture.h"

namespace tests::hostile {

// A bare module in the middle of its ceremony: provisioned, its KEK made and shared among three
// custodians, one of the two shares that are needed given back.
class BareCeremony {
public:
    BareCeremony();

    // One of each command of the ceremony, right for this module now; `share` and then `finish` end
    // it, `make` and `restore` would begin another.
    std::vector<RightRequest> requests() const;

    support::BareModule module;

private:
    Bytes carried_share(std::size_t custodian) const;

    support::People people_;
    support::TemporaryFolder folder_;
    hsm::openssl::P256Key root_;
    hsm::custodian::CeremonyPapers papers_;
    std::vector<Bytes> shares_;
};

}  // namespace tests::hostile
