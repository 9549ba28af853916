#include "cloudsign/store/database.h"

#include <atomic>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "cloudsign/store/client_table.h"
#include "cloudsign/store/session.h"
#include "cloudsign/store/setting_table.h"
#include "cloudsign/store/signer_table.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::store {
namespace {

class DatabaseTest : public testing::Test {
protected:
    void SetUp() override { reopen({}); }

    void reopen(const DatabaseOptions& options) {
        database_.reset();
        auto opened = Database::open(folder_.file("kyso.db"), options);
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        database_ = *std::move(opened);
    }

    Result<void> put(const std::string& name, const std::string& value) {
        return database_->write(
            [&](Session& session) { return SettingTable(session).put(name, value); });
    }

    std::optional<std::string> get(const std::string& name) {
        auto value =
            database_->read([&](Session& session) { return SettingTable(session).get(name); });
        EXPECT_TRUE(value.has_value());
        return value ? *value : std::nullopt;
    }

    ScratchFolder folder_;
    std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, ShowsReadersWhatWasCommittedBefore) {
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(put("n", std::to_string(i)));
        ASSERT_EQ(get("n"), std::to_string(i));
    }
}

TEST_F(DatabaseTest, ReadsOneSnapshotPerClosure) {
    ASSERT_TRUE(put("n", "before"));

    const auto both = database_->read([&](Session& session) -> Result<std::string> {
        TRY_ASSIGN(auto first, SettingTable(session).get("n"));
        std::thread([&] { ASSERT_TRUE(put("n", "after")); }).join();
        TRY_ASSIGN(auto second, SettingTable(session).get("n"));
        return *first + " " + *second;
    });

    ASSERT_TRUE(both.has_value());
    EXPECT_EQ(*both, "before before");
    EXPECT_EQ(get("n"), "after");
}

// The session that keeps its snapshot must let go of it at each commit, whoever reads.
TEST_F(DatabaseTest, ShowsEveryThreadWhatWasCommittedBefore) {
    DatabaseOptions options;
    options.readers = 3;
    reopen(options);
    ASSERT_TRUE(put("n", "0"));
    std::atomic<int> committed = 0;
    std::atomic<bool> over = false;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            while (!over) {
                const int before = committed;
                const auto value = get("n");
                ASSERT_TRUE(value.has_value());
                ASSERT_GE(std::stoi(*value), before);
            }
        });
    }

    for (int i = 1; i <= 500; ++i) {
        ASSERT_TRUE(put("n", std::to_string(i)));
        committed = i;
    }
    over = true;
    for (auto& thread : threads) {
        thread.join();
    }
}

// An idle reader's snapshot would keep the log from starting again, and it would grow for ever.
TEST_F(DatabaseTest, StartsTheLogAgainAlthoughSomebodyHasRead) {
    DatabaseOptions options;
    options.checkpoint_pages = 50;
    reopen(options);
    ASSERT_FALSE(get("n0").has_value());  // and nobody reads any more
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);

    // Its length after each commit falls when it has started again.
    int restarts = 0;
    std::uint64_t before = 0;
    for (int i = 0; restarts < 3; ++i) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit) << before << " pages and growing";
        ASSERT_TRUE(put("n" + std::to_string(i % 7), std::to_string(i) + std::string(2000, 'x')));
        const auto pages = database_->counters().write_ahead_pages;
        restarts += pages < before ? 1 : 0;
        before = pages;
    }

    EXPECT_GE(database_->counters().checkpoints, 3u);
}

TEST_F(DatabaseTest, RemembersARowUntilItIsChanged) {
    ASSERT_TRUE(database_->write(
        [](Session& session) { return ClientTable(session).insert(a_client("c")); }));
    const auto first = database_->client("c");
    const auto again = database_->client("c");
    ASSERT_TRUE(first.has_value() && again.has_value());
    EXPECT_EQ(first->get(), again->get());

    ASSERT_TRUE(database_->write([](Session& session) {
        return ClientTable(session).set_status("c", ClientStatus::disabled);
    }));

    const auto changed = database_->client("c");
    ASSERT_TRUE(changed.has_value());
    EXPECT_EQ((*changed)->status, ClientStatus::disabled);
    EXPECT_EQ((*first)->status, ClientStatus::active);  // whoever holds it keeps what was true then
}

TEST_F(DatabaseTest, DoesNotRememberThatThereIsNoRow) {
    const auto missing = database_->signer("a");
    ASSERT_TRUE(missing.has_value());
    EXPECT_EQ(*missing, nullptr);
    ASSERT_TRUE(database_->write(
        [](Session& session) { return SignerTable(session).insert(a_signer("a")); }));

    const auto added = database_->signer("a");

    ASSERT_TRUE(added.has_value());
    EXPECT_NE(*added, nullptr);
}

TEST_F(DatabaseTest, KeepsARowInMindWhenItsChangeIsRolledBack) {
    ASSERT_TRUE(database_->write(
        [](Session& session) { return ClientTable(session).insert(a_client("c")); }));
    ASSERT_TRUE(database_->client("c").has_value());

    EXPECT_FALSE(database_->write([](Session& session) -> Result<void> {
        TRY(ClientTable(session).set_status("c", ClientStatus::disabled));
        return Error{ErrorKind::conflict, "a test changes its mind"};
    }));

    EXPECT_EQ((*database_->client("c"))->status, ClientStatus::active);
}

TEST_F(DatabaseTest, LearnsOfAChangeByAnotherServerInTime) {
    DatabaseOptions options;
    options.remember = std::chrono::milliseconds(5);
    reopen(options);
    auto elsewhere = Database::open(folder_.file("kyso.db"));
    ASSERT_TRUE(elsewhere.has_value());
    ASSERT_TRUE(database_->write(
        [](Session& session) { return ClientTable(session).insert(a_client("c")); }));
    ASSERT_EQ((*database_->client("c"))->status, ClientStatus::active);

    ASSERT_TRUE((*elsewhere)->write([](Session& session) {
        return ClientTable(session).set_status("c", ClientStatus::disabled);
    }));

    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while ((*database_->client("c"))->status == ClientStatus::active) {
        ASSERT_LT(std::chrono::steady_clock::now(), limit);
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

TEST_F(DatabaseTest, RemembersABoundedNumberOfRows) {
    constexpr int count = 5000;
    ASSERT_TRUE(database_->write([](Session& session) -> Result<void> {
        for (int i = 0; i < count; ++i) {
            TRY(SignerTable(session).insert(a_signer(std::to_string(i))));
        }
        return {};
    }));

    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < count; ++i) {
            const auto signer = database_->signer(std::to_string(i));
            ASSERT_TRUE(signer.has_value());
            ASSERT_EQ((*signer)->id, std::to_string(i));
        }
    }
}

TEST_F(DatabaseTest, AnswersAUniqueViolationAsConflict) {
    const auto insert = [&] {
        return database_->write(
            [](Session& session) { return SignerTable(session).insert(a_signer("a")); });
    };
    ASSERT_TRUE(insert());

    const auto again = insert();

    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
}

TEST_F(DatabaseTest, AnswersAMissingReferenceAsConflict) {
    const auto allowed = database_->write(
        [](Session& session) { return ClientTable(session).allow("nobody", "nothing"); });

    ASSERT_FALSE(allowed);
    EXPECT_EQ(allowed.error().kind, ErrorKind::conflict);
}

TEST_F(DatabaseTest, UndoesTheChangesOfAClosureThatFails) {
    const auto refused = database_->write([](Session& session) -> Result<int> {
        TRY(SettingTable(session).put("half", "done"));
        return Error{ErrorKind::invalid, "changed my mind"};
    });

    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().detail, "changed my mind");
    EXPECT_EQ(get("half"), std::nullopt);
}

TEST_F(DatabaseTest, UndoesTheChangesOfAClosureThatThrows) {
    const auto thrown = database_->write([](Session& session) -> Result<void> {
        TRY(SettingTable(session).put("half", "done"));
        throw std::runtime_error("out of luck");
    });

    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().kind, ErrorKind::internal);
    EXPECT_EQ(get("half"), std::nullopt);
    EXPECT_TRUE(put("next", "works"));
}

TEST_F(DatabaseTest, DoesNotLetAClosureGoOnAfterAnErrorOfTheDatabase) {
    const auto stubborn = database_->write([](Session& session) -> Result<void> {
        TRY(SettingTable(session).put("half", "done"));
        EXPECT_FALSE(ClientTable(session).allow("nobody", "nothing"));
        EXPECT_FALSE(SettingTable(session).put("other half", "done"));
        return {};
    });

    ASSERT_FALSE(stubborn);
    EXPECT_EQ(stubborn.error().kind, ErrorKind::conflict);
    EXPECT_EQ(get("half"), std::nullopt);
    EXPECT_EQ(get("other half"), std::nullopt);
}

// Holds the writer inside a first closure until `count` others wait, so that they share a commit.
template <class Work>
void run_as_one_group(Database& database, int count, const Work& work) {
    std::promise<void> inside;
    std::promise<void> go;
    std::thread first([&] {
        EXPECT_TRUE(database.write([&](Session&) -> Result<void> {
            inside.set_value();
            go.get_future().wait();
            return {};
        }));
    });
    inside.get_future().wait();
    std::atomic<int> started{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) {
        threads.emplace_back([&, i] {
            ++started;
            work(i);
        });
    }
    while (started < count) {
        std::this_thread::yield();
    }
    // Each has only its way into the queue left to go.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    go.set_value();
    first.join();
    for (auto& thread : threads) {
        thread.join();
    }
}

TEST_F(DatabaseTest, LosesNobodyElseInTheGroupOfAClosureThatFails) {
    const auto before = database_->counters();

    run_as_one_group(*database_, 12, [&](int i) {
        const auto written = database_->write([&](Session& session) -> Result<void> {
            TRY(SettingTable(session).put(std::to_string(i), "here"));
            if (i % 3 == 1) {
                return Error{ErrorKind::invalid, "no"};
            }
            if (i % 3 == 2) {
                return ClientTable(session).allow("nobody", "nothing");
            }
            return {};
        });
        EXPECT_EQ(written.has_value(), i % 3 == 0) << i;
    });

    const auto after = database_->counters();
    EXPECT_LT(after.commits - before.commits, after.closures - before.closures);
    for (int i = 0; i < 12; ++i) {
        EXPECT_EQ(get(std::to_string(i)).has_value(), i % 3 == 0) << i;
    }
}

TEST_F(DatabaseTest, RefusesTheWholeGroupWhenTheTransactionIsGone) {
    std::atomic<int> refused{0};

    run_as_one_group(*database_, 8, [&](int i) {
        const auto written = database_->write([&](Session& session) -> Result<void> {
            TRY(SettingTable(session).put(std::to_string(i), "here"));
            if (i == 3) {
                // What SQLite does by itself when the disk is full.
                session.sql() << "ROLLBACK";
            }
            return {};
        });
        if (!written) {
            EXPECT_NE(written.error().kind, ErrorKind::conflict);
            ++refused;
        } else {
            EXPECT_TRUE(get(std::to_string(i)).has_value()) << i;
        }
    });

    EXPECT_GE(refused, 1);
    EXPECT_EQ(get("3"), std::nullopt);
    EXPECT_TRUE(put("next", "works"));
}

TEST_F(DatabaseTest, ServesManyWritersAndReadersAtOnce) {
    constexpr int writers = 16;
    constexpr int each = 100;
    std::atomic<bool> stop{false};
    std::thread reader([&] {
        while (!stop) {
            const auto value = get("0/0");
            EXPECT_TRUE(!value || *value == "v");
        }
    });
    std::vector<std::thread> threads;
    for (int w = 0; w < writers; ++w) {
        threads.emplace_back([&, w] {
            for (int i = 0; i < each; ++i) {
                const auto name = std::to_string(w) + "/" + std::to_string(i);
                ASSERT_TRUE(put(name, "v"));
                ASSERT_EQ(get(name), "v");
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    stop = true;
    reader.join();

    EXPECT_EQ(database_->counters().closures, writers * each);
    reopen({});
    for (int w = 0; w < writers; ++w) {
        for (int i = 0; i < each; ++i) {
            ASSERT_EQ(get(std::to_string(w) + "/" + std::to_string(i)), "v");
        }
    }
}

TEST_F(DatabaseTest, KeepsTheWriteAheadLogShort) {
    DatabaseOptions options;
    options.checkpoint_pages = 50;
    options.checkpoint_pages_hard = 200;
    reopen(options);
    const std::string value(2000, 'x');

    std::uint64_t longest = 0;
    for (int i = 0; i < 3000; ++i) {
        ASSERT_TRUE(put(std::to_string(i), value));
        longest = std::max(longest, database_->counters().write_ahead_pages);
    }

    EXPECT_GT(database_->counters().checkpoints, 0u);
    EXPECT_LT(longest, 3000u);
}

TEST_F(DatabaseTest, TellsTheLogButNotTheCallerWhatWentWrong) {
    std::string fault;
    DatabaseOptions options;
    options.on_fault = [&](const std::string& text) { fault = text; };
    reopen(options);

    const auto failed = database_->write([](Session& session) {
        return session.guarded([&]() -> Result<void> {
            session.sql() << "SELECT secret FROM nowhere";
            return {};
        });
    });

    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::internal);
    EXPECT_EQ(failed.error().detail.find("secret"), std::string::npos);
    EXPECT_NE(fault.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace cloudsign::store
