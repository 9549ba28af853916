#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <vector>

#include "cloudsign/store/database.h"
#include "cloudsign/store/session.h"

namespace cloudsign::store {

// The sessions that read, lent to one closure at a time.
//
// A new snapshot costs more than what most closures read on it. So one session, the one that was
// given back last, keeps its snapshot for the next closure, until something is committed; and not
// for long, since another process might write too.
class Database::Readers {
public:
    explicit Readers(std::vector<std::unique_ptr<Session>> sessions);

    // On the calling thread; waits for a session to be free.
    Result<void> run(Job job);

    // Everything committed before this call is seen by every closure that begins after it. By the
    // writer, before it answers.
    void committed() { ++commits_; }

    // Lets go of a snapshot that nobody reads on, which would keep the write-ahead log from
    // starting again at its beginning.
    void rest();

private:
    using Clock = std::chrono::steady_clock;
    struct Reader {
        std::unique_ptr<Session> session;
        bool reading = false;       // has a snapshot
        std::uint64_t commits = 0;  // of which moment
        Clock::time_point begun;
    };

    Reader& borrow();
    void give_back(Reader& reader);
    static void end_snapshot(Reader& reader);
    Result<void> begin_snapshot(Reader& reader) const;

    std::atomic<std::uint64_t> commits_{0};
    std::vector<Reader> readers_;
    std::mutex mutex_;
    std::condition_variable given_back_;
    std::vector<Reader*> free_;  // the last one alone may have a snapshot
};

}  // namespace cloudsign::store
