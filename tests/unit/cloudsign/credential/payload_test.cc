#include <gtest/gtest.h>

#include "cloudsign/credential/issuance_payload.h"
#include "cloudsign/credential/passkey_point.h"
#include "tests/support/passkey.h"

namespace cloudsign::credential {
namespace {

TEST(IssuancePayload, ReadsWhatItHasWritten) {
    const std::vector<IssuanceEntry> entries = {
        {"cred_1", {1, 2, 3}}, {"cred_\"2\"", {255}}, {"cred_3", {4}, "5A01", true}};

    const auto read = read_issuance(write_issuance(entries));

    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(read->size(), 3u);
    EXPECT_EQ((*read)[1].credential_id, "cred_\"2\"");
    EXPECT_EQ((*read)[0].tbs, entries[0].tbs);
    EXPECT_EQ((*read)[0].renews, "");
    EXPECT_EQ((*read)[2].renews, "5A01");
    EXPECT_TRUE((*read)[2].supersedes);
    EXPECT_EQ(*read_binding(write_binding({7, 8})), (Bytes{7, 8}));
}

TEST(IssuancePayload, RefusesAnythingElse) {
    for (const auto* text : {"",
                             "{}",
                             "[]",
                             "{\"certificates\":{}}",
                             "{\"certificates\":[1]}",
                             "{\"certificates\":[{\"credential_id\":\"a\"}]}",
                             "{\"certificates\":[{\"credential_id\":1,\"tbs\":\"AQ\"}]}",
                             "{\"certificates\":[{\"credential_id\":\"a\",\"tbs\":\"A=\"}]}",
                             "{\"certificates\":[{\"credential_id\":\"a\",\"tbs\":\"AQ\","
                             "\"renews\":\"5A\"}]}",
                             "{\"certificates\":[{\"credential_id\":\"a\",\"tbs\":\"AQ\","
                             "\"renews\":1,\"supersedes\":true}]}"}) {
        EXPECT_FALSE(read_issuance(text).has_value()) << text;
        EXPECT_FALSE(read_binding(text).has_value()) << text;
    }
    EXPECT_FALSE(read_binding("{\"statement\":\"+\"}").has_value());
}

TEST(PasskeyPoint, IsOnTheCurve) {
    const tests::support::Passkey passkey;
    const auto good = bytes_of(passkey.point());
    ASSERT_EQ(*read_point(good), passkey.point());

    auto off = good;
    off[64] ^= 1;
    EXPECT_FALSE(read_point(off).has_value());
    auto hybrid = good;
    hybrid[0] = static_cast<hsm::Byte>(6 + (good[64] & 1));  // X9.62: with y's parity
    EXPECT_FALSE(read_point(hybrid).has_value());
    auto infinity = Bytes(65, 0);
    EXPECT_FALSE(read_point(infinity).has_value());
    infinity[0] = 4;
    EXPECT_FALSE(read_point(infinity).has_value());
    EXPECT_FALSE(read_point(hsm::ByteView(good).first(33)).has_value());
    EXPECT_FALSE(read_point({}).has_value());
}

}  // namespace
}  // namespace cloudsign::credential
