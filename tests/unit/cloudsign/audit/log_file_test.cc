#include "cloudsign/audit/log_file.h"

#include <sstream>

#include "tests/unit/cloudsign/audit/audited_group.h"

namespace cloudsign::audit {
namespace {

Result<LogFile> read(const std::string& text) {
    std::istringstream in(text);
    return read_log_file(in);
}

TEST(LogFile, ReadsWhatItWrites) {
    AuditedGroup audited;
    audited.work(1);
    const auto log = audited.log();

    const auto again = read(text_of(log));

    ASSERT_TRUE(again.has_value());
    EXPECT_EQ(again->module_id, log.module_id);
    EXPECT_EQ(again->certificate, log.certificate);
    EXPECT_EQ(again->records, log.records);
    EXPECT_EQ(again->heads, log.heads);
    EXPECT_EQ(
        *index_of_record_line(
            log_file_record(log.records[1]).substr(0, log_file_record(log.records[1]).size() - 1)),
        2u);
}

TEST(LogFile, NamesTheLineThatIsWrong) {
    const auto opening = "kyso-audit/1 " + std::string(64, 'a') + "\n";
    struct Case {
        std::string text;
        std::string line;
    };
    const Case cases[] = {
        {"", "line 1"},
        {"\n", "line 1"},
        {"kyso-audit/2 " + std::string(64, 'a') + "\n", "line 1"},
        {"kyso-audit/1 " + std::string(62, 'a') + "\n", "line 1"},
        {"kyso-audit/1\n", "line 1"},
        {opening + "record A=\n", "line 2"},
        {opening + "record\n", "line 2"},
        {opening + "\n", "line 2"},
        {opening + "certificate AAAA\ncertificate AAAA\n", "line 3"},
        {opening + "record AAAA\ncertificate AAAA\n", "line 3"},
        {opening + "note AAAA\n", "line 2"},
        {opening + "record  AAAA\n", "line 2"},
        {opening + "record AAAA\r\n", "line 2"},
    };
    for (const auto& one : cases) {
        const auto log = read(one.text);
        ASSERT_FALSE(log.has_value()) << one.text;
        EXPECT_EQ(log.error().detail.substr(0, one.line.size()), one.line) << one.text;
    }
}

TEST(LogFile, FindsNoIndexInOtherLines) {
    for (const auto* line : {"", "record", "record ", "record AAAA", "head AAAA", "record A="}) {
        EXPECT_FALSE(index_of_record_line(line).has_value()) << line;
    }
}

}  // namespace
}  // namespace cloudsign::audit
