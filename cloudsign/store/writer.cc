#include "cloudsign/store/writer.h"

#include <algorithm>
#include <pthread.h>

#include "cloudsign/store/prepared.h"
#include "cloudsign/store/sqlite.h"

namespace cloudsign::store {
namespace {

struct Begin final : Statement<Nothing> {
    explicit Begin(Session& session) : Statement(session, begin_write_sql) {}
};
struct Commit final : Statement<Nothing> {
    explicit Commit(Session& session) : Statement(session, "COMMIT") {}
};
struct Rollback final : Statement<Nothing> {
    explicit Rollback(Session& session) : Statement(session, "ROLLBACK") {}
};
struct MarkJob final : Statement<Nothing> {
    explicit MarkJob(Session& session) : Statement(session, "SAVEPOINT job") {}
};
struct KeepJob final : Statement<Nothing> {
    explicit KeepJob(Session& session) : Statement(session, "RELEASE SAVEPOINT job") {}
};
struct UndoJob final : Statement<Nothing> {
    explicit UndoJob(Session& session) : Statement(session, "ROLLBACK TO SAVEPOINT job") {}
};

}  // namespace

Database::Writer::Writer(std::unique_ptr<Session> session,
                         std::unique_ptr<Session> checkpointing,
                         Memory& memory,
                         Readers& readers,
                         const DatabaseOptions& options)
    : options_(options),
      memory_(memory),
      readers_(readers),
      session_(std::move(session)),
      checkpointing_(std::move(checkpointing)) {
    observe_log_ = [this](unsigned pages) {
        log_pages_ = pages;
        if (pages >= options_.checkpoint_pages) {
            const std::lock_guard lock(checkpoint_mutex_);
            want_checkpoint_ = true;
            checkpoint_wanted_.notify_one();
        }
    };
    watch_write_ahead_log(*session_, observe_log_);
    checkpoint_thread_ = std::thread([this] { checkpoint_forever(); });
    thread_ = std::thread([this] { write_forever(); });
    pthread_setname_np(checkpoint_thread_.native_handle(), "db-checkpoint");
    pthread_setname_np(thread_.native_handle(), "db-writer");
}

Database::Writer::~Writer() {
    {
        const std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    queue_changed_.notify_one();
    thread_.join();
    {
        const std::lock_guard lock(checkpoint_mutex_);
        stopping_checkpoints_ = true;
    }
    checkpoint_wanted_.notify_one();
    checkpoint_thread_.join();
}

Result<void> Database::Writer::run(Job job) {
    // From within a closure it would wait for itself.
    CHECK(std::this_thread::get_id() != thread_.get_id());
    Waiting waiting(job);
    bool first = false;
    {
        const std::lock_guard lock(queue_mutex_);
        first = queue_.empty();
        queue_.push_back(&waiting);
    }
    if (first) {
        queue_changed_.notify_one();
    }
    waiting.done.wait();
    return std::move(waiting.outcome);
}

DatabaseCounters Database::Writer::counters() const {
    return {commits_, closures_, checkpoints_, log_pages_, failing_};
}

void Database::Writer::write_forever() {
    Group group;
    for (;;) {
        {
            std::unique_lock lock(queue_mutex_);
            queue_changed_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            if (group.size() > 1 && !stopping_) {
                queue_changed_.wait_for(lock, options_.gather, [&] { return stopping_; });
            }
            const auto count = std::min<std::size_t>(queue_.size(), options_.group_max);
            const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
            group.assign(queue_.begin(), end);
            queue_.erase(queue_.begin(), end);
        }
        commit(group);
        failing_ = std::ranges::any_of(group, [](const Waiting* waiting) {
            return !waiting->outcome && waiting->outcome.error().kind == ErrorKind::unavailable;
        });
        for (auto* waiting : group) {
            waiting->done.count_down();
        }
    }
}

void Database::Writer::commit(const Group& group) {
    const std::lock_guard lock(commit_mutex_);
    session_->recover();
    const auto committed = commit_together(group);
    if (!committed) {
        session_->recover();
        // Refused when SQLite has ended the transaction itself; either way none is open then.
        static_cast<void>(session_->prepared<Rollback>().run());
        for (auto* waiting : group) {
            waiting->outcome = committed.error();
        }
    }
}

// An error is everybody's; what is wrong with one job alone is in its outcome.
Result<void> Database::Writer::commit_together(const Group& group) {
    const bool alone = group.size() == 1;
    TRY(session_->prepared<Begin>().run());
    bool changed = false;
    for (auto* waiting : group) {
        TRY(alone ? run_alone(*waiting) : run_in_group(*waiting));
        changed = changed || waiting->outcome.has_value();
    }
    if (!changed) {
        TRY(session_->prepared<Rollback>().run());
        return {};
    }
    TRY(session_->prepared<Commit>().run());
    readers_.committed();
    memory_.changed(session_->take_touched());
    ++commits_;
    closures_ += group.size();
    return {};
}

Result<void> Database::Writer::run_alone(Waiting& waiting) {
    waiting.outcome = run_closure(waiting);
    session_->recover();
    return {};
}

Result<void> Database::Writer::run_in_group(Waiting& waiting) {
    TRY(session_->prepared<MarkJob>().run());
    waiting.outcome = run_closure(waiting);
    session_->recover();
    if (!waiting.outcome) {
        TRY(session_->prepared<UndoJob>().run());
    }
    // Fails when SQLite has rolled everything back by itself, e.g. on a full disk.
    TRY(session_->prepared<KeepJob>().run());
    return {};
}

Result<void> Database::Writer::run_closure(Waiting& waiting) {
    auto outcome =
        session_->guarded([&] { return waiting.job.run(waiting.job.context, *session_); });
    if (outcome && session_->failure()) {
        return *session_->failure();
    }
    return outcome;
}

void Database::Writer::checkpoint_forever() {
    for (;;) {
        {
            std::unique_lock lock(checkpoint_mutex_);
            checkpoint_wanted_.wait(lock,
                                    [&] { return want_checkpoint_ || stopping_checkpoints_; });
            if (stopping_checkpoints_) {
                return;
            }
            want_checkpoint_ = false;
        }
        copy_log();
    }
}

void Database::Writer::copy_log() {
    const auto copied = checkpoint(*checkpointing_);
    ++checkpoints_;
    readers_.rest();
    // The log starts again from its beginning only when all of it was copied at some moment, and
    // under constant load a few pages always come after. Once it is long, one commit waits.
    if (copied && !copied->whole() &&
        copied->log_pages >= static_cast<long long>(options_.checkpoint_pages_hard)) {
        const std::lock_guard lock(commit_mutex_);
        static_cast<void>(checkpoint(*checkpointing_));
        ++checkpoints_;
    }
}

}  // namespace cloudsign::store
