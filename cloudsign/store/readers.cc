#include "cloudsign/store/readers.h"

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

struct BeginReading final : Statement<Nothing> {
    explicit BeginReading(Session& session) : Statement(session, "BEGIN") {}
};
struct EndReading final : Statement<Nothing> {
    explicit EndReading(Session& session) : Statement(session, "ROLLBACK") {}
};

}  // namespace

Database::Readers::Readers(std::vector<std::unique_ptr<Session>> sessions)
    : sessions_(std::move(sessions)) {
    for (const auto& session : sessions_) {
        free_.push_back(session.get());
    }
}

Session& Database::Readers::borrow() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return !free_.empty(); });
    // The last one given back has the warmest cache.
    Session& session = *free_.back();
    free_.pop_back();
    return session;
}

void Database::Readers::give_back(Session& session) {
    {
        const std::lock_guard lock(mutex_);
        free_.push_back(&session);
    }
    given_back_.notify_one();
}

Result<void> Database::Readers::run(Job job) {
    Session& session = borrow();
    session.recover();
    auto outcome = session.guarded([&]() -> Result<void> {
        TRY(session.prepared<BeginReading>().run());
        return job.run(job.context, session);
    });
    if (outcome && session.failure()) {
        outcome = *session.failure();
    }
    session.recover();
    static_cast<void>(session.prepared<EndReading>().run());
    give_back(session);
    return outcome;
}

}  // namespace cloudsign::store
