#include "cloudsign/transaction/signing_jobs.h"

#include <algorithm>
#include <vector>

#include "cloudsign/store/signing_job_table.h"

namespace cloudsign::transaction {

SigningJobs::SigningJobs(store::Database& database,
                         TransactionService& transactions,
                         identity::ClientRegistry& clients,
                         const Clock& clock)
    : database_(database), transactions_(transactions), clients_(clients), clock_(clock) {}

void SigningJobs::on_work(Run run) {
    run_ = std::move(run);
}

Result<void> SigningJobs::add(store::Session& session, const std::string& transaction_id) {
    {
        const std::lock_guard lock(mutex_);
        if (jobs_.size() >= jobs_max) {
            return Error{ErrorKind::busy, "too many requests wait for their signers"};
        }
        // Before the commit, so that no approval comes unseen; if the commit fails, the first look
        // at it finds no transaction.
        jobs_.try_emplace(transaction_id);
    }
    return store::SigningJobTable(session).insert(transaction_id);
}

void SigningJobs::changed(const std::string& transaction_id) {
    const std::lock_guard lock(mutex_);
    if (jobs_.contains(transaction_id)) {
        queue(transaction_id);
    }
}

// The caller holds mutex_, and knows the job.
void SigningJobs::queue(const std::string& transaction_id) {
    auto& job = jobs_.at(transaction_id);
    if (job.queued) {
        return;
    }
    job.queued = run_ && run_([this, transaction_id] { work_on(transaction_id); });
    if (job.queued) {
        failed_.erase(transaction_id);
    } else {
        failed_.try_emplace(transaction_id, 0);
    }
}

void SigningJobs::work_on(const std::string& transaction_id) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = jobs_.find(transaction_id);
        if (found == jobs_.end()) {
            return;
        }
        // What changes from here on queues it again.
        found->second.queued = false;
    }
    const auto transaction = transactions_.find(transaction_id);
    if (!transaction && transaction.error().kind != ErrorKind::not_found) {
        put_off(transaction_id);
        return;
    }
    if (!transaction || is_final(transaction->state)) {
        const std::lock_guard lock(mutex_);
        jobs_.erase(transaction_id);
        return;
    }
    if (is_waiting(transaction->state)) {
        return;
    }
    if (!check_allowed(*transaction)) {
        put_off(transaction_id);
        return;
    }
    const auto made = transactions_.sign_all(*transaction);
    // `conflict`: the module lost the approval, and the signer is asked again.
    if (!made && made.error().kind != ErrorKind::conflict) {
        put_off(transaction_id);
    }
}

// What a portal's own call for the signature would be asked: much may have changed since.
Result<void> SigningJobs::check_allowed(const store::Transaction& transaction) {
    TRY(clients_.check_may_ask(transaction.client_id.value_or(""), transaction.approver_id));
    TRY_ASSIGN(auto credential, database_.credential(transaction.credential_id));
    if (!credential || credential->status != store::CredentialStatus::enabled ||
        credential->valid_to.value_or(0) < clock_.now_ms()) {
        return Error{ErrorKind::credential_disabled, "the credential is disabled or expired"};
    }
    return {};
}

// Until its time runs out: then the sweep ends it.
void SigningJobs::put_off(const std::string& transaction_id) {
    constexpr std::int64_t first_ms = 1000;
    constexpr unsigned doublings_max = 6;
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(transaction_id);
    if (found == jobs_.end() || found->second.queued) {
        return;
    }
    auto& job = found->second;
    failed_[transaction_id] = clock_.now_ms() + (first_ms << std::min(job.failures, doublings_max));
    ++job.failures;
}

Result<void> SigningJobs::resume() {
    TRY_ASSIGN(auto left, database_.read([](store::Session& session) {
        return store::SigningJobTable(session).all();
    }));
    const std::lock_guard lock(mutex_);
    for (const auto& id : left) {
        jobs_.try_emplace(id);
        queue(id);
    }
    return {};
}

void SigningJobs::retry() {
    const auto now = clock_.now_ms();
    const std::lock_guard lock(mutex_);
    std::vector<std::string> due;
    for (const auto& [id, retry_at] : failed_) {
        if (retry_at <= now) {
            due.push_back(id);
        }
    }
    for (const auto& id : due) {
        failed_.erase(id);
        if (jobs_.contains(id)) {
            queue(id);
        }
    }
}

}  // namespace cloudsign::transaction
