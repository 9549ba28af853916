#include "hsm/softphone/link.h"

#include <gtest/gtest.h>

namespace hsm::softphone {
namespace {

TEST(EnrolmentLink, GivesRpIdOriginAndInvitation) {
    const auto link = parse_enrolment_link("https://Approve.localhost:8443/enrol#abc_-9");

    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->rp_id, "approve.localhost");
    EXPECT_EQ(link->origin, "https://approve.localhost:8443");
    EXPECT_EQ(link->invitation, "abc_-9");
}

TEST(EnrolmentLink, HasNoPortInTheOriginWhenItIsTheDefault) {
    const auto link = parse_enrolment_link("https://approve.example:443/enrol#x");

    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->origin, "https://approve.example");
}

TEST(EnrolmentLink, RefusesWhatIsNotOne) {
    for (const char* text : {"",
                             "approve.localhost/enrol#x",
                             "http://approve.localhost/enrol#x",
                             "https://approve.localhost/enrol",
                             "https://approve.localhost/enrol#",
                             "https://approve.localhost/enrol#a/b",
                             "https://approve.localhost/other#x",
                             "https://approve.localhost#x",
                             "https://user@approve.localhost/enrol#x",
                             "https://127.0.0.1:8443/enrol#x",
                             "https://[::1]:8443/enrol#x",
                             "https://approve.localhost:99999/enrol#x"}) {
        const auto link = parse_enrolment_link(text);

        ASSERT_FALSE(link.has_value()) << text;
        EXPECT_EQ(link.error().kind, ProblemKind::input);
    }
}

TEST(Id, IsAWordThatMayStandInAnAddress) {
    EXPECT_TRUE(is_id("tx_0Az-9"));
    EXPECT_FALSE(is_id(""));
    EXPECT_FALSE(is_id("a/b"));
    EXPECT_FALSE(is_id("a?b"));
    EXPECT_FALSE(is_id(std::string(129, 'a')));
}

TEST(StartLink, GivesOriginAndToken) {
    const auto link = parse_start_link("https://approve.localhost:8443/start#tx_1a.M-c_9");

    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->origin, "https://approve.localhost:8443");
    EXPECT_EQ(link->token, "tx_1a.M-c_9");
}

TEST(StartLink, RefusesWhatIsNotOne) {
    for (const char* text : {"",
                             "http://approve.localhost/start#a.b",
                             "https://approve.localhost/enrol#a.b",
                             "https://approve.localhost/start",
                             "https://approve.localhost/start#a",
                             "https://approve.localhost/start#.b",
                             "https://approve.localhost/start#a.",
                             "https://approve.localhost/start#a.b.c",
                             "https://approve.localhost/start#a/.b"}) {
        const auto link = parse_start_link(text);

        ASSERT_FALSE(link.has_value()) << text;
        EXPECT_EQ(link.error().kind, ProblemKind::input);
    }
}

}  // namespace
}  // namespace hsm::softphone
