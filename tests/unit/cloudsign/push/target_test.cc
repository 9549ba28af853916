#include "cloudsign/push/target.h"

#include <gtest/gtest.h>

namespace cloudsign::push {
namespace {

TEST(Target, KeepsTheUrlAndNamesItsHostInLowerCase) {
    const auto target = read_target("https://Portal.Example.VN:8443/a/b?c=d", Scheme::https);

    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->url, "https://Portal.Example.VN:8443/a/b?c=d");
    EXPECT_EQ(target->host, "portal.example.vn");
}

TEST(Target, TakesAddresses) {
    EXPECT_TRUE(read_target("https://192.0.2.1/", Scheme::https).has_value());
    EXPECT_TRUE(read_target("https://[2001:db8::1]:443/", Scheme::https).has_value());
}

TEST(Target, TakesPlainHttpOnlyWhereItIsAllowed) {
    EXPECT_FALSE(read_target("http://portal.example/", Scheme::https).has_value());
    EXPECT_TRUE(read_target("http://portal.example/", Scheme::https_or_http).has_value());
}

TEST(Target, RefusesWhatTwoParsersCouldReadDifferently) {
    for (const auto* url : {"",
                            "portal.example/",
                            "//portal.example/",
                            "https:/portal.example",
                            "https:///path",
                            "https://",
                            "https://user@portal.example/",
                            "https://a:b@portal.example/",
                            "https://portal.example/#fragment",
                            "https://portal%2eexample/",
                            "https://portal_example/",
                            "https://portal.example\\@other/",
                            "https://portal.example /",
                            "https://portal.example/\n",
                            "https://portal.example/\u00e1",
                            "https://port\u0131l.example/",
                            "https://portal.example:0/",
                            "https://portal.example:/",
                            "https://portal.example:99999/",
                            "https://[v1.fe80::a]/",
                            "ftp://portal.example/",
                            "file:///etc/passwd",
                            "javascript:alert(1)"}) {
        EXPECT_FALSE(read_target(url, Scheme::https_or_http).has_value()) << url;
    }
    const std::string longest = "https://portal.example/" + std::string(2048, 'a');
    EXPECT_FALSE(read_target(longest, Scheme::https).has_value());
}

TEST(ClientTarget, IsTheHostOfItsUrlOrOneOfItsHosts) {
    store::ClientSettings settings;
    settings.webhook_url = "https://portal.example/hook";
    settings.webhook_hosts = "Other.example,third.example";

    EXPECT_TRUE(client_target(settings, "https://portal.example/elsewhere").has_value());
    EXPECT_TRUE(client_target(settings, "https://other.example:444/").has_value());
    EXPECT_TRUE(client_target(settings, "https://THIRD.example/").has_value());
    for (const auto* url : {"https://portal.example.evil/",
                            "https://evil/?https://portal.example/",
                            "https://sub.portal.example/",
                            "https://other.example,third.example/",
                            "http://portal.example/"}) {
        EXPECT_FALSE(client_target(settings, url).has_value()) << url;
    }
}

TEST(Target, KeepsThePortThatWasWritten) {
    EXPECT_EQ(read_target("https://push.example/", Scheme::https)->port, "");
    EXPECT_EQ(read_target("https://push.example:444/", Scheme::https)->port, "444");
}

TEST(Listed, IsANameOrWhatLiesUnderOne) {
    const std::vector<std::string> hosts{"fcm.example", "*.push.example"};

    for (const auto* host : {"fcm.example", "a.push.example", "a.b.push.example"}) {
        EXPECT_TRUE(is_listed(hosts, host)) << host;
    }
    for (const auto* host : {"",
                             "example",
                             "a.fcm.example",
                             "push.example",
                             ".push.example",
                             "evilpush.example",
                             "a.push.example.evil",
                             "*.push.example.evil"}) {
        EXPECT_FALSE(is_listed(hosts, host)) << host;
    }
    EXPECT_FALSE(is_listed({}, "fcm.example"));
}

TEST(ClientTarget, IsNothingWithoutSettings) {
    EXPECT_FALSE(client_target({}, "https://portal.example/").has_value());
}

}  // namespace
}  // namespace cloudsign::push
