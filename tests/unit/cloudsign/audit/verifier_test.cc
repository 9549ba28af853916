#include "cloudsign/audit/verifier.h"

#include <sstream>

#include "tests/unit/cloudsign/audit/audited_group.h"

namespace cloudsign::audit {
namespace {

TEST(AuditVerifier, SaysCompleteWithAFreshHead) {
    AuditedGroup audited;
    audited.work(3);
    const auto log = audited.log();

    const auto audit = audited.verify({log});

    EXPECT_EQ(audit.verdict, Verdict::complete) << audit.detail;
    ASSERT_EQ(audit.logs.size(), 1u);
    EXPECT_EQ(audit.logs[0].records, log.records.size());
    EXPECT_EQ(audit.logs[0].signatures, 3u);
    EXPECT_EQ(audit.logs[0].root_subject, "CN=Kyso TEST module root");
    EXPECT_EQ(audit.logs[0].assurance_class, hsm::protocol::AssuranceClass::software);
}

TEST(AuditVerifier, SaysCompleteToNAndLaterUnprovenWithoutOne) {
    AuditedGroup audited;
    audited.work(1);
    const auto log = audited.log(0, AuditedGroup::Head::none);

    const auto audit = audited.verify({log});

    EXPECT_EQ(audit.verdict, Verdict::unproven);
    EXPECT_EQ(audit.logs[0].records, log.records.size());
    EXPECT_EQ(audit.logs[0].detail, "no head over the auditor's challenge");
    EXPECT_EQ(verify_logs({audited.log()}, audited.roots, std::nullopt).verdict, Verdict::unproven);
}

TEST(AuditVerifier, CountsOnlyTheHeadOverTheAuditorsOwnChallenge) {
    AuditedGroup audited;
    auto log = audited.log(0, AuditedGroup::Head::none);
    log.heads.push_back(audited.make_head(0, tests::support::random_digest()));
    EXPECT_EQ(audited.verify({log}).verdict, Verdict::unproven);

    // A head that is older than the work: complete only as far as it goes.
    const auto early = audited.make_head(0, audited.challenge);
    const auto proven = log.records.size();
    audited.work(2);
    log = audited.log(0, AuditedGroup::Head::none);
    log.heads.push_back(early);
    const auto audit = audited.verify({log});
    EXPECT_EQ(audit.logs[0].records, proven);
    EXPECT_EQ(audit.logs[0].signatures, 0u);
}

TEST(AuditVerifier, ContinuesOverRestarts) {
    AuditedGroup audited;
    audited.work(1);
    audited.group[0].restart();
    audited.work(1);

    EXPECT_EQ(audited.verify({audited.log()}).verdict, Verdict::complete);
}

TEST(AuditVerifier, RefusesARecordDroppedSwappedOrRepeated) {
    AuditedGroup audited;
    audited.work(2);
    const auto log = audited.log();
    for (std::size_t i = 0; i < log.records.size(); ++i) {
        auto dropped = log;
        dropped.records.erase(dropped.records.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(audited.verify({dropped}).verdict, Verdict::broken) << i;
        auto repeated = log;
        repeated.records.insert(repeated.records.begin() + static_cast<std::ptrdiff_t>(i),
                                log.records[i]);
        EXPECT_EQ(audited.verify({repeated}).verdict, Verdict::broken) << i;
        for (std::size_t j = 0; j < i; ++j) {
            auto swapped = log;
            std::swap(swapped.records[i], swapped.records[j]);
            EXPECT_EQ(audited.verify({swapped}).verdict, Verdict::broken) << i << ", " << j;
        }
    }
}

// Every byte of the file, whatever it stands for.
TEST(AuditVerifier, RefusesAnyByteChanged) {
    AuditedGroup audited;
    audited.work(1);
    const auto text = text_of(audited.log());
    {
        std::istringstream good(text);
        ASSERT_EQ(audited.verify({*read_log_file(good)}).verdict, Verdict::complete);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const unsigned flip : {0x01u, 0x20u}) {
            auto changed = text;
            changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ flip);
            std::istringstream in(changed);
            const auto log = read_log_file(in);
            if (log) {
                EXPECT_NE(audited.verify({*log}).verdict, Verdict::complete)
                    << "byte " << i << " of " << text.size() << ", " << flip;
            }
        }
    }
}

TEST(AuditVerifier, RefusesAnotherRootAndAnotherModulesCertificate) {
    AuditedGroup audited(2);
    const std::vector<LogFile> logs = {audited.log(0), audited.log(1)};
    ASSERT_EQ(audited.verify(logs).verdict, Verdict::complete);

    const auto stranger = audited.make_root("stranger.pem");
    EXPECT_EQ(verify_logs(logs, {hsm::cli::make_test_root_certificate(stranger)}, audited.challenge)
                  .verdict,
              Verdict::broken);
    EXPECT_EQ(verify_logs(logs, {}, audited.challenge).verdict, Verdict::broken);
    auto crossed = logs;
    std::swap(crossed[0].certificate, crossed[1].certificate);
    EXPECT_EQ(audited.verify(crossed).verdict, Verdict::broken);
    crossed = logs;
    std::swap(crossed[0].heads, crossed[1].heads);
    EXPECT_EQ(audited.verify(crossed).verdict, Verdict::broken);
    crossed = logs;
    std::swap(crossed[0].records, crossed[1].records);
    EXPECT_EQ(audited.verify(crossed).verdict, Verdict::broken);
}

TEST(AuditVerifier, RefusesAClassThatTheModuleDoesNotClaim) {
    AuditedGroup audited;
    audited.work(1);
    auto log = audited.log();
    log.certificate = audited.certificate(0, hsm::protocol::AssuranceClass::hardware);

    EXPECT_EQ(audited.verify({log}).verdict, Verdict::broken);
}

TEST(AuditVerifier, MissesAMemberWhoseLogIsNotThere) {
    AuditedGroup audited(2);
    audited.work(1, 1);

    const auto audit = audited.verify({audited.log(0)});

    EXPECT_EQ(audit.verdict, Verdict::unproven);
    EXPECT_NE(audit.detail.find("is not here"), std::string::npos);
    EXPECT_EQ(audited.verify({audited.log(1), audited.log(0)}).verdict, Verdict::complete);
    EXPECT_EQ(audited.verify({audited.log(0), audited.log(0)}).verdict, Verdict::broken);
    EXPECT_EQ(audited.verify({}).verdict, Verdict::unproven);
}

TEST(AuditVerifier, NeedsTheHeadOfEveryMember) {
    AuditedGroup audited(2);

    EXPECT_EQ(audited.verify({audited.log(0), audited.log(1, AuditedGroup::Head::none)}).verdict,
              Verdict::unproven);
}

// No module would do that; two logs that show it are evidence enough.
TEST(AuditVerifier, FindsAnAuthorisedHashThatWasSignedTwice) {
    AuditedGroup audited;
    audited.work(1);
    auto log = audited.log(0, AuditedGroup::Head::none);
    const auto last = hsm::protocol::decode<hsm::protocol::AuditRecord>(log.records.back());
    ASSERT_EQ(last->type, hsm::protocol::RecordType::signed_leaf);
    auto again = *last;
    again.index += 1;
    again.previous = tests::support::sha256_of(log.records.back());
    Bytes buffer(hsm::protocol::record_size_max);
    const auto encoded = hsm::protocol::encode(again, buffer);
    ASSERT_TRUE(encoded.has_value());
    log.records.push_back(bytes_of(*encoded));

    const auto audit = audited.verify({log});

    EXPECT_EQ(audit.verdict, Verdict::broken);
    EXPECT_NE(audit.detail.find("signed twice"), std::string::npos);
}

}  // namespace
}  // namespace cloudsign::audit
