#include "server/cli/bringup/report.h"

#include <sstream>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace server::cli::bringup {
namespace {

TEST(Report, ShowsEachStepAtOnceWithWhatToDo) {
    std::ostringstream shown;
    Report report(&shown);

    EXPECT_TRUE(report.add(passed("a", "fine")));
    EXPECT_TRUE(report.add(skipped("b", "not asked for")));
    EXPECT_FALSE(report.add(failed("c", "broken", "mend it")));

    EXPECT_NE(std::string::npos, shown.str().find("ok    a"));
    EXPECT_NE(std::string::npos, shown.str().find("skip  b"));
    EXPECT_NE(std::string::npos, shown.str().find("FAIL  c"));
    EXPECT_NE(std::string::npos, shown.str().find("-> mend it"));
}

TEST(Report, PassesUnlessAStepFailed) {
    Report report(nullptr);
    report.conclude("It signs.");
    report.add(passed("a", ""));
    report.add(skipped("b", ""));
    EXPECT_TRUE(report.all_passed());
    EXPECT_EQ("1 step skipped. It signs.", report.conclusion());

    report.add(failed("c", "broken", "mend it"));
    EXPECT_FALSE(report.all_passed());
    EXPECT_NE(std::string::npos, report.conclusion().find("1 step failed"));
}

// A command stands by itself, to be copied.
TEST(Report, ShowsEachRemedyOnALineOfItsOwn) {
    Report report(nullptr);

    report.add(failed("c", "broken", "erase it:\nrm x"));

    EXPECT_NE(std::string::npos, report.text().find("-> erase it:\n"));
    EXPECT_NE(std::string::npos, report.text().find("      -> rm x\n"));
}

TEST(Report, SaysTheSameInTextAndJson) {
    Report report(nullptr);
    report.set("board", "x1");
    report.add(passed("a", "3 us", {{"us", 3}}));
    report.add(failed("c", "broken", "mend it"));

    const auto json = report.json();
    EXPECT_EQ("x1", json.at("board").get_string());
    EXPECT_FALSE(json.at("passed").get_bool());
    const auto& steps = json.at("steps").get_array();
    ASSERT_EQ(2u, steps.size());
    EXPECT_EQ("passed", steps[0].at("verdict").get_string());
    EXPECT_EQ(3, steps[0].at("figures").at("us").get_int64());
    EXPECT_EQ("failed", steps[1].at("verdict").get_string());
    EXPECT_EQ("mend it", steps[1].at("remedy").get_string());
    EXPECT_NE(std::string::npos, report.text().find("board"));
    EXPECT_NE(std::string::npos, report.text().find("mend it"));
}

// What comes off a line of nobody knows what reaches a terminal.
TEST(Report, LetsNoBoardWriteToTheTerminal) {
    std::ostringstream shown;
    Report report(&shown);

    report.add(failed("line", "text \x1b[2J", "flash it"));

    EXPECT_EQ(std::string::npos, shown.str().find('\x1b'));
    EXPECT_EQ(std::string::npos, report.text().find('\x1b'));
}

}  // namespace
}  // namespace server::cli::bringup
