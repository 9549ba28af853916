#pragma once

#include <condition_variable>
#include <mutex>
#include <vector>

#include "cloudsign/store/database.h"
#include "cloudsign/store/session.h"

namespace cloudsign::store {

// The sessions that read, lent to one closure at a time.
class Database::Readers {
public:
    explicit Readers(std::vector<std::unique_ptr<Session>> sessions);

    // On the calling thread; waits for a session to be free.
    Result<void> run(Job job);

private:
    Session& borrow();
    void give_back(Session& session);

    std::vector<std::unique_ptr<Session>> sessions_;
    std::mutex mutex_;
    std::condition_variable given_back_;
    std::vector<Session*> free_;
};

}  // namespace cloudsign::store
