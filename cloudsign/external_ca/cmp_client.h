#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "cloudsign/evidence/fetch.h"
#include "cloudsign/external_ca/ca_connector.h"
#include "cloudsign/external_ca/cmp_settings.h"

namespace cloudsign::external_ca {

// How time passes between two polls; a test's own goes faster.
struct Waiting {
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
    std::function<void(std::chrono::milliseconds)> wait = [](std::chrono::milliseconds time) {
        std::this_thread::sleep_for(time);
    };
};

// Asks a certification authority for certificates and revocations by CMP. Every call is a
// transaction of its own; any thread may make one, which waits until it is over.
//
// An answer counts only when it is protected as the settings say, errors too: `unavailable`, with
// what to look at, for one that is not, for one of another transaction or of more than 256 KiB, for
// what is no CMP, and where nobody answers. So it is for an authority that says itself that it does
// not work at the moment. `conflict` for a certificate for another key, which asking again would
// only multiply; `invalid` when the settings or what is asked about cannot be used.
class CmpClient final : public CaConnector {
public:
    CmpClient(CmpSettings settings, evidence::Fetch fetch, Waiting waiting = {});

    // What request() and revoke() would say of the settings; nobody is asked.
    Result<void> check_settings() const;

    // A certificate for a PKCS #10 request (RFC 4210 §5.3), polled for (§5.3.22) while there is
    // patience. The certificate is for the request's key, `check` has said yes and
    // the authority knows that (certConf, §5.3.18), or the answer is the error of `check`, whose
    // certificate the authority was told is rejected. A transaction is polled for at once, and
    // Refused may mean that the authority has forgotten it.
    Result<CaAnswer> request(const CertificateQuestion& question, const Check& check) override;

    // Revokes a certificate, DER (rr, RFC 4210 §5.3.9); one that is revoked already counts.
    // `conflict` with the authority's words when it refuses.
    Result<void> revoke(const Bytes& certificate, pki::RevocationReason reason) override;

private:
    const CmpSettings settings_;
    const evidence::Fetch fetch_;
    const Waiting waiting_;
};

}  // namespace cloudsign::external_ca
