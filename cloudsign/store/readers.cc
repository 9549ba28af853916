#include "cloudsign/store/readers.h"

#include <utility>

#include "cloudsign/store/prepared.h"

namespace cloudsign::store {
namespace {

constexpr std::chrono::milliseconds snapshot_age_max{100};

struct BeginReading final : Statement<Nothing> {
    explicit BeginReading(Session& session) : Statement(session, "BEGIN") {}
};
struct EndReading final : Statement<Nothing> {
    explicit EndReading(Session& session) : Statement(session, "ROLLBACK") {}
};

}  // namespace

Database::Readers::Readers(std::vector<std::unique_ptr<Session>> sessions) {
    for (auto& session : sessions) {
        readers_.emplace_back().session = std::move(session);
    }
    for (auto& reader : readers_) {
        free_.push_back(&reader);
    }
}

Database::Readers::Reader& Database::Readers::borrow() {
    std::unique_lock lock(mutex_);
    given_back_.wait(lock, [&] { return !free_.empty(); });
    // The last one given back has the warmest cache.
    Reader& reader = *free_.back();
    free_.pop_back();
    return reader;
}

void Database::Readers::give_back(Reader& reader) {
    {
        const std::lock_guard lock(mutex_);
        if (!free_.empty()) {
            end_snapshot(*free_.back());
        }
        free_.push_back(&reader);
    }
    given_back_.notify_one();
}

void Database::Readers::end_snapshot(Reader& reader) {
    if (std::exchange(reader.reading, false)) {
        reader.session->recover();
        static_cast<void>(reader.session->prepared<EndReading>().run());
    }
}

// The count is read first: a commit that comes in between is then in the snapshot and yet taken
// for a later one, which costs one more snapshot and shows nothing old.
Result<void> Database::Readers::begin_snapshot(Reader& reader) const {
    const auto commits = commits_.load();
    const auto now = Clock::now();
    if (reader.reading && reader.commits == commits && now - reader.begun < snapshot_age_max) {
        return {};
    }
    end_snapshot(reader);
    TRY(reader.session->prepared<BeginReading>().run());
    reader.reading = true;
    reader.commits = commits;
    reader.begun = now;
    return {};
}

void Database::Readers::rest() {
    const std::lock_guard lock(mutex_);
    if (!free_.empty()) {
        end_snapshot(*free_.back());
    }
}

Result<void> Database::Readers::run(Job job) {
    Reader& reader = borrow();
    Session& session = *reader.session;
    session.recover();
    auto outcome = session.guarded([&]() -> Result<void> {
        TRY(begin_snapshot(reader));
        return job.run(job.context, session);
    });
    if (outcome && session.failure()) {
        outcome = *session.failure();
    }
    if (session.failure()) {
        end_snapshot(reader);
    }
    session.recover();
    give_back(reader);
    return outcome;
}

}  // namespace cloudsign::store
