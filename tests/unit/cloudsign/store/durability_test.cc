#include <array>
#include <set>
#include <signal.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "cloudsign/store/database.h"
#include "cloudsign/store/session.h"
#include "cloudsign/store/setting_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::store {
namespace {

// Writes from eight threads until it is killed, and says each id after its commit was answered.
[[noreturn]] void write_until_killed(const std::filesystem::path& path, int round, int out) {
    DatabaseOptions options;
    options.checkpoint_pages = 100;
    auto database = Database::open(path, options);
    if (!database) {
        ::_exit(3);
    }
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0;; ++i) {
                const auto id =
                    std::to_string(round) + "." + std::to_string(t) + "." + std::to_string(i);
                const auto written = (*database)->write([&](Session& session) -> Result<void> {
                    TransactionTable table(session);
                    TRY(table.insert(a_transaction(id)));
                    TRY(table.insert_occurrence(an_occurrence(id, 0)));
                    if (i % 7 == 6) {
                        return Error{ErrorKind::invalid, "on purpose"};
                    }
                    return table.insert_occurrence(an_occurrence(id, 1));
                });
                const auto line = (written ? "+" : "-") + id + "\n";
                if (::write(out, line.data(), line.size()) < 0) {
                    ::_exit(4);
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    ::_exit(5);
}

// What the child said, whole lines only, until it had said `lines` of them and was killed.
std::vector<std::string> run_and_kill(const std::filesystem::path& path, int round, int lines) {
    std::array<int, 2> pipe{};
    EXPECT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        write_until_killed(path, round, pipe[1]);
    }
    ::close(pipe[1]);
    std::string said;
    std::array<char, 4096> buffer;
    bool killed = false;
    for (;;) {
        const auto count = ::read(pipe[0], buffer.data(), buffer.size());
        if (count <= 0) {
            break;
        }
        said.append(buffer.data(), static_cast<std::size_t>(count));
        if (!killed && std::ranges::count(said, '\n') >= lines) {
            EXPECT_EQ(::kill(child, SIGKILL), 0);
            killed = true;
        }
    }
    ::close(pipe[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "exit code " << WEXITSTATUS(status);
    std::vector<std::string> ids;
    std::size_t from = 0;
    for (auto end = said.find('\n'); end != std::string::npos; end = said.find('\n', from)) {
        ids.push_back(said.substr(from, end - from));
        from = end + 1;
    }
    return ids;
}

TEST(Durability, KeepsEveryAcknowledgedCommitWhole) {
    const ScratchFolder folder;
    const auto path = folder.file("kyso.db");
    std::vector<std::string> said;
    for (int round = 0; round < 12; ++round) {
        const auto more = run_and_kill(path, round, 40 + 97 * round);
        said.insert(said.end(), more.begin(), more.end());
    }
    ASSERT_GT(said.size(), 1000u);

    auto database = Database::open(path);
    ASSERT_TRUE(database.has_value()) << database.error().detail;

    int missing = 0;
    int undead = 0;
    for (const auto& line : said) {
        const auto id = line.substr(1);
        const auto occurrences = (*database)->read(
            [&](Session& session) { return TransactionTable(session).occurrences(id); });
        ASSERT_TRUE(occurrences.has_value());
        missing += line[0] == '+' && occurrences->size() != 2 ? 1 : 0;
        undead += line[0] == '-' && !occurrences->empty() ? 1 : 0;
    }
    EXPECT_EQ(missing, 0);
    EXPECT_EQ(undead, 0);

    // Nor is anything there by halves, acknowledged or not.
    const auto halves = (*database)->read([](Session& session) {
        return session.guarded([&]() -> Result<int> {
            int count = 0;
            session.sql() << "SELECT COUNT(*) FROM transactions t WHERE 2 <> "
                             "(SELECT COUNT(*) FROM occurrences o WHERE o.transaction_id = t.id)",
                soci::into(count);
            return count;
        });
    });
    ASSERT_TRUE(halves.has_value());
    EXPECT_EQ(*halves, 0);
}

}  // namespace
}  // namespace cloudsign::store
