#include "cloudsign/push/message_encryption.h"

#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::push {
namespace {

// RFC 8291 Appendix A.
constexpr std::string_view watermelon = "When I grow up, I want to be a watermelon";
constexpr std::string_view receiver_point =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
constexpr std::string_view authentication = "BTBZMqHH6r4Tts7J_aSIgg";
constexpr std::string_view salt_text = "DGv6ra1nlYgDCS1FRnbzlw";
constexpr std::string_view whole_body =
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6"
    "TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy"
    "4a-fN";
// Its sender's key in PKCS#8.
constexpr std::string_view sender_pem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgyfWPiYE+n46HLnH0\n"
    "KqZOF1fJJU3MYrct3AELtAQ+oRyhRANCAAT+M/SrDepxkU21WCP3O1SUj0EwbZIH\n"
    "Mtu5pZpTKGSCIA5Zent7wmC6HCJ5mFgJkuk5cwAvMBKiiujwa7t45ewP\n"
    "-----END PRIVATE KEY-----\n";

SubscriptionKeys receiver() {
    SubscriptionKeys keys;
    EXPECT_TRUE(from_base64url_into(receiver_point, keys.p256dh));
    EXPECT_TRUE(from_base64url_into(authentication, keys.auth));
    return keys;
}

TEST(MessageEncryption, GivesTheBytesOfRfc8291AppendixA) {
    const auto sender = hsm::openssl::read_private_key_pem(sender_pem);
    Salt salt{};
    ASSERT_TRUE(from_base64url_into(salt_text, salt));

    const auto body = encrypt_message(receiver(), hsm::view_of(watermelon), sender.get(), salt);

    ASSERT_TRUE(body.has_value()) << body.error().detail;
    EXPECT_EQ(base64url(*body), whole_body);
}

TEST(MessageEncryption, UsesAnotherKeyAndSaltEachTime) {
    const auto first = encrypt_message(receiver(), hsm::view_of(watermelon));
    const auto second = encrypt_message(receiver(), hsm::view_of(watermelon));

    ASSERT_TRUE(first.has_value() && second.has_value());
    ASSERT_EQ(first->size(), second->size());
    const auto part = [](const Bytes& body, std::size_t begin, std::size_t size) {
        return Bytes(body.begin() + static_cast<std::ptrdiff_t>(begin),
                     body.begin() + static_cast<std::ptrdiff_t>(begin + size));
    };
    EXPECT_NE(part(*first, 0, 16), part(*second, 0, 16)) << "the salt";
    EXPECT_NE(part(*first, 21, 65), part(*second, 21, 65)) << "the sender's point";
}

TEST(MessageEncryption, FillsOneMessageOfAPushService) {
    const std::string longest(push_message_max, 'x');
    const auto body = encrypt_message(receiver(), hsm::view_of(longest));

    ASSERT_TRUE(body.has_value());
    EXPECT_EQ(body->size(), 4096U);
    const auto refused = encrypt_message(receiver(), hsm::view_of(longest + "x"));
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
}

TEST(MessageEncryption, RefusesAPointThatIsNotOnTheCurve) {
    auto keys = receiver();
    keys.p256dh.back() ^= 1;

    const auto refused = encrypt_message(keys, hsm::view_of(watermelon));

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace cloudsign::push
