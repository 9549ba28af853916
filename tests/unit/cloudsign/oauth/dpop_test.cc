#include "cloudsign/oauth/dpop.h"

#include <gtest/gtest.h>

#include "cloudsign/jose/public_key.h"
#include "cloudsign/sha256.h"
#include "tests/unit/cloudsign/oauth/test_jws.h"

namespace cloudsign::oauth {
namespace {

namespace json = boost::json;

class DpopVerifierTest : public testing::Test {
protected:
    json::object header() const {
        return {{"typ", "dpop+jwt"}, {"alg", "ES256"}, {"jwk", key_.jwk()}};
    }

    json::object claims() {
        return {{"jti", "id-" + std::to_string(++ids_)},
                {"htm", "POST"},
                {"htu", "https://api.localhost:8443/oauth2/token"},
                {"iat", clock_.now_ms() / 1000}};
    }

    std::string outcome(const std::string& proof,
                        std::optional<std::string_view> access_token = std::nullopt) {
        const auto answer = verifier_.verify(proof, {"POST", urls_, access_token});
        return answer ? "taken" : answer.error().detail;
    }

    // A good proof but for one claim.
    std::string with(std::string_view name, const json::value& value) {
        auto changed = claims();
        changed[name] = value;
        return outcome(key_.sign(header(), changed));
    }

    std::string with_header(std::string_view name, const json::value& value) {
        auto changed = header();
        changed[name] = value;
        return outcome(key_.sign(changed, claims()));
    }

    const TestKey key_;
    const std::vector<std::string> urls_{"https://api.localhost:8443/oauth2/token",
                                         "https://mtls.localhost:8443/oauth2/token"};
    FakeClock clock_{1'700'000'000'000};
    DpopVerifier verifier_{clock_};
    int ids_ = 0;
};

TEST_F(DpopVerifierTest, AnswersTheThumbprintOfTheKey) {
    const auto answer =
        verifier_.verify(key_.sign(header(), claims()), {"POST", urls_, std::nullopt});

    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(*answer, base64url(jose::PublicKey::from_jwk(key_.jwk())->thumbprint()));
}

TEST_F(DpopVerifierTest, TakesTheExampleOfTheRfc) {
    // RFC 9449 §4.1 and §6.1.
    const FakeClock then(1'562'262'616'000);
    DpopVerifier verifier(then);
    const std::vector<std::string> urls{"https://server.example.com/token"};

    const auto answer = verifier.verify(
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMz"
        "R0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFq"
        "SG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwia"
        "HRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY"
        "yNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV3"
        "7xRZT3Lg",
        {"POST", urls, std::nullopt});

    ASSERT_TRUE(answer.has_value()) << answer.error().detail;
    EXPECT_EQ(*answer, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
}

TEST_F(DpopVerifierTest, TakesAProofOnce) {
    const auto proof = key_.sign(header(), claims());

    EXPECT_EQ(outcome(proof), "taken");
    EXPECT_EQ(outcome(proof), "DPoP proof: it was used before");
    auto same_id = claims();
    same_id["jti"] = "id-1";
    EXPECT_EQ(outcome(key_.sign(header(), same_id)), "DPoP proof: it was used before");
    // To the last moment of its life.
    clock_.advance(DpopVerifier::proof_age_max_s * 1000);
    EXPECT_EQ(outcome(proof), "DPoP proof: it was used before");
    clock_.advance(1000);
    EXPECT_EQ(outcome(proof), "DPoP proof: iat is not now");
}

TEST_F(DpopVerifierTest, RefusesAProofForAnotherRequest) {
    const auto method = "DPoP proof: htm is not the request's method";
    const auto url = "DPoP proof: htu is not the request's URL";

    EXPECT_EQ(with("htm", "GET"), method);
    EXPECT_EQ(with("htm", "post"), method);
    EXPECT_EQ(with("htm", 1), method);
    EXPECT_EQ(with("htu", "https://api.localhost:8443/oauth2/revoke"), url);
    EXPECT_EQ(with("htu", "https://api.localhost/oauth2/token"), url);
    EXPECT_EQ(with("htu", "http://api.localhost:8443/oauth2/token"), url);
    EXPECT_EQ(with("htu", "/oauth2/token"), url);
    EXPECT_EQ(with("htu", ""), url);
    EXPECT_EQ(with("htu", nullptr), url);
    EXPECT_EQ(with("htu", "HTTPS://API.localhost:8443/oauth2/token?a=b#c"), "taken");
    EXPECT_EQ(with("htu", "https://mtls.localhost:8443/oauth2/token"), "taken");
    EXPECT_EQ(with("htu", "https://api.localhost:8443/OAUTH2/token"), url);
}

TEST_F(DpopVerifierTest, TiesAProofToTheAccessToken) {
    const auto wrong = "DPoP proof: ath is not the hash of the access token";
    auto bound = claims();
    bound["ath"] = base64url(sha256(hsm::view_of("token")));

    EXPECT_EQ(outcome(key_.sign(header(), bound), "token2"), wrong);
    EXPECT_EQ(outcome(key_.sign(header(), claims()), "token"), wrong);
    EXPECT_EQ(outcome(key_.sign(header(), bound), "token"), "taken");
}

TEST_F(DpopVerifierTest, RefusesProofsOfAnotherTime) {
    const auto now = clock_.now_ms() / 1000;
    const auto wrong = "DPoP proof: iat is not now";

    EXPECT_EQ(with("iat", now + DpopVerifier::clock_ahead_max_s), "taken");
    EXPECT_EQ(with("iat", now + DpopVerifier::clock_ahead_max_s + 1), wrong);
    EXPECT_EQ(with("iat", "now"), wrong);
    EXPECT_EQ(with("iat", nullptr), wrong);
    // Whatever was seen before the start is not remembered.
    EXPECT_EQ(with("iat", now - 1), wrong);
    clock_.advance(100'000);
    EXPECT_EQ(with("iat", now + 100 - DpopVerifier::proof_age_max_s), "taken");
    EXPECT_EQ(with("iat", now + 100 - DpopVerifier::proof_age_max_s - 1), wrong);
}

TEST_F(DpopVerifierTest, RefusesWhatIsNoProof) {
    const auto no_key = "DPoP proof: its header must have typ dpop+jwt and a jwk";
    auto private_jwk = key_.jwk();
    private_jwk["d"] = "AAAA";

    EXPECT_EQ(with_header("typ", "JWT"), no_key);
    EXPECT_EQ(with_header("typ", nullptr), no_key);
    EXPECT_EQ(with_header("jwk", nullptr), no_key);
    EXPECT_EQ(with_header("jwk", private_jwk), "DPoP proof: the key has a private part");
    EXPECT_EQ(with_header("jwk", TestKey().jwk()), "DPoP proof: the signature is wrong");
    EXPECT_EQ(with_header("alg", "HS256"), "DPoP proof: its alg is not supported");
    EXPECT_EQ(with_header("alg", "none"), "DPoP proof: its alg is not supported");
    EXPECT_EQ(with_header("alg", "ES384"), "DPoP proof: the signature is wrong");
    EXPECT_EQ(with("jti", ""), "DPoP proof: jti is missing or too long");
    EXPECT_EQ(with("jti", 5), "DPoP proof: jti is missing or too long");
    EXPECT_EQ(with("jti", json::string(257, 'a')), "DPoP proof: jti is missing or too long");
    EXPECT_EQ(outcome(""), "DPoP proof: not a compact JWS");
}

TEST(ReplayMemory, RemembersForItsWindowAndNoLongerThanTwice) {
    ReplayMemory memory(100);
    using Seen = ReplayMemory::Seen;
    const auto a = sha256("a");

    EXPECT_EQ(memory.remember(a, 1000), Seen::first_time);
    EXPECT_EQ(memory.remember(sha256("b"), 1099), Seen::first_time);
    EXPECT_EQ(memory.remember(a, 1100), Seen::before);
    EXPECT_EQ(memory.remember(sha256("b"), 1199), Seen::before);
    EXPECT_EQ(memory.remember(a, 1300), Seen::first_time);
}

TEST(ReplayMemory, RefusesRatherThanForgets) {
    ReplayMemory memory(100);
    hsm::Digest proof{};
    for (std::uint32_t i = 0; i < ReplayMemory::entries_max; ++i) {
        std::memcpy(proof.data(), &i, sizeof i);
        ASSERT_EQ(memory.remember(proof, 1000), ReplayMemory::Seen::first_time);
    }

    EXPECT_EQ(memory.remember(sha256("one more"), 1050), ReplayMemory::Seen::no_room);
    EXPECT_EQ(memory.remember(proof, 1050), ReplayMemory::Seen::before);
    EXPECT_EQ(memory.remember(sha256("one more"), 1100), ReplayMemory::Seen::first_time);
}

}  // namespace
}  // namespace cloudsign::oauth
