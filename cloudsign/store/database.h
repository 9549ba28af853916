#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>

#include "cloudsign/error.h"
#include "hsm/base/bytes.h"

namespace cloudsign::store {

// One connection with its prepared statements: what the tables (client_table.h, …) work on. Only
// lent to closures, for their duration.
class Session;

struct Client;
struct Credential;
struct Device;
struct Signer;

// Rows of which a commit tells that they were touched: those that change seldom and are read at
// every request, and those that somebody waits for.
enum class RowKind : std::uint8_t { client, signer, credential, device, webhook };
inline constexpr std::size_t row_kinds = 5;

struct DatabaseOptions {
    unsigned readers = 2;
    unsigned group_max = 64;  // closures in one commit
    // While several come at once, a commit waits so long for more of them: a sync for each few
    // costs more than the wait. One that comes alone goes at once.
    std::chrono::microseconds gather{1000};
    unsigned checkpoint_pages = 4000;        // write-ahead log pages that wake the checkpointer
    unsigned checkpoint_pages_hard = 16384;  // beyond these, commits wait for it a moment
    // How long a row is remembered: a change that another server makes to the same database may
    // count that much later.
    std::chrono::milliseconds remember{5'000};
    // Told, from any thread, what went wrong in full: for the log, never for a caller.
    std::function<void(const std::string&)> on_fault;
};

struct DatabaseCounters {
    std::uint64_t commits = 0;
    std::uint64_t closures = 0;  // in those commits
    std::uint64_t checkpoints = 0;
    std::uint64_t write_ahead_pages = 0;
    bool failing = false;  // the last write found no room, or no disk
};

// The product's database: one thread writes, N sessions read, any thread calls. SQLite in WAL mode
// with synchronous=FULL.
class Database {
public:
    // Creates the file (mode 0600) or migrates it to this program's schema. `conflict` when the
    // file has a newer schema; `unavailable` when it cannot be opened.
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& path,
                                                  const DatabaseOptions& options = {});
    // Waits for what has been accepted.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs `work(Session&) -> Result<T>` on the writer thread and answers when its changes are
    // durable together with those of whoever else was waiting. An error from `work` undoes its own
    // changes only; if the commit fails, everybody in it gets `unavailable`. Never call from
    // within a closure. `work` runs once.
    template <class Work>
    std::invoke_result_t<Work&, Session&> write(Work&& work) {
        return collect<std::invoke_result_t<Work&, Session&>>(
            work, [this](Job job) { return run_write(job); });
    }

    // Runs `work(Session&) -> Result<T>` on the calling thread, with a reading session to itself,
    // on one snapshot that holds all that was committed before.
    template <class Work>
    std::invoke_result_t<Work&, Session&> read(Work&& work) {
        return collect<std::invoke_result_t<Work&, Session&>>(
            work, [this](Job job) { return run_read(job); });
    }

    // Rows that a request needs again and again, from memory if they have not been changed since;
    // null when there is none. What write() has changed is seen as soon as it has answered.
    Result<std::shared_ptr<const Client>> client(const std::string& id);
    Result<std::shared_ptr<const Signer>> signer(const std::string& id);
    Result<std::shared_ptr<const Credential>> credential(const std::string& id);
    Result<std::shared_ptr<const Device>> device_of(const hsm::Digest& session_hash);

    // Called after each commit that touched rows of this kind (of webhooks: that made one due), on
    // the writer's thread, before anybody is told of that commit: cheap, and without a call of this
    // database. An empty one ends it, after a call that is under way.
    void on_touched(RowKind kind, std::function<void()> callback);

    DatabaseCounters counters() const;

private:
    // A closure without its result type: it lives on the caller's stack while the caller waits.
    struct Job {
        void* context;
        Result<void> (*run)(void* context, Session& session);
    };
    class Writer;
    class Readers;
    struct Memory;

    explicit Database(const DatabaseOptions& options);

    template <class Answer, class Work, class Run>
    static Answer collect(Work& work, Run run) {
        struct Context {
            Work& work;
            std::optional<Answer> answer;
        } context{work, std::nullopt};
        const Job job{&context, [](void* opaque, Session& session) -> Result<void> {
                          auto& mine = *static_cast<Context*>(opaque);
                          mine.answer.emplace(mine.work(session));
                          if (!mine.answer->has_value()) {
                              return mine.answer->error();
                          }
                          return {};
                      }};
        Result<void> done = run(job);
        if (!done) {
            return std::move(done).error();
        }
        return *std::move(context.answer);
    }

    Result<void> run_write(Job job);
    Result<void> run_read(Job job);

    std::unique_ptr<Memory> memory_;
    std::unique_ptr<Readers> readers_;
    std::unique_ptr<Writer> writer_;  // tells memory and readers of its commits
};

}  // namespace cloudsign::store
