#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "cloudsign/authority/service_key.h"
#include "cloudsign/clock.h"
#include "cloudsign/pki/timestamp_answer.h"

namespace cloudsign::authority {

// Our own time-stamping authority (RFC 3161). Any thread.
class TimestampService {
public:
    // `policy`: OID, dotted.
    TimestampService(store::Database& database,
                     ModulePort& modules,
                     const Clock& clock,
                     const pki::SigningContext& context,
                     std::string policy);

    static constexpr unsigned at_once_max = 16;

    // Whether there is a key with a certificate.
    bool is_ready() const;
    // The CA's certificate, in which the tokens' end; `not_found` before there is a key.
    Result<Bytes> authority() const;

    // The answer to a TimeStampReq, refusals included. `busy` when too many ask at once,
    // `not_found` when there is no key: then there is nothing to answer.
    Result<pki::TimestampAnswer> answer(const Bytes& request);

private:
    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    const pki::SigningContext& context_;
    const std::string policy_;
    std::atomic<unsigned> at_once_{0};
};

}  // namespace cloudsign::authority
