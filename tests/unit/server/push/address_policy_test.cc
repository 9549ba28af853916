#include "server/push/address_policy.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <gtest/gtest.h>

namespace server::push {
namespace {

bool is_public(const char* text) {
    sockaddr_storage storage{};
    auto* four = reinterpret_cast<sockaddr_in*>(&storage);
    auto* six = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
    } else {
        EXPECT_EQ(::inet_pton(AF_INET6, text, &six->sin6_addr), 1) << text;
        six->sin6_family = AF_INET6;
    }
    return is_public_address(reinterpret_cast<const sockaddr&>(storage));
}

TEST(AddressPolicy, TakesAddressesOfTheInternet) {
    for (const auto* address :
         {"8.8.8.8",         "1.0.0.0",         "9.255.255.255",   "11.0.0.0",
          "100.63.255.255",  "100.128.0.0",     "126.255.255.255", "128.0.0.0",
          "169.253.255.255", "172.15.255.255",  "172.32.0.0",      "192.167.255.255",
          "192.169.0.0",     "198.17.255.255",  "198.20.0.0",      "223.255.255.255",
          "2400:cb00::1",    "2606:4700::1111", "2001:200::1",     "3ffe::1",
          "::ffff:8.8.8.8"}) {
        EXPECT_TRUE(is_public(address)) << address;
    }
}

TEST(AddressPolicy, RefusesWhatIsSetApart) {
    for (const auto* address :
         {"0.0.0.0",         "0.1.2.3",        "10.0.0.1",        "10.255.255.255",  "100.64.0.1",
          "100.100.100.200", "127.0.0.1",      "127.255.255.254", "169.254.169.254", "172.16.0.1",
          "172.31.255.255",  "192.0.0.1",      "192.0.2.1",       "192.88.99.1",     "192.168.1.1",
          "198.18.0.1",      "198.19.255.255", "198.51.100.1",    "203.0.113.1",     "224.0.0.1",
          "239.255.255.250", "240.0.0.1",      "255.255.255.255"}) {
        EXPECT_FALSE(is_public(address)) << address;
    }
    for (const auto* address : {"::",
                                "::1",
                                "::127.0.0.1",
                                "::ffff:127.0.0.1",
                                "::ffff:10.0.0.1",
                                "::ffff:169.254.169.254",
                                "64:ff9b::7f00:1",
                                "64:ff9b:1::1",
                                "100::1",
                                "2001::1",
                                "2001:1ff::1",
                                "2001:db8::1",
                                "2002:7f00:1::",
                                "3fff::1",
                                "5f00::1",
                                "fc00::1",
                                "fd12:3456::1",
                                "fe80::1",
                                "fec0::1",
                                "ff02::1"}) {
        EXPECT_FALSE(is_public(address)) << address;
    }
}

TEST(AddressPolicy, RefusesOtherFamilies) {
    sockaddr_un local{};
    local.sun_family = AF_UNIX;
    EXPECT_FALSE(is_public_address(reinterpret_cast<const sockaddr&>(local)));
}

}  // namespace
}  // namespace server::push
