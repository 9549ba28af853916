#include "cloudsign/oauth/token_service.h"

#include <array>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "cloudsign/base64.h"
#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::oauth {
namespace {

using Json = nlohmann::json;

std::string b64(const std::string& text) {
    return base64url(hsm::view_of(text));
}

std::string joined(const std::string& header, const std::string& payload) {
    return b64(header) + "." + b64(payload);
}

// Signatures here are OpenSSL's, not those of the library under test.
std::string with_es256(const TokenKey& key, const std::string& header, const std::string& payload) {
    const auto text = joined(header, payload);
    std::unique_ptr<BIO, decltype(&BIO_free_all)> source(
        BIO_new_mem_buf(key.private_pem().data(), static_cast<int>(key.private_pem().size())),
        BIO_free_all);
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> private_key(
        PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
    std::array<unsigned char, 80> der{};
    std::size_t size = der.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, private_key.get()),
              1);
    EXPECT_EQ(
        EVP_DigestSign(context.get(), der.data(), &size, hsm::view_of(text).data(), text.size()),
        1);
    const unsigned char* cursor = der.data();
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(
        d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)), ECDSA_SIG_free);
    std::array<hsm::Byte, 64> raw{};
    BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), raw.data(), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), raw.data() + 32, 32);
    return text + "." + base64url(raw);
}

std::string with_hs256(const std::string& secret,
                       const std::string& header,
                       const std::string& payload) {
    const auto text = joined(header, payload);
    std::array<hsm::Byte, 32> mac{};
    unsigned size = 0;
    HMAC(EVP_sha256(),
         secret.data(),
         static_cast<int>(secret.size()),
         hsm::view_of(text).data(),
         text.size(),
         mac.data(),
         &size);
    return text + "." + base64url(mac);
}

std::string with_rs256(const std::string& header, const std::string& payload) {
    const auto text = joined(header, payload);
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                    EVP_MD_CTX_free);
    Bytes signature(256);
    std::size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()), 1);
    EXPECT_EQ(EVP_DigestSign(
                  context.get(), signature.data(), &size, hsm::view_of(text).data(), text.size()),
              1);
    return text + "." + base64url(signature);
}

class TokenServiceTest : public identity::RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        auto revocations = Revocations::open(*database_, clock_);
        ASSERT_TRUE(revocations.has_value());
        revocations_ = *std::move(revocations);
        auto key = TokenKeyFiles(folder_.file("token-key.pem")).open();
        ASSERT_TRUE(key.has_value());
        pem_ = key->private_pem();
        service_ = make_service(settings_);
        const auto token = service_->issue({.client_id = "client-1"});
        ASSERT_TRUE(token.has_value());
        token_ = token->token;
        const auto first = token_.find('.');
        const auto second = token_.find('.', first + 1);
        header_ = text(token_.substr(0, first));
        payload_ = text(token_.substr(first + 1, second - first - 1));
    }

    std::unique_ptr<TokenService> make_service(const TokenSettings& settings) {
        auto key = TokenKey::from_pem(pem_);
        EXPECT_TRUE(key.has_value());
        auto service = TokenService::create(*std::move(key), {}, settings, clock_, *revocations_);
        EXPECT_TRUE(service.has_value());
        return service ? *std::move(service) : nullptr;
    }

    static std::string text(const std::string& encoded) {
        const auto bytes = from_base64url(encoded);
        EXPECT_TRUE(bytes.has_value());
        return std::string(hsm::text_of(*bytes));
    }

    TokenKey key() { return *TokenKey::from_pem(pem_); }

    // Our own token but for what `change` does to its claims, under our own key.
    template <class Change>
    std::string changed(Change change) {
        auto claims = Json::parse(payload_);
        change(claims);
        return with_es256(key(), header_, claims.dump());
    }

    void expect_refused(const std::string& token, const std::string& why) {
        const auto verified = service_->verify(token);
        ASSERT_FALSE(verified.has_value()) << why;
        EXPECT_EQ(verified.error().kind, ErrorKind::unauthenticated) << why;
    }

    std::unique_ptr<Revocations> revocations_;
    const TokenSettings settings_{"https://api.localhost:8443", "kyso-csc", 3600};
    std::string pem_;
    std::unique_ptr<TokenService> service_;
    std::string token_;
    std::string header_;
    std::string payload_;
};

TEST_F(TokenServiceTest, KnowsItsOwnTokens) {
    const auto claims = service_->verify(token_);

    ASSERT_TRUE(claims.has_value()) << claims.error().detail;
    EXPECT_EQ(claims->client_id, "client-1");
    EXPECT_EQ(claims->expires_at_s, 1'700'000'000 + 3600);
    EXPECT_TRUE(service_->verify(token_).has_value());
    EXPECT_EQ(Json::parse(header_), (Json{{"alg", "ES256"}, {"kid", key().kid()}, {"typ", "JWT"}}));
    const auto written = Json::parse(payload_);
    EXPECT_EQ(written["scope"], "service");
    EXPECT_EQ(written["iss"], "https://api.localhost:8443");
    EXPECT_TRUE(written["exp"].is_number_unsigned());
    EXPECT_NE(service_->issue({.client_id = "client-1"})->token, token_);
}

TEST_F(TokenServiceTest, AcceptsTheSameTokenFromOutside) {
    EXPECT_TRUE(service_->verify(with_es256(key(), header_, payload_)).has_value());
    EXPECT_TRUE(service_->verify(changed([](Json&) {})).has_value());
}

TEST_F(TokenServiceTest, PublishesTheKeyThatVerifies) {
    const auto jwks = Json::parse(service_->jwks());

    ASSERT_EQ(jwks["keys"].size(), 1u);
    const auto& published = jwks["keys"][0];
    EXPECT_EQ(published["kid"], Json::parse(header_)["kid"]);
    EXPECT_EQ(published["kty"], "EC");
    EXPECT_EQ(published["crv"], "P-256");
    EXPECT_EQ(published["alg"], "ES256");
    EXPECT_EQ(published["use"], "sig");
    EXPECT_EQ(from_base64url(published["x"].get<std::string>())->size(), 32u);
    EXPECT_EQ(from_base64url(published["y"].get<std::string>())->size(), 32u);
    EXPECT_FALSE(published.contains("d"));
}

TEST_F(TokenServiceTest, SaysThatATokenHasExpired) {
    clock_.advance(3'599'000);
    EXPECT_TRUE(service_->verify(token_).has_value());

    clock_.advance(1000);

    const auto cached = service_->verify(token_);
    ASSERT_FALSE(cached.has_value());
    EXPECT_EQ(cached.error().kind, ErrorKind::token_expired);
    EXPECT_EQ(make_service(settings_)->verify(token_).error().kind, ErrorKind::token_expired);
}

TEST_F(TokenServiceTest, GoesByItsOwnClock) {
    clock_.advance(-40LL * 365 * 86'400'000);
    const auto old = service_->issue({.client_id = "client-1"});
    ASSERT_TRUE(old.has_value());

    EXPECT_TRUE(service_->verify(old->token).has_value());
    expect_refused(token_, "issued far in the future");
}

TEST_F(TokenServiceTest, RefusesEveryOtherAlgorithm) {
    const auto header = [&](const std::string& alg) {
        return R"({"alg":")" + alg + R"(","kid":")" + key().kid() + R"(","typ":"JWT"})";
    };
    const auto public_pem = key().public_key().pem;

    expect_refused(joined(header("none"), payload_) + ".", "none");
    expect_refused(joined(header("none"), payload_), "none, two parts");
    expect_refused(joined(header("NONE"), payload_) + ".", "NONE");
    expect_refused(with_es256(key(), header("none"), payload_), "none with a right signature");
    expect_refused(with_hs256(public_pem, header("HS256"), payload_), "HS256 by the public key");
    expect_refused(with_hs256(public_pem, header("ES256"), payload_), "an HMAC said to be ES256");
    expect_refused(with_hs256("", header("HS256"), payload_), "HS256 by nothing");
    expect_refused(with_rs256(header("RS256"), payload_), "RS256");
    expect_refused(with_es256(key(), header("ES384"), payload_), "ES384");
    expect_refused(with_es256(key(), header("es256"), payload_), "es256");
}

TEST_F(TokenServiceTest, RefusesEveryOtherHeader) {
    const auto kid = key().kid();
    for (const auto& header : {
             std::string(R"({"alg":5})"),
             R"({"alg":5,"kid":")" + kid + R"(","typ":"JWT"})",
             std::string(R"({"alg":null,"typ":"JWT"})"),
             std::string(R"({"alg":["ES256"],"typ":"JWT"})"),
             std::string(R"({"alg":"ES256","kid":"unknown","typ":"JWT"})"),
             std::string(R"({"alg":"ES256","typ":"JWT"})"),
             R"({"alg":"ES256","alg":"none","kid":")" + kid + R"(","typ":"JWT"})",
             R"({"alg":"none","alg":"ES256","kid":")" + kid + R"(","typ":"JWT"})",
             R"({"alg":"ES256","crit":["x"],"kid":")" + kid + R"(","typ":"JWT","x":1})",
             R"({"alg":"ES256","kid":")" + kid + R"(","typ":"JWE"})",
             R"({"alg": "ES256","kid":")" + kid + R"(","typ":"JWT"})",
             R"({"alg":"ES256","jwk":{},"kid":")" + kid + R"(","typ":"JWT"})",
             std::string("[1]"),
             std::string("5"),
             std::string("null"),
             std::string("{}"),
             std::string(""),
             std::string("{"),
         }) {
        expect_refused(with_es256(key(), header, payload_), header);
    }
}

TEST_F(TokenServiceTest, RefusesTheTokensOfAnotherKey) {
    const auto other = TokenKeyFiles(folder_.file("other.pem")).open();
    ASSERT_TRUE(other.has_value());

    expect_refused(with_es256(*other, header_, payload_), "our header, another key");
    auto named = Json::parse(header_);
    named["kid"] = other->kid();
    expect_refused(with_es256(*other, named.dump(), payload_), "kid unknown");
}

TEST_F(TokenServiceTest, RefusesOtherIssuersAndAudiences) {
    auto elsewhere = settings_;
    elsewhere.issuer = "https://api.localhost:8444";
    expect_refused(make_service(elsewhere)->issue({.client_id = "client-1"})->token, "issuer");
    elsewhere = settings_;
    elsewhere.audience = "kyso-office";
    expect_refused(make_service(elsewhere)->issue({.client_id = "client-1"})->token, "audience");
}

TEST_F(TokenServiceTest, RefusesEveryClaimOfAnotherTypeOrValue) {
    const std::vector<Json> others = {Json(nullptr),
                                      Json(true),
                                      Json(5),
                                      Json(-5),
                                      Json(1.5),
                                      Json("x"),
                                      Json(""),
                                      Json::array(),
                                      Json::array({"x"}),
                                      Json::object(),
                                      Json(1e30),
                                      Json(UINT64_MAX),
                                      Json("service "),
                                      Json(1700003600.0)};
    const std::set<std::string_view> text_claims{"sub", "client_id", "jti", "scope"};
    for (const auto* name : {"iss", "aud", "sub", "client_id", "iat", "exp", "jti", "scope"}) {
        expect_refused(changed([&](Json& claims) { claims.erase(name); }),
                       std::string("without ") + name);
        for (const auto& other : others) {
            const bool fine = text_claims.contains(name)
                                  ? other.is_string() && other != ""
                                  : std::string_view(name) == "iat" && other == Json(5);
            const auto token = changed([&](Json& claims) { claims[name] = other; });
            const auto verified = service_->verify(token);
            EXPECT_EQ(verified.has_value(), fine) << name << " " << other.dump();
        }
    }
    expect_refused(changed([](Json& claims) { claims["admin"] = true; }), "a claim too many");
    expect_refused(changed([](Json& claims) { claims["exp"] = claims["iat"]; }), "no life");
}

TEST_F(TokenServiceTest, RefusesPayloadsThatItWouldNotHaveWritten) {
    const auto twice = [&](const std::string& claim) {
        return "{" + claim + "," + payload_.substr(1);
    };
    for (const auto& payload : {std::string("[1]"),
                                std::string("5"),
                                std::string("\"x\""),
                                std::string("null"),
                                std::string("{}"),
                                std::string(""),
                                std::string("{"),
                                payload_ + " ",
                                " " + payload_,
                                payload_ + payload_,
                                payload_ + std::string(1, '\0'),
                                twice(R"("sub":"client-2")"),
                                twice(R"("aud":"kyso-csc")"),
                                twice(R"("sub":"client-1")"),
                                payload_.substr(0, payload_.size() - 1) + R"(,"sub":"client-2"})",
                                payload_.substr(0, payload_.size() - 1),
                                std::string("\xff\xfe")}) {
        expect_refused(with_es256(key(), header_, payload), payload);
    }
}

TEST_F(TokenServiceTest, TellsASignersTokenFromAClients) {
    const auto token = service_->issue({.client_id = "client-1", .signer_id = "an"});
    ASSERT_TRUE(token.has_value());

    const auto claims = service_->verify(token->token);

    ASSERT_TRUE(claims.has_value());
    EXPECT_EQ(claims->client_id, "client-1");
    EXPECT_EQ(claims->signer_id, "an");
    EXPECT_FALSE(service_->verify(token_)->signer_id.has_value());
    EXPECT_FALSE(service_->issue({.client_id = "client-1", .signer_id = "client-1"}).has_value());
}

TEST_F(TokenServiceTest, KeepsWhatIsSpecialAboutAToken) {
    const TokenGrant plain{"client-1", "an", "service", "grant_1", {}, {"thumb", {}}};
    const TokenGrant sad{"client-1", "an", "credential", "grant_2", "tx_1", {{}, "certificate"}};

    const auto bound = service_->verify(service_->issue(plain)->token);
    const auto ticket = service_->verify(service_->issue(sad)->token);

    ASSERT_TRUE(bound && ticket);
    EXPECT_EQ(bound->grant_id, "grant_1");
    EXPECT_EQ(bound->confirmation, (Confirmation{"thumb", {}}));
    EXPECT_FALSE(bound->transaction_id.has_value());
    EXPECT_EQ(ticket->transaction_id, "tx_1");
    EXPECT_EQ(ticket->confirmation, (Confirmation{{}, "certificate"}));
    EXPECT_EQ(service_->verify(token_)->confirmation, Confirmation());
    const std::vector<std::function<void(Json&)>> strange = {
        [](Json& claims) { claims["cnf"] = Json::object(); },
        [](Json& claims) { claims["cnf"] = "thumb"; },
        [](Json& claims) {
            claims["cnf"] = {{"jkt", 5}};
        },
        [](Json& claims) {
            claims["cnf"] = {{"jkt", "x"}, {"jwk", Json::object()}};
        },
        [](Json& claims) { claims["grant_id"] = ""; },
        [](Json& claims) { claims["grant_id"] = 5; },
        [](Json& claims) { claims["scope"] = "credential"; },
        [](Json& claims) { claims["transaction_id"] = "tx_1"; },
        [](Json& claims) { claims["transaction_id"] = 5; },
    };
    for (std::size_t i = 0; i < strange.size(); ++i) {
        expect_refused(changed(strange[i]), "change " + std::to_string(i));
    }
}

TEST_F(TokenServiceTest, EndsATokenWithWhatWasGranted) {
    TokenGrant grant{.client_id = "client-1"};
    grant.until_ms = clock_.now_ms() + 90'000;

    const auto token = service_->issue(grant);

    ASSERT_TRUE(token.has_value());
    EXPECT_EQ(token->expires_in_s, 90);
    clock_.advance(90'000);
    EXPECT_EQ(service_->verify(token->token).error().kind, ErrorKind::token_expired);
    EXPECT_EQ(service_->issue(grant).error().kind, ErrorKind::expired);
}

TEST_F(TokenServiceTest, RefusesARevokedTokenAtOnce) {
    const auto other = service_->issue({.client_id = "client-1", .grant_id = "grant_1"});
    const auto id = service_->verify(token_)->token_id;
    ASSERT_TRUE(service_->verify(other->token).has_value());

    ASSERT_TRUE(revocations_->revoke_token(id, clock_.now_ms() + 3'600'000));
    expect_refused(token_, "revoked");
    EXPECT_TRUE(service_->verify(other->token).has_value());
    EXPECT_EQ(service_->read(token_)->token_id, id);

    ASSERT_TRUE(revocations_->revoke_grant("grant_1"));
    expect_refused(other->token, "its grant is revoked");
}

TEST_F(TokenServiceTest, ChangesItsKeyUnderTokensThatStayGood) {
    TokenKeyFiles files(folder_.file("token-key.pem"));
    const auto old_kid = key().kid();
    clock_.advance(1000);

    const auto kid = service_->rotate(files);

    ASSERT_TRUE(kid.has_value()) << kid.error().detail;
    const auto fresh = service_->issue({.client_id = "client-1"});
    EXPECT_TRUE(service_->verify(token_).has_value());
    EXPECT_TRUE(service_->verify(fresh->token).has_value());
    auto jwks = Json::parse(service_->jwks());
    ASSERT_EQ(jwks["keys"].size(), 2u);
    EXPECT_EQ(jwks["keys"][0]["kid"], *kid);
    EXPECT_EQ(jwks["keys"][1]["kid"], old_kid);

    auto again = TokenService::create(
        *files.open(), *files.retired(clock_.now_ms()), settings_, clock_, *revocations_);
    ASSERT_TRUE(again.has_value());
    EXPECT_TRUE((*again)->verify(token_).has_value());
    EXPECT_TRUE((*again)->verify(fresh->token).has_value());

    const auto unseen = with_es256(key(), header_, payload_);
    clock_.advance(3'600'000 + 60'000);
    EXPECT_EQ(Json::parse(service_->jwks())["keys"].size(), 1u);
    expect_refused(unseen, "of a key that is gone");
}

TEST_F(TokenServiceTest, RefusesEveryTruncationAndEveryChangedCharacter) {
    for (std::size_t size = 0; size < token_.size(); ++size) {
        expect_refused(token_.substr(0, size), "cut to " + std::to_string(size));
    }
    for (std::size_t i = 0; i < token_.size(); ++i) {
        auto spoilt = token_;
        spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
        expect_refused(spoilt, "changed at " + std::to_string(i));
    }
    for (const auto& more : {token_ + "A",
                             token_ + ".",
                             token_ + "=",
                             token_ + "\n",
                             " " + token_,
                             token_ + "." + token_,
                             std::string(1'000'000, '.'),
                             std::string(3000, 'A')}) {
        expect_refused(more, "longer");
    }
}

TEST_F(TokenServiceTest, RefusesASignatureOfZeros) {
    const auto body = joined(header_, payload_);

    expect_refused(body + "." + base64url(Bytes(64, 0)), "zeros");
    expect_refused(body + "." + base64url(Bytes(63, 1)), "63 bytes");
    expect_refused(body + "." + base64url(Bytes(65, 1)), "65 bytes");
    expect_refused(body + ".", "none");
}

TEST_F(TokenServiceTest, SurvivesItsKeyFile) {
    const auto again = make_service(settings_);

    EXPECT_TRUE(again->verify(token_).has_value());
}

TEST_F(TokenServiceTest, ServesManyThreads) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 20; ++i) {
                const auto token = service_->issue({.client_id = std::to_string(t)});
                ASSERT_TRUE(token.has_value());
                const auto claims = service_->verify(token->token);
                ASSERT_TRUE(claims.has_value());
                ASSERT_EQ(claims->client_id, std::to_string(t));
                ASSERT_TRUE(service_->verify(token_).has_value());
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

}  // namespace
}  // namespace cloudsign::oauth
