#include "cloudsign/rssp/ssl2.h"

#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/store/client_settings.h"

namespace cloudsign::rssp {
namespace {

// By openssl: `printf bvsecretRPS1700000000000 | openssl dgst -sha1 -sign`, and the key's public
// half; then other public keys.
constexpr std::string_view pkcs1 =
    "KB+u9sTGpe20Yu37hCPcPEuyIItCy14UtJUOw6Q3M+iBhv8aLSr27LKiVg5aVaUETg54yig4ZP8eQqOXQOV1K/YW"
    "gU3NrIcB3W6WxZlVE7prKpJbvpFbrxIhXp5Cg/XsfZHPC4uhS7ncYIMgKEe3A0DvKZBPgpNLlcHF8i6lO6557stO"
    "WCeyM6B4NAKh07idf78wpagwZGflolGYk1esH3zJel2TUepzX860GqV1rEljceRnjwex8jKCaBhUB3SBjPhPfHAn"
    "ecI0ZMGeG1jf7/7KIGm1RSJxKUaQ4NEot+AI8WkYKjZPZ8vqrUNXA6cLoxchIL52uSiJQXLmBFaOzA==";
constexpr std::string_view spki =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0CjUN2nTWd6qDthhkpcnDuj+fjm69nd79CQ7nHJS55vA"
    "m9bIwTwHhqZoEYczLFXEFzW5220ak6yDcKY48obDQ4/HMObuTFzTFBuAsYrR2aGZA0J1cS1zG4btJRtKRGmBWP/S"
    "yeXYGfIAKm5N8UC92v+gBwPil+itLPlpN7T974bcbrRbytLHv7tg7GNExN+QXg91TndwS5ZDJQJ3vyLIxeBPo1w5"
    "eQlQ35Gd+cHaIjgolL4idZKh2mpsP0cFmk/TbaaNb/Kt2GBIxUBx0C4yManJ+mDjqW7thbGzruz7bRtE95cElOMU"
    "ihIRzYG4+aN6DxpXQ/AYa0yCss8zJ7riSQIDAQAB";
constexpr std::string_view spki_of_p256 =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEouQsVd8v0tudmvSZmyY1lYqqJLCcIrqpTictLfhPObFi3NSZ95pf"
    "Bh0jimpTu0SZgotaZgMBT00nDTQsc86hgg==";
constexpr std::string_view spki_of_1024_bits =
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC5CNp7fuSfei6LDvE1l+RJGVazWXJR40mnkHAhBJtdt1P8utxA"
    "F6/sHoJb50H1pg32lKnjhkzEZTeUpIdFaOoNoXvAvkEvsya+gPQyrFeGf3dzZPCTC+m/XFXBu8HK6tlIfOS34Fl/"
    "waJz0yariznCIY2M0+MqAMGGpkLVJV9UMQIDAQAB";
constexpr std::int64_t then = 1'700'000'000'000;

std::string value_of(std::string_view text) {
    return base64(hsm::view_of(text));
}

std::string good_value(std::string_view user = "bv") {
    return value_of(std::string(user) + ":secret:RPS:1700000000000:" + std::string(pkcs1));
}

class Ssl2Test : public testing::Test {
protected:
    Result<void> check(const std::string& value,
                       std::string_view key = spki,
                       std::string_view signature = "RPS") {
        const auto header = Ssl2::parse(value);
        return header ? verifier_.check(*header, key, signature) : Result<void>(header.error());
    }

    FakeClock clock_{then};
    Ssl2Verifier verifier_{clock_};
};

TEST_F(Ssl2Test, ReadsTheFiveParts) {
    const auto header = Ssl2::parse(good_value());

    ASSERT_TRUE(header.has_value());
    EXPECT_EQ(header->user, "bv");
    EXPECT_EQ(header->password, "secret");
    EXPECT_EQ(header->signature, "RPS");
    EXPECT_EQ(header->time_ms, then);
    EXPECT_EQ(base64(header->pkcs1), pkcs1);
}

TEST_F(Ssl2Test, RefusesWhatIsNone) {
    for (const auto& value : {std::string(),
                              std::string("x"),
                              value_of(""),
                              value_of("a:b:c:1"),
                              value_of(":b:c:1:AAAA"),
                              value_of("a:b:c:x:AAAA"),
                              value_of("a:b:c:1x:AAAA"),
                              value_of("a:b:c::AAAA"),
                              value_of("a:b:c:99999999999999999999:AAAA"),
                              value_of("a:b:c:1:AAAA:x"),
                              value_of("a:b:c:1:A"),
                              std::string(8196, 'A')}) {
        EXPECT_FALSE(Ssl2::parse(value).has_value()) << value.substr(0, 80);
    }
}

TEST_F(Ssl2Test, TakesASignedHeaderOnce) {
    EXPECT_TRUE(check(good_value()).has_value());
    EXPECT_FALSE(check(good_value()).has_value());
}

TEST_F(Ssl2Test, RefusesAnythingElseThanWhatIsSigned) {
    EXPECT_FALSE(check(good_value("bw")).has_value());
    EXPECT_FALSE(check(good_value(), spki, "RPX").has_value());
    EXPECT_FALSE(check(good_value(), spki, "").has_value());
    EXPECT_FALSE(check(good_value(), "").has_value());
    EXPECT_FALSE(check(good_value(), "AAAA").has_value());
    EXPECT_FALSE(check(good_value(), spki_of_p256).has_value());
    EXPECT_FALSE(check(good_value(), spki_of_1024_bits).has_value());
    EXPECT_TRUE(check(good_value()).has_value());
}

TEST_F(Ssl2Test, IsGoodForFiveMinutesOnEitherSide) {
    FakeClock late(then + Ssl2Verifier::window_ms);
    FakeClock early(then - Ssl2Verifier::window_ms);
    for (auto* clock : {&late, &early}) {
        Ssl2Verifier verifier(*clock);
        EXPECT_TRUE(verifier.check(*Ssl2::parse(good_value()), spki, "RPS").has_value());
    }
    late.advance(1);
    early.advance(-1);
    for (auto* clock : {&late, &early}) {
        Ssl2Verifier verifier(*clock);
        EXPECT_FALSE(verifier.check(*Ssl2::parse(good_value()), spki, "RPS").has_value());
    }
}

TEST_F(Ssl2Test, RefusesATimeThatWouldOverflow) {
    for (const std::string time : {"9223372036854775807", "-9223372036854775808"}) {
        EXPECT_FALSE(
            check(value_of("bv:secret:RPS:" + time + ":" + std::string(pkcs1))).has_value());
    }
}

TEST(RsspSettings, TakeAnRsaKeyAndNoOther) {
    store::ClientSettings settings;
    EXPECT_FALSE(settings.rssp_ssl2);
    for (const auto key :
         {spki_of_p256, spki_of_1024_bits, std::string_view("AAAA"), std::string_view("x")}) {
        EXPECT_FALSE(store::set_client_setting(settings, "rssp.public_key", key).has_value());
    }
    EXPECT_EQ(settings.rssp_public_key, "");
    EXPECT_TRUE(store::set_client_setting(settings, "rssp.public_key", spki).has_value());
    EXPECT_EQ(settings.rssp_public_key, spki);
    EXPECT_TRUE(store::set_client_setting(settings, "rssp.public_key", "").has_value());
}

}  // namespace
}  // namespace cloudsign::rssp
