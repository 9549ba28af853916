#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

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
    // Makers for one key; those that are not in use lie here.
    struct Makers {
        ServiceKey key;
        std::mutex mutex;
        std::vector<std::unique_ptr<pki::TimestampMaker>> idle;
    };

    // Looked up anew once a second: another key is used within that time.
    Result<std::shared_ptr<Makers>> makers();
    Result<std::unique_ptr<pki::TimestampMaker>> take(Makers& makers);

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    const pki::SigningContext& context_;
    const std::string policy_;
    std::atomic<unsigned> at_once_{0};
    std::mutex mutex_;
    std::shared_ptr<Makers> makers_;
    std::int64_t looked_up_ms_ = 0;
};

}  // namespace cloudsign::authority
