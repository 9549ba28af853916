#include <random>

#include "firmware/command/commands.h"
#include "tests/support/module_fixture.h"
#include "tests/support/sim_flash.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

constexpr firmware::hal::FlashGeometry roomy = {
    .sector_size = 16384, .sector_count = 32, .program_unit = 16};

// The command alone, on a log of records that are no more than so many bytes.
class AuditExport : public testing::Test {
protected:
    AuditExport() { CHECK(store_.format(1).has_value()); }

    void append(std::size_t size) {
        records_.emplace_back(size, static_cast<hsm::Byte>(records_.size()));
        ASSERT_EQ(status(store_.append_log(records_.back())), Status::ok);
    }

    // What one message from `index` on carries, as the host reads it.
    std::vector<Bytes> answer_from(std::uint64_t index) {
        const auto response = firmware::command::audit_export(*core_, {index});
        EXPECT_EQ(status(response), Status::ok);
        Bytes buffer(wire::message_size_max);
        const auto message = wire::encode_response(1, *response, buffer);
        EXPECT_EQ(status(message), Status::ok);
        std::vector<Bytes> records;
        if (message) {
            for (const auto record : response->records) {
                records.push_back(copy_of(record));
            }
        }
        return records;
    }

    // Exports from the first record to the last, and looks at each answer on the way.
    void expect_full_answers() {
        for (std::size_t done = 0; done < records_.size();) {
            const auto answer = answer_from(done + 1);
            ASSERT_FALSE(answer.empty()) << "no progress at " << done;
            std::size_t total = 0;
            for (const auto& record : answer) {
                ASSERT_EQ(record, records_[done++]);
                total += record.size();
            }
            EXPECT_LE(total, wire::export_records_total_size_max);
            if (done < records_.size() && answer.size() < wire::export_records_max) {
                EXPECT_GT(total + records_[done].size(), wire::export_records_total_size_max)
                    << "the next would have fitted at " << done;
            }
        }
    }

    std::vector<Bytes> records_;

private:
    TemporaryFolder folder_;
    SimFlash flash_{roomy};
    firmware::storage::LogStoreMemory<32, 64, 8192> memory_;
    firmware::storage::LogStore store_{flash_, memory_.spans()};
    TestClock clock_;
    board::host::vault::FileVault vault_{folder_.path() / "vault"};
    SimFlash secret_flash_{roomy};
    firmware::engine::psa::FlashSecret flash_secret_{secret_flash_};
    firmware::engine::psa::PsaEngine engine_{vault_, flash_secret_, "module"};
    std::unique_ptr<firmware::command::Core> core_ = std::make_unique<firmware::command::Core>(
        firmware::command::Ports{engine_, store_, clock_}, firmware::command::Settings{});
};

TEST_F(AuditExport, SendsTwoOfThreeRecordsThatTogetherExceedTheTotal) {
    append(2280);
    append(2280);
    append(wire::record_size_max);

    EXPECT_EQ(answer_from(1).size(), 2u);
    EXPECT_EQ(answer_from(3).size(), 1u);
}

TEST_F(AuditExport, FillsTheTotalToTheByte) {
    append(wire::record_size_max);
    append(wire::record_size_max);
    append(wire::export_records_total_size_max - 2 * wire::record_size_max);
    append(1);

    EXPECT_EQ(answer_from(1).size(), 3u);
    EXPECT_EQ(answer_from(4).size(), 1u);
    EXPECT_EQ(answer_from(5).size(), 0u);
}

TEST_F(AuditExport, BringsRecordsOfAnySizesInFullAnswers) {
    std::mt19937 random(20261126);
    std::uniform_int_distribution<std::size_t> any(1, wire::record_size_max);
    std::uniform_int_distribution<std::size_t> small(1, 120);
    for (int i = 0; i < 120; ++i) {
        append(i % 3 == 0 ? small(random) : any(random));
    }

    expect_full_answers();
}

TEST_F(AuditExport, SendsNoMoreThanTheCountOfSmallRecords) {
    for (std::size_t i = 0; i < wire::export_records_max + 1; ++i) {
        append(100);
    }

    EXPECT_EQ(answer_from(1).size(), wire::export_records_max);
    expect_full_answers();
}

TEST(AuditExportOfSignatures, FillsEachAnswerWithTheLargestThereAre) {
    People people;
    people.officers = std::vector<Passkey>(4);
    people.officers_needed = 4;
    ModuleGroup group(1, people);
    const auto issuer =
        enrol(group.target(), group.people, wire::KeyType::rsa4096, wire::KeyKind::issuer);
    ASSERT_EQ(status(issuer), Status::ok);
    const wire::Algorithm rsa{wire::Scheme::rsa_pkcs1, wire::DigestAlgorithm::sha256, 0};
    const auto signing = approved_signing(group.target(), group.people, *issuer, 8, rsa);
    ASSERT_EQ(status(signing), Status::ok);
    for (std::uint32_t leaf = 0; leaf < 8; ++leaf) {
        ASSERT_EQ(status(call(group.target(), signing->request(leaf))), Status::ok);
    }
    const auto log = export_log(group.target());
    ASSERT_GE(log.size(), 8u);

    const auto answer = call(group.target(), wire::AuditExportRequest{log.size() - 7});

    ASSERT_EQ(status(answer), Status::ok);
    std::size_t total = 0;
    for (const auto record : (*answer)->records) {
        total += record.size();
    }
    const auto size = log.back().size();
    EXPECT_GT(size, 1000u);
    EXPECT_LE(total, wire::export_records_total_size_max);
    EXPECT_GT(total + size, wire::export_records_total_size_max);
}

}  // namespace
