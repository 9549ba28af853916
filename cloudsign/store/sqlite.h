#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "cloudsign/store/session.h"

// All that is SQLite's own: opening, PRAGMAs, the write-ahead log. Inside cloudsign/store only.
namespace cloudsign::store {

enum class SessionUse { writing, reading, checkpointing };

// `unavailable` when the file cannot be opened or created. A new file has mode 0600, which SQLite
// gives to its -wal and -shm companions too.
Result<std::unique_ptr<Session>> open_sqlite(const std::filesystem::path& path,
                                             SessionUse use,
                                             const FaultReport& report);

// How a write transaction starts: with the lock, so that it never fails half-way for want of it.
constexpr const char* begin_write_sql = "BEGIN IMMEDIATE";

// Calls `observe` after each commit of this session with the log's length in pages. This takes
// the place of SQLite's own checkpoints, which a commit would have to wait for. `observe` must
// outlive the session.
void watch_write_ahead_log(Session& session, std::function<void(unsigned)>& observe);

struct Checkpoint {
    long long log_pages = 0;
    long long copied_pages = 0;

    bool whole() const { return copied_pages >= log_pages; }
};
// Copies what it can without making anybody wait.
Result<Checkpoint> checkpoint(Session& session);

}  // namespace cloudsign::store
