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

TEST(MoveLink, GivesOriginAndThumbprint) {
    const auto link =
        parse_move_link("https://approve.localhost:8443/move#" + std::string(42, 'A') + "E");

    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->origin, "https://approve.localhost:8443");
    EXPECT_EQ(link->thumbprint[31], 1);
}

TEST(MoveLink, RefusesWhatIsNotOne) {
    const std::string good = "https://approve.localhost:8443/move#" + std::string(43, 'A');
    ASSERT_TRUE(parse_move_link(good).has_value());
    for (const std::string& text : {good + "A",
                                    good.substr(0, good.size() - 1),
                                    good + "=",
                                    "http" + good.substr(5),
                                    "https://approve.localhost/start#" + std::string(43, 'A')}) {
        EXPECT_FALSE(parse_move_link(text).has_value()) << text;
    }
}

TEST(OfficerLink, GivesOriginAndSession) {
    const auto link = parse_officer_link("https://approve.localhost:8443/officer#abc_-9");

    ASSERT_TRUE(link.has_value());
    EXPECT_EQ(link->origin, "https://approve.localhost:8443");
    EXPECT_EQ(link->secret, "abc_-9");
    for (const char* text : {"https://approve.localhost/enrol#x",
                             "http://approve.localhost/officer#x",
                             "https://approve.localhost/officer#a.b",
                             "https://approve.localhost/officer"}) {
        EXPECT_FALSE(parse_officer_link(text).has_value()) << text;
    }
}

TEST(Server, IsAnAddressAndNothingBehindIt) {
    const auto server = parse_server("https://Approve.localhost:8443");
    ASSERT_TRUE(server.has_value());
    EXPECT_EQ(server->rp_id, "approve.localhost");
    EXPECT_EQ(server->origin, "https://approve.localhost:8443");
    EXPECT_TRUE(parse_server("https://approve.localhost/").has_value());
    for (const char* text : {"",
                             "approve.localhost",
                             "http://approve.localhost",
                             "https://approve.localhost/enrol",
                             "https://approve.localhost/#x"}) {
        EXPECT_FALSE(parse_server(text).has_value()) << text;
    }
}

TEST(ShortCode, IsReadAsPeopleTypeIt) {
    for (const char* typed :
         {"1A2B-3C4D-5E0F", "1a2b 3c4d 5e0f", "IA2B3C4D5EOF", "la2b-3c4d5eof"}) {
        const auto code = parse_short_code(typed);
        ASSERT_TRUE(code.has_value()) << typed;
        EXPECT_EQ(*code, "1A2B-3C4D-5E0F");
    }
    for (const char* typed : {"", "1A2B-3C4D", "1A2B-3C4D-5E0F0", "1A2B-3C4D-5E0U", "\n"}) {
        EXPECT_FALSE(parse_short_code(typed).has_value()) << typed;
    }
}

}  // namespace
}  // namespace hsm::softphone
