#include "server/net/trusted_proxies.h"

#include <gtest/gtest.h>

namespace server::net {
namespace {

TrustedProxies proxies(const std::vector<std::string>& entries) {
    TrustedProxies found;
    for (const auto& entry : entries) {
        found.push_back(IpNetwork::read(entry).value());
    }
    return found;
}

http::Headers forwarded_for(const std::vector<std::string>& lines) {
    http::Headers headers;
    for (const auto& line : lines) {
        EXPECT_TRUE(headers.add("X-Forwarded-For", line));
    }
    return headers;
}

TEST(IpNetwork, HoldsTheAddressesThatBeginWithItsBits) {
    struct Case {
        const char* network;
        const char* in;
        const char* out;
    };
    const Case cases[] = {
        {"10.1.0.0/16", "10.1.255.255", "10.2.0.0"},
        {"10.1.0.0/16", "10.1.0.0", "::1"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7", "::ffff:192.0.2.7", "::192.0.2.7"},
        {"192.0.2.128/25", "192.0.2.129", "192.0.2.127"},
        {"0.0.0.0/0", "255.1.1.1", "2001:db8::1"},
        {"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"},
        {"::1", "::1", "127.0.0.1"},
    };
    for (const auto& one : cases) {
        const auto network = IpNetwork::read(one.network);
        ASSERT_TRUE(network) << one.network;
        EXPECT_TRUE(network->contains(IpAddress::read(one.in).value())) << one.network;
        EXPECT_FALSE(network->contains(IpAddress::read(one.out).value())) << one.network;
    }
}

TEST(IpNetwork, IsNothingElse) {
    for (const auto* text : {"",
                             "proxy.example",
                             "10.1.0.0/",
                             "10.1.0.0/33",
                             "10.1.0.0/-1",
                             "10.1.0.0/16x",
                             "10.1.2.3/16",
                             "10.1/16",
                             "2001:db8::/129",
                             "2001:db8::1/64",
                             "[::1]",
                             "10.0.0.1:80"}) {
        EXPECT_FALSE(IpNetwork::read(text)) << text;
    }
}

TEST(TrustedProxies, AreBelievedAboutWhomTheyHaveHeard) {
    const auto trusted = proxies({"10.0.0.0/8", "2001:db8::1"});
    struct Case {
        const char* peer;
        std::vector<std::string> lines;
        const char* sender;
    };
    const Case cases[] = {
        {"10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},
        {"2001:db8::1", {"203.0.113.9"}, "203.0.113.9"},
        {"::ffff:10.0.0.1", {"203.0.113.9"}, "203.0.113.9"},
        // What was there before a proxy appended to it is the sender's own invention.
        {"10.0.0.1", {"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
        {"10.0.0.1", {"198.51.100.1", "203.0.113.9"}, "203.0.113.9"},
        // Through several proxies; all of them ours.
        {"10.0.0.1", {"198.51.100.1, 203.0.113.9,10.0.0.3 , 10.0.0.2"}, "203.0.113.9"},
        {"10.0.0.1", {"203.0.113.9, 10.0.0.3", "10.0.0.2"}, "203.0.113.9"},
        {"10.0.0.1", {"10.0.0.3"}, "10.0.0.3"},
        {"10.0.0.1", {"203.0.113.9:5001"}, "203.0.113.9"},
        {"10.0.0.1", {"[2001:db8:0::9]:5001"}, "2001:db8::9"},
        {"10.0.0.1", {"2001:db8:0::9"}, "2001:db8::9"},
        // Nothing that could be read: the proxy is as far as is known.
        {"10.0.0.1", {}, "10.0.0.1"},
        {"10.0.0.1", {""}, "10.0.0.1"},
        {"10.0.0.1", {"unknown"}, "10.0.0.1"},
        {"10.0.0.1", {"203.0.113.9, "}, "10.0.0.1"},
        {"10.0.0.1", {"203.0.113.9, <script>, 10.0.0.2"}, "10.0.0.2"},
        {"10.0.0.1", {"[::1"}, "10.0.0.1"},
        // From anybody else the header means nothing.
        {"203.0.113.1", {"198.51.100.1"}, "203.0.113.1"},
        {"unknown", {"198.51.100.1"}, "unknown"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(sender(one.peer, forwarded_for(one.lines), trusted), one.sender)
            << one.peer << ": " << (one.lines.empty() ? "" : one.lines.front());
    }
}

TEST(TrustedProxies, AreNoneUnlessTheyAreNamed) {
    EXPECT_EQ(sender("127.0.0.1", forwarded_for({"203.0.113.9"}), {}), "127.0.0.1");
}

}  // namespace
}  // namespace server::net
