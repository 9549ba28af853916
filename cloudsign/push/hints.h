#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/push_hint_table.h"
#include "cloudsign/store/push_table.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::push {

struct HintSchedule {
    std::int64_t first_retry_ms = 2'000;  // then twice as long each time
    std::uint32_t attempts_max = 5;
};

// One that may be sent now.
struct DueHint {
    store::PushHint hint;
    store::PushSubscription to;
    std::string language;        // of the request
    std::int64_t answer_by = 0;  // nobody needs it after that
};

struct HintAttempt {
    enum class Outcome {
        delivered,  // to the push service
        gone,       // the subscription has ended
        refused,    // and it would be again
        failed,     // and may be tried again
        held_back,  // not tried: the push service has asked to be left alone
    };
    std::string transaction_id;
    std::string device_id;
    std::string endpoint;
    Outcome outcome = Outcome::failed;
    unsigned status = 0;             // HTTP; 0: no answer
    std::string fault;               // one sentence, unless delivered
    std::int64_t retry_after_s = 0;  // not before that
};

// Which phones are to be told of which transactions, and what came of it. A hint is never the only
// way: what waits is in the phone's inbox whatever becomes of it here. Any thread.
class Hints {
public:
    Hints(store::Database& database, const Clock& clock, const HintSchedule& schedule)
        : database_(database), clock_(clock), schedule_(schedule) {}

    // Makes the hints of those that wait for their approvers' inboxes and have none. Ids that have
    // gone on since, or are no transaction's, do nothing.
    Result<void> plan(const std::vector<std::string>& transaction_ids);
    // The same for all that wait, at a start: a crash may have come between a transaction and its
    // hints.
    Result<void> plan_all();

    // At most `per_host` for each of at most `hosts` push services. What needs no hint any more is
    // settled on the way.
    Result<std::vector<DueHint>> due(std::uint32_t hosts, std::uint32_t per_host);
    // When to look again; nothing when nothing waits.
    Result<std::optional<std::int64_t>> next_due();
    // One commit for all. A subscription that is gone is removed.
    Result<void> record(const std::vector<HintAttempt>& attempts);

private:
    Result<void> record_one(store::Session& session, const HintAttempt& attempt) const;

    store::Database& database_;
    const Clock& clock_;
    const HintSchedule schedule_;
};

// How a transaction's approvers were told, for whoever asks on the portal's side.
enum class Delivery {
    needless,         // a screen began it, or the phone was faster
    pending,          // to be sent, or to be tried again
    delivered,        // at least one push service has taken it
    undeliverable,    // none has
    no_subscription,  // no phone of theirs wants to be told
};
std::string_view name(Delivery delivery);
Result<Delivery> delivery_of(store::Database& database, const store::Transaction& transaction);

}  // namespace cloudsign::push
