#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "cloudsign/authority/service_key.h"
#include "cloudsign/clock.h"
#include "cloudsign/pki/ocsp.h"

namespace cloudsign::authority {

// What others are told about our certificates: the revocation list, and answers to OCSP requests.
// Any thread.
class StatusService {
public:
    StatusService(store::Database& database,
                  ModulePort& modules,
                  const Clock& clock,
                  const pki::SigningContext& context);

    // A list is signed anew after half of its life, and at once when something has changed: for
    // half a life the modules may be gone without anybody's noticing.
    static constexpr std::int64_t list_life_ms = 24ll * 3600 * 1000;
    static constexpr std::int64_t answer_life_ms = 3600ll * 1000;
    // Questions that a module has to be asked about, at once: the next is told to try later.
    static constexpr unsigned signing_at_once_max = 16;
    static constexpr std::size_t answers_kept_max = 100'000;

    struct List {
        Bytes der;
        std::int64_t next_update_ms = 0;
    };
    // The newest. `not_found` before there is one.
    Result<List> list();

    struct Answer {
        Bytes response;                   // OCSPResponse, DER; always one
        std::int64_t next_update_ms = 0;  // until when it may be kept; 0: it may not
    };
    Answer answer(const Bytes& request);

    // A certificate was issued, revoked, held or released: what was made before is not given out
    // again.
    void changed();

    // Signs what is due: the list, and answers that somebody has asked for since the last time.
    // Called about once a second; the first error ends it until the next call.
    Result<void> keep();

private:
    struct Kept {
        Bytes response;
        std::int64_t this_update_ms = 0;
        std::int64_t next_update_ms = 0;
        bool asked = false;  // since it was signed
    };

    Result<void> keep_list();
    Result<void> keep_answers();
    Result<std::vector<pki::StatusAnswer>> look_up(const ServiceKey& key,
                                                   const pki::OcspRequest& request);
    Result<Kept> sign_answers(const ServiceKey& key, const pki::OcspRequest& request);
    std::optional<Answer> kept(const Bytes& request);
    void remember(const Bytes& request, Kept answer, std::uint64_t generation);
    Result<Answer> make_answer(const Bytes& request);

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    const pki::SigningContext& context_;
    std::atomic<bool> list_due_{true};
    std::atomic<unsigned> signing_{0};

    std::mutex mutex_;
    std::uint64_t generation_ = 0;  // one more with each change
    std::int64_t renew_list_at_ms_ = 0;
    std::optional<List> list_;
    std::map<Bytes, Kept> answers_;  // by request
};

}  // namespace cloudsign::authority
