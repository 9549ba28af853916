#include "cloudsign/push/vapid_key.h"

#include <filesystem>
#include <sys/stat.h>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/push/vapid_keys.h"
#include "hsm/openssl/es256_raw.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::push {
namespace {

namespace fs = std::filesystem;

boost::json::object object_in(std::string_view part) {
    const auto bytes = from_base64url(part).value();
    return boost::json::parse(hsm::text_of(bytes)).as_object();
}

TEST(VapidKey, SaysWhoAsksWhomUntilWhen) {
    const auto pair = hsm::openssl::make_p256_key();
    const auto point = *hsm::openssl::p256_point(pair.get());
    const auto key = VapidKey::from_pem(hsm::openssl::private_key_pem(pair.get()));
    ASSERT_TRUE(key.has_value());

    const auto header =
        key->authorization("https://push.example", "mailto:admin@kyso.example", 1'790'000'000'999);

    const auto comma = header.find(", k=");
    ASSERT_TRUE(header.starts_with("vapid t=") && comma != std::string::npos) << header;
    EXPECT_EQ(header.substr(comma + 4), base64url(point));
    EXPECT_EQ(key->public_key(), base64url(point));
    const auto token = header.substr(8, comma - 8);
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    const auto head = object_in(token.substr(0, first));
    EXPECT_EQ(head.at("alg"), "ES256");
    EXPECT_EQ(head.at("typ"), "JWT");
    EXPECT_EQ(object_in(token.substr(first + 1, second - first - 1)),
              (boost::json::object{{"aud", "https://push.example"},
                                   {"exp", 1'790'003'600},
                                   {"sub", "mailto:admin@kyso.example"}}));
    hsm::openssl::RawSignature signature{};
    ASSERT_TRUE(from_base64url_into(token.substr(second + 1), signature));
    EXPECT_TRUE(
        hsm::openssl::verify_es256_raw(point, hsm::view_of(token.substr(0, second)), signature));
}

TEST(VapidKeys, AreMadeOnceAndReadAgain) {
    const store::ScratchFolder folder;
    const auto path = folder.file("vapid-key.pem");

    const auto first = VapidKeys::open(path);
    const auto second = VapidKeys::open(path);

    ASSERT_TRUE(first.has_value() && second.has_value());
    EXPECT_EQ((*first)->current()->public_key(), (*second)->current()->public_key());
    EXPECT_EQ((*first)->named("none"), nullptr);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST(VapidKeys, KeepTheFormerOneForOneChange) {
    const store::ScratchFolder folder;
    const auto path = folder.file("vapid-key.pem");
    auto keys = *VapidKeys::open(path);
    const auto first = keys->current();

    ASSERT_TRUE(keys->rotate().has_value());

    const auto second = keys->current();
    EXPECT_NE(second->public_key(), first->public_key());
    EXPECT_EQ(keys->named(first->public_key()), first);
    const auto reopened = *VapidKeys::open(path);
    EXPECT_EQ(reopened->current()->public_key(), second->public_key());
    EXPECT_NE(reopened->named(first->public_key()), nullptr);

    ASSERT_TRUE(keys->rotate().has_value());

    EXPECT_EQ(keys->named(first->public_key()), nullptr);
    EXPECT_EQ(keys->named(second->public_key()), second);
    EXPECT_EQ((*VapidKeys::open(path))->named(first->public_key()), nullptr);
}

TEST(VapidKeys, SurviveACrashBetweenTheTwoFilesOfAChange) {
    const store::ScratchFolder folder;
    const auto path = folder.file("vapid-key.pem");
    const auto first = (*VapidKeys::open(path))->current();
    fs::rename(path, path.string() + ".former");

    const auto keys = VapidKeys::open(path);

    ASSERT_TRUE(keys.has_value());
    EXPECT_NE((*keys)->current()->public_key(), first->public_key());
    EXPECT_NE((*keys)->named(first->public_key()), nullptr);
}

}  // namespace
}  // namespace cloudsign::push
