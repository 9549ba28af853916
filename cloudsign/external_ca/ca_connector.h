#pragma once

#include "cloudsign/external_ca/ca_answer.h"
#include "cloudsign/pki/revocation_list.h"

namespace cloudsign::external_ca {

struct CertificateQuestion {
    Bytes pkcs10;         // the request, DER
    Bytes renews{};       // this authority's certificate that the key has now, DER; or empty
    Bytes transaction{};  // AskLater's of the same request; or empty
};

// An authority that is asked over a network, by whatever protocol it speaks. Each call waits until
// it is over; one thread.
class CaConnector {
public:
    CaConnector() = default;
    CaConnector(const CaConnector&) = delete;
    CaConnector& operator=(const CaConnector&) = delete;
    virtual ~CaConnector() = default;

    // A certificate, of which `check` has said yes before the authority was told.
    virtual Result<CaAnswer> request(const CertificateQuestion& question, const Check& check) = 0;

    // One that is revoked already counts. `conflict`, in the authority's words, when it refuses.
    virtual Result<void> revoke(const Bytes& certificate, pki::RevocationReason reason) = 0;
};

}  // namespace cloudsign::external_ca
