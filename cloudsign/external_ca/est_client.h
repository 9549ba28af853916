#pragma once

#include <string>
#include <vector>

#include "cloudsign/external_ca/ca_connector.h"
#include "cloudsign/external_ca/est_call.h"
#include "cloudsign/external_ca/est_settings.h"

namespace cloudsign::external_ca {

// Asks a certification authority for certificates by EST (RFC 7030, base64 as RFC 8951 has it).
//
// EST has no word for what becomes of an answer: the authority has issued, and is not told that
// `check` refuses its certificate, as CMP's certConf would; it stays good there until somebody has
// it revoked. And a question whose answer is lost on the way is asked again as a new one. What an
// authority wants in a request (§4.5), and a request that is bound to its TLS connection (§3.5),
// there is not: the request was signed by its person, before anybody was connected.
class EstClient final : public CaConnector {
public:
    EstClient(EstSettings settings, EstTransport transport);

    // `invalid`, in words, when request() could not use the settings; nobody is asked.
    Result<void> check_settings() const;

    // POST /simpleenroll (§4.2). The certificate is the first in the answer whose key is the
    // request's; where it comes alone, GET /cacerts (§4.1) is asked for the others, and what goes
    // wrong there is not told.
    //
    // Refused: HTTP 4xx, with the authority's text. AskLater: HTTP 202 (§4.2.3); the next question
    // is the same request again, so that `transaction` is always empty and not looked at, nor is
    // `renews`. The error
    // of `check`; `invalid` for a request that cannot be read, and as check_settings(); `conflict`
    // for a certificate of another key: asking again would have another one issued. `unavailable`,
    // with what to look at, for everything else: nobody answers, HTTP 5xx, 401, 403, 404, and an
    // answer that is no certificate or has more than 256 KiB.
    Result<CaAnswer> request(const CertificateQuestion& question, const Check& check) override;

    // Always an error: EST cannot revoke. `conflict` says who has to be told, and how that is noted
    // here; `invalid` for what is no certificate.
    Result<void> revoke(const Bytes& certificate, pki::RevocationReason reason) override;

private:
    EstCall call_of(const char* operation) const;
    Result<EstReply> ask(const EstCall& call) const;
    Result<Issued> issued_in(const std::string& body, const Bytes& spki) const;
    std::vector<Bytes> ca_certificates() const;

    const EstSettings settings_;
    const EstTransport transport_;
};

}  // namespace cloudsign::external_ca
