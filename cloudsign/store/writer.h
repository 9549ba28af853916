#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "cloudsign/store/database.h"
#include "cloudsign/store/memory.h"
#include "cloudsign/store/readers.h"
#include "cloudsign/store/session.h"
#include "hsm/sync/latch.h"

namespace cloudsign::store {

// The thread that writes: it commits together whatever came in while the last commit was being
// synced. A second thread copies the write-ahead log into the database file.
class Database::Writer {
public:
    Writer(std::unique_ptr<Session> session,
           std::unique_ptr<Session> checkpointing,
           Memory& memory,
           Readers& readers,
           const DatabaseOptions& options);
    // Commits what was accepted.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Parks the caller until the job is durable or refused.
    Result<void> run(Job job);

    DatabaseCounters counters() const;

private:
    struct Waiting {
        explicit Waiting(Job what) : job(what) {}

        Job job;
        Result<void> outcome;
        hsm::sync::Latch done;
    };
    using Group = std::vector<Waiting*>;

    void write_forever();
    void commit(const Group& group);
    Result<void> commit_together(const Group& group);
    Result<void> run_alone(Waiting& waiting);
    Result<void> run_in_group(Waiting& waiting);
    Result<void> run_closure(Waiting& waiting);

    void checkpoint_forever();
    void copy_log();

    const DatabaseOptions options_;
    std::atomic<std::uint64_t> commits_{0};
    std::atomic<std::uint64_t> closures_{0};
    std::atomic<std::uint64_t> checkpoints_{0};
    std::atomic<std::uint64_t> log_pages_{0};
    std::atomic<bool> failing_{false};
    std::function<void(unsigned)> observe_log_;

    Memory& memory_;
    Readers& readers_;
    std::unique_ptr<Session> session_;
    std::unique_ptr<Session> checkpointing_;

    std::mutex queue_mutex_;
    std::condition_variable queue_changed_;
    Group queue_;
    bool stopping_ = false;

    std::mutex commit_mutex_;  // held while a group commits

    std::mutex checkpoint_mutex_;
    std::condition_variable checkpoint_wanted_;
    bool want_checkpoint_ = false;
    bool stopping_checkpoints_ = false;

    std::thread checkpoint_thread_;
    std::thread thread_;
};

}  // namespace cloudsign::store
