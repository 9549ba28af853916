#pragma once

#include <map>

#include "cloudsign/clock.h"
#include "cloudsign/document/pdf_security_store.h"
#include "cloudsign/evidence/fetch.h"
#include "cloudsign/pki/status_check.h"

namespace cloudsign::evidence {

using document::ValidationData;

// What `known` holds for every certificate of `chain` (leaf first, anchor last), and for who
// answered: nothing is asked. `not_found` when something is missing that was still current at
// `needed_ms` or later, `credential_disabled` when a certificate is revoked.
Result<ValidationData> find_status(const std::vector<Bytes>& chain,
                                   const ValidationData& known,
                                   std::int64_t needed_ms);

// Asks authorities for the status of certificates: OCSP where a certificate names it, its
// revocation list where that fails. Each question is asked once.
class StatusCollector {
public:
    StatusCollector(Fetch fetch, const Clock& clock) : fetch_(std::move(fetch)), clock_(clock) {}

    // The same as find_status(), asked for where `known` has nothing that was made after
    // `needed_ms`. `unavailable` with what each address said; `credential_disabled` when a
    // certificate is revoked.
    Result<ValidationData> collect(const std::vector<Bytes>& chain,
                                   const ValidationData& known,
                                   std::int64_t needed_ms);

    // Whether the last collect() has failed for a certificate that names neither a responder nor a
    // revocation list: asking later finds no more.
    bool nowhere_to_ask() const { return nowhere_to_ask_; }

private:
    Result<void> add_status(const Bytes& certificate,
                            const Bytes& issuer,
                            std::size_t depth,
                            ValidationData& data);
    Result<void> ask_ocsp(const std::string& url,
                          const Bytes& certificate,
                          const Bytes& issuer,
                          std::size_t depth,
                          ValidationData& data);
    Result<void> fetch_list(const std::string& url,
                            const Bytes& certificate,
                            const Bytes& issuer,
                            ValidationData& data);

    const Fetch fetch_;
    const Clock& clock_;
    std::map<Bytes, ValidationData> asked_;  // by certificate
    std::map<std::string, Bytes> lists_;     // by address
    bool nowhere_to_ask_ = false;
};

}  // namespace cloudsign::evidence
