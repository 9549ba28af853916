#include "server/app/audit_keeper.h"

#include <fstream>

#include "tests/unit/cloudsign/audit/audited_group.h"

namespace server::app {
namespace {

namespace audit = cloudsign::audit;
namespace fs = std::filesystem;
using audit::AuditedGroup;

class AuditKeeperTest : public testing::Test {
protected:
    audit::LogFile read(const fs::path& file) {
        std::ifstream in(file);
        auto log = audit::read_log_file(in);
        EXPECT_TRUE(log.has_value()) << (log ? "" : log.error().detail);
        CHECK(log.has_value());
        // The fixture's modules are provisioned with a certificate that is none.
        log->certificate = audited_.certificate();
        return *std::move(log);
    }
    fs::path only_file() {
        CHECK(std::distance(fs::directory_iterator(folder()), fs::directory_iterator()) == 1);
        return fs::directory_iterator(folder())->path();
    }
    fs::path folder() const { return scratch_.path() / "audit"; }
    audit::Verdict verdict(const fs::path& file) { return audited_.verify({read(file)}).verdict; }

    AuditedGroup audited_;
    tests::support::TemporaryFolder scratch_;
    AuditKeeper keeper_{audited_.modules, folder()};
};

TEST_F(AuditKeeperTest, KeepsEveryRecordOnce) {
    for (int round = 0; round < 3; ++round) {
        audited_.work(2);
        ASSERT_TRUE(keeper_.keep().has_value());
        ASSERT_TRUE(keeper_.keep().has_value());
    }

    EXPECT_EQ(read(only_file()).records, tests::support::export_log(audited_.group.target()));
    EXPECT_EQ(verdict(only_file()), audit::Verdict::unproven);
}

TEST_F(AuditKeeperTest, EndsTheFileWithAHeadThatProvesIt) {
    audited_.work(1);

    const auto files = keeper_.export_with_heads(audited_.challenge);

    ASSERT_TRUE(files.has_value());
    ASSERT_EQ(files->size(), 1u);
    EXPECT_EQ(verdict(files->front()), audit::Verdict::complete);
    audited_.work(1);
    ASSERT_TRUE(keeper_.export_with_heads(tests::support::random_digest()).has_value());
    ASSERT_TRUE(keeper_.export_with_heads(audited_.challenge).has_value());
    EXPECT_EQ(verdict(files->front()), audit::Verdict::complete);
    EXPECT_EQ(read(files->front()).heads.size(), 3u);
}

TEST_F(AuditKeeperTest, MendsAFileWhoseLastLineACrashCutOff) {
    audited_.work(2);
    ASSERT_TRUE(keeper_.keep().has_value());
    const auto file = only_file();
    const auto whole = fs::file_size(file);
    for (const std::uintmax_t cut : {1u, 2u, 100u, 700u, 1500u}) {
        fs::resize_file(file, whole - cut);
        ASSERT_TRUE(keeper_.export_with_heads(audited_.challenge).has_value()) << cut;
        EXPECT_EQ(verdict(file), audit::Verdict::complete) << cut;
        fs::remove(file);
        ASSERT_TRUE(keeper_.keep().has_value());
    }
}

TEST_F(AuditKeeperTest, FindsItsPlaceBehindManyHeads) {
    audited_.work(1);
    ASSERT_TRUE(keeper_.export_with_heads(audited_.challenge).has_value());
    const auto file = only_file();
    {
        std::ofstream out(file, std::ios::app);
        const auto head = audit::log_file_head(audited_.make_head(0, audited_.challenge));
        for (std::size_t size = 0; size < 300 * 1024; size += head.size()) {
            out << head;
        }
    }
    audited_.work(1);

    ASSERT_TRUE(keeper_.keep().has_value());

    EXPECT_EQ(read(file).records, tests::support::export_log(audited_.group.target()));
}

TEST_F(AuditKeeperTest, FindsAChangedFileNotToBeItsOwn) {
    audited_.work(1);
    ASSERT_TRUE(keeper_.keep().has_value());
    const auto file = only_file();
    {
        std::ofstream out(file, std::ios::app);
        out << "record AAAA\n";
    }

    EXPECT_FALSE(keeper_.keep().has_value());
}

TEST_F(AuditKeeperTest, SaysWhenAModuleCannotBeReached) {
    ASSERT_TRUE(keeper_.keep().has_value());
    audited_.modules.down = {0};
    EXPECT_TRUE(keeper_.keep().has_value());  // nothing to keep now
    const auto files = keeper_.export_with_heads(audited_.challenge);
    EXPECT_TRUE(!files.has_value() || files->empty());
}

// A file cut off in its opening: a crash of the very first append.
TEST_F(AuditKeeperTest, StartsAnewWhenNotEvenTheOpeningIsWhole) {
    audited_.work(1);
    ASSERT_TRUE(keeper_.keep().has_value());
    const auto file = only_file();
    for (const std::uintmax_t size : {0u, 1u, 40u, 77u, 78u, 90u}) {
        fs::resize_file(file, size);
        ASSERT_TRUE(keeper_.export_with_heads(audited_.challenge).has_value()) << size;
        EXPECT_EQ(verdict(file), audit::Verdict::complete) << size;
    }
}

// The module may reuse the space of what is exported, and keeps signing.
TEST(AuditKeeper, LetsAModuleGoOnWhoseLogWouldBeFull) {
    tests::support::ModuleGroup group(
        1, {}, {.sector_size = 4096, .sector_count = 12, .program_unit = 16});
    tests::support::InProcessModules modules(group);
    tests::support::TemporaryFolder scratch;
    AuditKeeper keeper(modules, scratch.path());
    const auto holder = tests::support::enrol(group.target(), group.people);
    ASSERT_TRUE(holder.has_value());
    std::size_t made = 0;
    for (int round = 0; round < 150; ++round) {
        const auto signing =
            tests::support::approved_signing(group.target(), group.people, *holder, 2);
        ASSERT_TRUE(signing.has_value());
        for (std::uint32_t leaf = 0; leaf < 2; ++leaf) {
            const auto reply = tests::support::call(group.target(), signing->request(leaf));
            ASSERT_TRUE(reply.has_value()) << "signature " << made;
            ++made;
            modules.acknowledge(
                tests::support::module_id_of(group.target()), signing->activation.challenge, leaf);
        }
        ASSERT_TRUE(keeper.keep().has_value());
    }
    EXPECT_EQ(made, 300u);
}

}  // namespace
}  // namespace server::app
