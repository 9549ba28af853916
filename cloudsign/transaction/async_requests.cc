#include "cloudsign/transaction/async_requests.h"

#include <algorithm>

#include "cloudsign/identity/id.h"
#include "cloudsign/store/async_request_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::transaction {
namespace {

using store::AsyncRequest;
using store::AsyncRequestTable;
using store::OccurrenceState;
using store::TransactionTable;

// The same that is on its way already: a portal whose connection broke asks again.
Result<std::optional<std::string>> find_same(store::Session& session,
                                             const store::Transaction& transaction,
                                             const AsyncWish& wish) {
    TRY_ASSIGN(auto pending, AsyncRequestTable(session).pending_of(transaction.id));
    for (const auto& request : pending) {
        const bool same_hashes = std::ranges::equal(
            request.positions, wish.hashes, [&](std::uint32_t position, const Bytes& hash) {
                return position < transaction.documents.size() &&
                       transaction.documents[position].hash == hash;
            });
        if (same_hashes && request.form == wish.form && request.parts == wish.parts &&
            request.response_uri == wish.response_uri) {
            return std::optional<std::string>(request.id);
        }
    }
    return std::optional<std::string>();
}

enum class Use { free, made, taken, under_way };

// What may become of each position of a transaction: before the approval there are no occurrences,
// and each document stands for the one that will be.
Result<std::vector<Use>> uses_of(store::Session& session, const store::Transaction& transaction) {
    std::vector<Use> uses(transaction.documents.size(), Use::free);
    TRY_ASSIGN(auto occurrences, TransactionTable(session).occurrences(transaction.id));
    for (const auto& occurrence : occurrences) {
        if (occurrence.state != OccurrenceState::authorised && occurrence.position < uses.size()) {
            uses[occurrence.position] =
                occurrence.state == OccurrenceState::signed_ ? Use::made : Use::taken;
        }
    }
    TRY_ASSIGN(auto jobs, AsyncRequestTable(session).pending_of(transaction.id));
    for (const auto& job : jobs) {
        for (const auto position : job.positions) {
            if (position < uses.size()) {
                uses[position] = Use::under_way;
            }
        }
    }
    return uses;
}

// For each hash a position of its own: one that is free, else one that was signed before.
Result<std::vector<std::uint32_t>> choose(std::vector<Use> uses,
                                          const store::Transaction& transaction,
                                          const std::vector<Bytes>& hashes) {
    std::vector<std::uint32_t> chosen;
    const auto& documents = transaction.documents;
    const auto is_under_way = [&](const Bytes& hash) {
        for (std::size_t i = 0; i < documents.size(); ++i) {
            if (uses[i] == Use::under_way && documents[i].hash == hash) {
                return true;
            }
        }
        return false;
    };
    for (const auto& hash : hashes) {
        auto best = documents.size();
        for (std::size_t i = 0; i < documents.size(); ++i) {
            if (uses[i] == Use::taken || uses[i] == Use::under_way || documents[i].hash != hash) {
                continue;
            }
            best = i;
            if (uses[i] == Use::free) {
                break;
            }
        }
        if (best == documents.size() && is_under_way(hash)) {
            return Error{ErrorKind::conflict,
                         "Another asynchronous request for this hash is under way"};
        }
        if (best == documents.size()) {
            return Error{ErrorKind::hash_not_authorised, "Hash is not authorized by the SAD."};
        }
        uses[best] = Use::taken;
        chosen.push_back(static_cast<std::uint32_t>(best));
    }
    return chosen;
}

// Whether trying again later may help.
bool may_come_right(const Error& error) {
    return error.kind == ErrorKind::busy || error.kind == ErrorKind::unavailable ||
           error.kind == ErrorKind::conflict;
}

}  // namespace

Result<std::string> AsyncRequests::add(const store::Transaction& transaction,
                                       const AsyncWish& request) {
    AsyncRequest job;
    job.id = identity::new_id("job");
    job.transaction_id = transaction.id;
    job.client_id = transaction.client_id.value_or("");
    job.form = request.form;
    job.parts = request.parts;
    job.response_uri = request.response_uri;
    job.created_at = clock_.now_ms();
    job.keep_until = job.created_at + request.keep_ms;
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TRY_ASSIGN(auto same, find_same(session, transaction, request));
        if (same) {
            job.id = *std::move(same);
            return {};
        }
        TRY_ASSIGN(auto uses, uses_of(session, transaction));
        TRY_ASSIGN(job.positions, choose(std::move(uses), transaction, request.hashes));
        return AsyncRequestTable(session).insert(job);
    }));
    {
        const std::lock_guard lock(mutex_);
        concerned_.insert(transaction.id);
    }
    // It may be approved already, or have been while this was written.
    changed(transaction.id);
    return job.id;
}

Result<AsyncRequests::Progress> AsyncRequests::find(const std::string& id) {
    const Error unknown{ErrorKind::not_found, "no such request"};
    TRY_ASSIGN(auto job, database_.read([&](store::Session& session) {
        return AsyncRequestTable(session).by_id(id);
    }));
    if (!job || job->keep_until <= clock_.now_ms()) {
        return unknown;
    }
    TRY_ASSIGN(auto transaction, transactions_.find(job->transaction_id));
    Progress progress{*std::move(job), std::move(transaction), std::nullopt};
    TRY_ASSIGN(auto all, transactions_.signed_occurrences(progress.transaction.id));
    std::vector<SignedOccurrence> made;
    for (const auto position : progress.request.positions) {
        const auto one = std::ranges::find(all, position, &SignedOccurrence::position);
        if (one == all.end()) {
            return progress;
        }
        made.push_back(*one);
    }
    progress.made = std::move(made);
    return progress;
}

void AsyncRequests::changed(const std::string& transaction_id) const {
    {
        const std::lock_guard lock(mutex_);
        if (!concerned_.contains(transaction_id)) {
            return;
        }
    }
    if (start_) {
        start_(transaction_id);
    }
}

Result<void> AsyncRequests::load() {
    TRY_ASSIGN(auto ids, database_.read([](store::Session& session) {
        return AsyncRequestTable(session).transactions_pending();
    }));
    const std::lock_guard lock(mutex_);
    concerned_.insert(ids.begin(), ids.end());
    return {};
}

Result<void> AsyncRequests::finish(const AsyncRequest& job, std::string_view outcome) {
    return database_.write([&](store::Session& session) -> Result<void> {
        TRY_ASSIGN(auto first, AsyncRequestTable(session).finish(job.id));
        return first && told_ ? told_(session, job, outcome) : Result<void>();
    });
}

Result<void> AsyncRequests::run_one(const store::Transaction& transaction,
                                    const AsyncRequest& job) {
    if (is_waiting(transaction.state)) {
        return Error{ErrorKind::conflict, "the signer has not answered"};
    }
    if (is_final(transaction.state) && transaction.state != State::signed_) {
        return finish(job, name(transaction.state));
    }
    const auto made = transactions_.sign_at(transaction, job.positions);
    if (!made && may_come_right(made.error())) {
        return made.error();
    }
    return finish(job, made ? name(State::signed_) : "failed");
}

void AsyncRequests::run(const std::string& transaction_id) {
    {
        // Taken out first: a job that is added meanwhile puts it in again.
        const std::lock_guard lock(mutex_);
        concerned_.erase(transaction_id);
    }
    const auto jobs = database_.read([&](store::Session& session) {
        return AsyncRequestTable(session).pending_of(transaction_id);
    });
    bool is_left = !jobs;
    for (std::size_t i = 0; jobs && i < jobs->size(); ++i) {
        // Looked at each time: the last one may have signed, or lost, the approval.
        const auto transaction = transactions_.find(transaction_id);
        is_left = !transaction || !run_one(*transaction, (*jobs)[i]) || is_left;
    }
    if (is_left) {
        const std::lock_guard lock(mutex_);
        concerned_.insert(transaction_id);
    }
}

Result<void> AsyncRequests::run_due() {
    {
        const std::lock_guard lock(mutex_);
        if (concerned_.empty() && clock_.now_ms() < next_sweep_) {
            return {};
        }
    }
    TRY_ASSIGN(auto due, database_.read([](store::Session& session) {
        return AsyncRequestTable(session).transactions_due();
    }));
    for (const auto& id : due) {
        run(id);
    }
    constexpr std::int64_t sweep_every_ms = 60'000;
    const auto now = clock_.now_ms();
    if (now >= next_sweep_) {
        next_sweep_ = now + sweep_every_ms;
        TRY(database_.write(
            [&](store::Session& session) { return AsyncRequestTable(session).erase_until(now); }));
    }
    return {};
}

}  // namespace cloudsign::transaction
