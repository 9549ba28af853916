#include "cloudsign/push/hints.h"

#include <algorithm>

#include "cloudsign/fault_text.h"
#include "cloudsign/random.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::push {
namespace {

using store::HintState;
using store::PushHint;
using store::PushHintTable;
using store::PushSubscription;
using store::PushTable;
using store::Session;
using store::TransactionTable;

constexpr std::size_t fault_size_max = 200;

// In its approvers' inboxes, and opened by none of them.
bool wants_hint(const store::Transaction& transaction, std::int64_t now) {
    return transaction.state == transaction::State::notified && transaction.answer_by > now;
}

Result<std::vector<PushSubscription>> subscriptions_of(Session& session,
                                                       const store::Transaction& transaction) {
    PushTable table(session);
    std::vector<PushSubscription> all;
    if (transaction.approver_kind != store::Approver::officer) {
        TRY_ASSIGN(all, table.of_signer(transaction.approver_id));
    }
    if (transaction.approver_kind != store::Approver::signer) {
        TRY_ASSIGN(auto officers, table.of_officers());
        std::ranges::move(officers, std::back_inserter(all));
    }
    return all;
}

void settle(PushHint& hint, HintState state, std::int64_t now, std::string_view fault = {}) {
    hint.state = state;
    hint.done_at = now;
    if (!fault.empty()) {
        hint.fault = fault_text(fault, fault_size_max);
    }
}

// Spread by a quarter, so that what failed together does not come back together.
std::int64_t backoff(const HintSchedule& schedule, std::uint32_t attempts) {
    constexpr std::uint32_t doublings_max = 10;
    const auto wait = schedule.first_retry_ms
                      << std::min(attempts > 0 ? attempts - 1 : 0, doublings_max);
    return wait + wait * random_32()[0] / (4 * 256);
}

}  // namespace

Result<void> Hints::plan(const std::vector<std::string>& transaction_ids) {
    const auto now = clock_.now_ms();
    const auto read = [&](Session& session) -> Result<std::vector<PushHint>> {
        std::vector<PushHint> wanted;
        TRY_ASSIGN(const auto nobody, PushTable(session).is_empty());
        if (nobody) {
            return wanted;
        }
        for (const auto& id : transaction_ids) {
            TRY_ASSIGN(auto transaction, TransactionTable(session).by_id(id));
            if (!transaction || !wants_hint(*transaction, now)) {
                continue;
            }
            TRY_ASSIGN(auto subscriptions, subscriptions_of(session, *transaction));
            for (const auto& to : subscriptions) {
                PushHint hint;
                hint.transaction_id = id;
                hint.device_id = to.device_id;
                hint.host = to.host;
                hint.next_at = now;
                wanted.push_back(std::move(hint));
            }
        }
        return wanted;
    };
    TRY_ASSIGN(auto wanted, database_.read(read));
    if (wanted.empty()) {
        return {};
    }
    return database_.write([&](Session& session) -> Result<void> {
        for (const auto& hint : wanted) {
            TRY(PushHintTable(session).insert_missing(hint));
        }
        return {};
    });
}

Result<void> Hints::plan_all() {
    TRY_ASSIGN(auto ids, database_.read([](Session& session) {
        return TransactionTable(session).unfinished();
    }));
    return plan(ids);
}

Result<std::vector<DueHint>> Hints::due(std::uint32_t hosts, std::uint32_t per_host) {
    const auto now = clock_.now_ms();
    std::vector<DueHint> all;
    std::vector<PushHint> settled;
    const auto look_at = [&](Session& session, PushHint hint) -> Result<void> {
        TRY_ASSIGN(auto transaction, TransactionTable(session).by_id(hint.transaction_id));
        if (!transaction || !wants_hint(*transaction, now)) {
            settle(hint, HintState::needless, now);
            settled.push_back(std::move(hint));
            return {};
        }
        TRY_ASSIGN(auto to, PushTable(session).of_device(hint.device_id));
        if (!to || to->host != hint.host) {
            settle(hint, HintState::undeliverable, now, "the phone has unsubscribed");
            settled.push_back(std::move(hint));
            return {};
        }
        all.push_back(
            {std::move(hint), *std::move(to), transaction->language, transaction->answer_by});
        return {};
    };
    TRY(database_.read([&](Session& session) -> Result<void> {
        PushHintTable table(session);
        TRY_ASSIGN(auto waiting, table.hosts_due(now, hosts));
        for (const auto& host : waiting) {
            TRY_ASSIGN(auto some, table.due(host, now, per_host));
            for (auto& hint : some) {
                TRY(look_at(session, std::move(hint)));
            }
        }
        return {};
    }));
    if (!settled.empty()) {
        TRY(database_.write([&](Session& session) -> Result<void> {
            for (const auto& hint : settled) {
                TRY(PushHintTable(session).update(hint));
            }
            return {};
        }));
    }
    return all;
}

Result<std::optional<std::int64_t>> Hints::next_due() {
    return database_.read([](Session& session) { return PushHintTable(session).next_due(); });
}

Result<void> Hints::record_one(Session& session, const HintAttempt& attempt) const {
    using Outcome = HintAttempt::Outcome;
    if (attempt.outcome == Outcome::gone) {
        TRY(PushTable(session).erase_endpoint(attempt.device_id, attempt.endpoint));
    }
    PushHintTable table(session);
    TRY_ASSIGN(auto hint, table.find(attempt.transaction_id, attempt.device_id));
    if (!hint) {
        return {};
    }
    const auto now = clock_.now_ms();
    hint->attempts += attempt.outcome == Outcome::held_back ? 0 : 1;
    hint->status = attempt.status;
    hint->fault = fault_text(attempt.fault, fault_size_max);
    if (attempt.outcome == Outcome::delivered) {
        settle(*hint, HintState::delivered, now);
    } else if (attempt.outcome == Outcome::gone || attempt.outcome == Outcome::refused) {
        settle(*hint, HintState::undeliverable, now);
    } else {
        TRY_ASSIGN(auto transaction, TransactionTable(session).by_id(attempt.transaction_id));
        hint->next_at =
            now + std::max(attempt.retry_after_s * 1000, backoff(schedule_, hint->attempts));
        if (!transaction || hint->next_at >= transaction->answer_by ||
            hint->attempts >= schedule_.attempts_max) {
            settle(*hint, HintState::undeliverable, now);
        }
    }
    TRY(table.update(*hint));
    return {};
}

Result<void> Hints::record(const std::vector<HintAttempt>& attempts) {
    return database_.write([&](Session& session) -> Result<void> {
        for (const auto& attempt : attempts) {
            TRY(record_one(session, attempt));
        }
        return {};
    });
}

std::string_view name(Delivery delivery) {
    switch (delivery) {
        case Delivery::needless:
            return "needless";
        case Delivery::pending:
            return "pending";
        case Delivery::delivered:
            return "delivered";
        case Delivery::undeliverable:
            return "undeliverable";
        case Delivery::no_subscription:
            return "no_subscription";
    }
    return "";
}

Result<Delivery> delivery_of(store::Database& database, const store::Transaction& transaction) {
    return database.read([&](Session& session) -> Result<Delivery> {
        TRY_ASSIGN(auto hints, PushHintTable(session).of_transaction(transaction.id));
        const auto any = [&](HintState state) {
            return std::ranges::find(hints, state, &PushHint::state) != hints.end();
        };
        if (any(HintState::delivered)) {
            return Delivery::delivered;
        }
        if (any(HintState::due)) {
            return Delivery::pending;
        }
        if (!hints.empty()) {
            return any(HintState::undeliverable) ? Delivery::undeliverable : Delivery::needless;
        }
        if (transaction.state != transaction::State::notified) {
            return Delivery::needless;
        }
        TRY_ASSIGN(auto subscriptions, subscriptions_of(session, transaction));
        return subscriptions.empty() ? Delivery::no_subscription : Delivery::pending;
    });
}

}  // namespace cloudsign::push
