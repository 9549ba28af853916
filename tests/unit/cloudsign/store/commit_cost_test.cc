#include <chrono>
#include <cstdio>
#include <sys/resource.h>
#include <thread>

#include <gtest/gtest.h>

#include "cloudsign/random.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/transaction_table.h"
#include "tests/unit/cloudsign/store/scratch.h"

// Prints what the hot statements and commits cost; fails only on an order of magnitude.
namespace cloudsign::store {
namespace {

using transaction::State;

double cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

double wall_us() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return std::chrono::duration<double, std::micro>(now).count();
}

class CommitCost : public testing::Test {
protected:
    void SetUp() override {
        auto opened = Database::open(folder_.file("kyso.db"));
        ASSERT_TRUE(opened.has_value()) << opened.error().detail;
        database_ = *std::move(opened);
    }

    // CPU microseconds of one `work(table, i)`, `count` of them in one closure.
    template <class Table, class Work>
    double cost(const char* what, int count, Work work) {
        const auto before = cpu_us();
        EXPECT_TRUE(database_->write([&](Session& session) -> Result<void> {
            Table table(session);
            for (int i = 0; i < count; ++i) {
                auto answer = work(table, i);
                if (!answer) {
                    return answer.error();
                }
            }
            return {};
        }));
        const double each = (cpu_us() - before) / count;
        std::printf("%-28s %6.1f us CPU\n", what, each);
        return each;
    }

    ScratchFolder folder_;
    std::unique_ptr<Database> database_;
};

TEST_F(CommitCost, OfEachHotStatement) {
    constexpr int count = 3000;
    std::vector<Transaction> rows;
    for (int i = 0; i < count; ++i) {
        rows.push_back(a_transaction("tx_" + std::to_string(i * 7919 % count)));
        rows.back().documents.pop_back();
    }
    Device device;
    device.id = "dev";
    Credential credential;
    credential.id = "cred-1";
    credential.blob = Bytes(1500, 0x83);
    credential.certificate = Bytes(900, 0x30);
    cost<DeviceTable>(
        "device insert", 1, [&](DeviceTable& table, int) { return table.insert(device); });
    cost<CredentialTable>("credential insert", 1, [&](CredentialTable& table, int) {
        return table.insert(credential);
    });
    const auto at = [&](int i) -> const Transaction& { return rows[static_cast<std::size_t>(i)]; };
    double worst = 0;
    const auto note = [&](double us) { worst = std::max(worst, us); };

    note(cost<TransactionTable>("transaction insert", count, [&](TransactionTable& table, int i) {
        return table.insert(at(i));
    }));
    note(cost<TransactionTable>("transaction by id", count, [&](TransactionTable& table, int i) {
        return table.by_id(at(i).id);
    }));
    note(cost<TransactionTable>("set state seen", count, [&](TransactionTable& table, int i) {
        return table.set_state(at(i).id, State::notified, State::seen, "");
    }));
    note(cost<TransactionTable>(
        "approval (3 statements)", count, [&](TransactionTable& table, int i) -> Result<bool> {
            TRY(table.insert_assertion({at(i).id, sha256("t"), Bytes(400, 1), "dev", 1}));
            auto approved = at(i);
            approved.state = State::approved;
            TRY(table.insert_occurrence(an_occurrence(at(i).id, 0)));
            return table.update(approved, State::seen);
        }));
    note(cost<TransactionTable>("consume", count, [&](TransactionTable& table, int i) {
        return table.consume(at(i).id, 0, Bytes(256, 1), Bytes(700, 1), 5);
    }));
    note(cost<TransactionTable>("set state signed", count, [&](TransactionTable& table, int i) {
        return table.set_state(at(i).id, State::approved, State::signed_, "");
    }));
    note(cost<DeviceTable>("device by session", count, [&](DeviceTable& table, int) {
        return table.by_session_hash(device.session_hash);
    }));
    note(cost<CredentialTable>("credential by id", count, [&](CredentialTable& table, int) {
        return table.by_id(credential.id);
    }));
    const auto before = cpu_us();
    for (int i = 0; i < count; ++i) {
        EXPECT_TRUE(database_->read(
            [&](Session& session) { return CredentialTable(session).by_id(credential.id); }));
    }
    std::printf("%-28s %6.1f us CPU\n", "read() of a credential", (cpu_us() - before) / count);

    EXPECT_LT(worst, 1000);
}

TEST_F(CommitCost, OfWritersSideBySide) {
    for (const int writers : {1, 4, 16, 64}) {
        constexpr int total = 8000;
        const auto before = database_->counters();
        const auto cpu = cpu_us();
        const auto wall = wall_us();
        std::vector<std::thread> threads;
        for (int w = 0; w < writers; ++w) {
            threads.emplace_back([&, w] {
                for (int i = 0; i < total / writers; ++i) {
                    const auto id =
                        std::to_string(writers) + "." + std::to_string(w) + "." + std::to_string(i);
                    ASSERT_TRUE(database_->write([&](Session& session) {
                        return TransactionTable(session).insert(a_transaction(id));
                    }));
                }
            });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        const auto spent = cpu_us() - cpu;
        const auto took = wall_us() - wall;
        const auto after = database_->counters();
        std::printf("%2d writers: %7.0f durable inserts/s, %5.1f us CPU each, %4.1f in a commit\n",
                    writers,
                    total / took * 1e6,
                    spent / total,
                    static_cast<double>(after.closures - before.closures) /
                        static_cast<double>(after.commits - before.commits));
        EXPECT_LT(spent / total, 2000);
    }
}

}  // namespace
}  // namespace cloudsign::store
