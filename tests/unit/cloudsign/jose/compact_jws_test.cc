#include "cloudsign/jose/compact_jws.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/strict_json.h"
#include "hsm/openssl/p256.h"

namespace cloudsign::jose {
namespace {

namespace json = boost::json;

struct Vector {
    const char* name;
    Algorithm algorithm;
    const char* jwk;
    const char* jws;
};

// RFC 7515 A.2 and A.3; the other two were made with Python's cryptography.
constexpr Vector vectors[] = {
    {"RS256",
     Algorithm::rs256,
     R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfH)"
     R"(Qp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ4)"
     R"(7soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapH)"
     R"(g665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGN)"
     R"(j8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"})",
     "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"
     "tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu"
     "3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdi"
     "uB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--x"
     "i12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5A"
     "XLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {"ES256",
     Algorithm::es256,
     R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":)"
     R"("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})",
     "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGF"
     "tcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw"
     "5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {"ES384",
     Algorithm::es384,
     R"({"kty":"EC","crv":"P-384","x":"MH8uLZ0DnRJn2svrhNVmJpFZfQ9WMZfVDWKjTtmGE-q-q_hpe)"
     R"(CuBceYvC6cRvDXS","y":"LnWI_NXOkSopE3ObYMZnEPRVoF0JWLbikkqkAL_gM1SYFvRyAfr8KplOWc)"
     R"(BRODuF"})",
     "eyJhbGciOiJFUzM4NCJ9.eyJpc3MiOiJqb2UifQ.a-h-ZqdgFH53tonJ0FVKvm_f44Eunoxj_zVA_dIKpCH1"
     "HZz_oRs7bgh0epuBwaCIcc50XlxKoChriB6SCWzYUTPHGgfU2R2x6BoFDZgjEgdLNh9n7jzbr40Hvwf3e-_c"},
    {"PS256",
     Algorithm::ps256,
     R"({"kty":"RSA","n":"0Ni3eL8erecvFmpi44zdZoB4aHoSXr7ljsh4DiQOs7pmoHM6T3cpklITXDfTex)"
     R"(J5j577W0XhucoXY3c3snSeEMeJA-vmYcEPJpPY6bZv6xDLXgVPN5uEMqfqHfnSEV8JuW6g5m5UAl75kf)"
     R"(FbK7OBEwU9CvykJlSC6lR_BLoFN_4obx_xs5n2rO2jzoEdZ3j41MkFN_X3nz-PnSM_sK0NaUCxsZRGx4)"
     R"(R6GraLhIA9tcW_YY9QAkl-4aQ7zq4dO0CDix730sNJizsu6p7qcBipUQX4cmBumx0MsP3EiGMUEYRL3m)"
     R"(EmAGsfOlCgdFIt3owr03buGwR15MZum_E15bvEOw","e":"AQAB"})",
     "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJqb2UifQ.XkOq05dki7lJqdaiIQwmx0UPHu1MYK1pf-qjZlSvf6WK"
     "9a0B69IpLXF0GCMKtIIYFDkenoms6Apg-MJgQQQWXGD0Q1nnnii-oujz4uziIgIM4jQ74y-UfyUMRSWn5U5A"
     "HcEd2ccXfQrlfEjOmBjAe8TcMjprF_dXmNprLHGZWRCMGGsNmzW2KYqa28iQ0TBgmMgjbgTtrfDFlaoAsRwJ"
     "UT5ymKwzPVjNsbZkRNnjRzUdZdH0_uggbpMruFtZKmx3X-SuByThIx9Z9EZghMtpP4eo_xMtjxna5y5ox3kU"
     "SlRsaJQltuoWxru5EZqmE1haDeb44Q7fd2sufVFhE4kFDQ"},
};

// By the key of PS256, with a salt of 20 bytes.
constexpr const char* short_salt =
    "eyJhbGciOiJQUzI1NiJ9.eyJpc3MiOiJqb2UifQ.cqe-TSB3It1NvErxeIzGcnNNq6kAoRkw3va2T3dYRZJo"
    "M-RLeCbmaQbRzt4_LbDiUmTERWJShpkHTDkT9sUiZBZLnvJ9x9F1fj-VtSope_PxLvej8lSx6qQKZSEwlEMQ"
    "pO0-V-e-bGKLE4fiZjGfxwXpIydckGFj_KbgCWpst0_zqd3Ihs1TcgIyhxGGcAzxY2NxsZrJo8XWpY41KKG7"
    "y-jwu9xfjA_-lMTMcrPw2xDcElgMF7tA99f3Im2TBaZoa9ReoGps2qY_6Ebx5dvymcP55u9Td7DX4fS2m1IU"
    "ADieyNMVGGO2AIAQJ-GELh1G0sP-CmmsobfxCLAayWGotg";

json::object object_of(std::string_view text) {
    auto object = parse_strict_json(text);
    EXPECT_TRUE(object.has_value()) << text;
    return object ? *std::move(object) : json::object();
}

std::string why_not(const json::object& jwk) {
    const auto key = PublicKey::from_jwk(jwk);
    return key ? "taken" : key.error().detail;
}

PublicKey key_of(const Vector& vector) {
    auto key = PublicKey::from_jwk(object_of(vector.jwk));
    EXPECT_TRUE(key.has_value()) << vector.name;
    return *std::move(key);
}

std::string encoded(std::string_view text) {
    return base64url(hsm::view_of(text));
}

TEST(CompactJws, VerifiesWhatOthersSigned) {
    for (const auto& vector : vectors) {
        const auto jws = CompactJws::read(vector.jws);

        ASSERT_TRUE(jws.has_value()) << vector.name;
        EXPECT_EQ(jws->algorithm(), vector.algorithm);
        EXPECT_EQ(string_in(jws->payload(), "iss"), "joe");
        for (const auto& other : vectors) {
            EXPECT_EQ(jws->verified_by(key_of(other)), &other == &vector)
                << vector.name << " with the key of " << other.name;
        }
    }
}

TEST(CompactJws, RefusesEveryChangedCharacter) {
    for (const auto& vector : vectors) {
        const auto key = key_of(vector);
        const std::string good = vector.jws;
        for (std::size_t i = 0; i < good.size(); ++i) {
            auto changed = good;
            changed[i] = good[i] == 'A' ? 'B' : 'A';
            const auto jws = CompactJws::read(changed);
            EXPECT_FALSE(jws && jws->verified_by(key)) << vector.name << " at " << i;
        }
        for (const auto& changed : {good + "A",
                                    good + "=",
                                    good.substr(0, good.size() - 1),
                                    good.substr(0, good.rfind('.') + 1),
                                    " " + good,
                                    good + ".",
                                    good.substr(0, good.rfind('.'))}) {
            const auto jws = CompactJws::read(changed);
            EXPECT_FALSE(jws && jws->verified_by(key)) << vector.name << ": " << changed;
        }
    }
}

TEST(CompactJws, RefusesAPssSaltOfAnotherLength) {
    const auto jws = CompactJws::read(short_salt);

    ASSERT_TRUE(jws.has_value());
    EXPECT_FALSE(jws->verified_by(key_of(vectors[3])));
}

TEST(CompactJws, RefusesHeadersThatItDoesNotUnderstand) {
    for (const std::string_view header : {R"({"alg":"none"})",
                                          R"({"alg":"HS256"})",
                                          R"({"alg":"es256"})",
                                          R"({"typ":"JWT"})",
                                          R"({"alg":["ES256"]})",
                                          R"({"alg":"ES256","crit":["exp"]})",
                                          R"({"alg":"ES256","b64":false})",
                                          R"({"alg":"ES256","alg":"none"})",
                                          R"(["ES256"])",
                                          R"({"alg":"ES256"} x)"}) {
        EXPECT_FALSE(CompactJws::read(encoded(header) + ".e30.AAAA")) << header;
    }
    EXPECT_FALSE(CompactJws::read(encoded(R"({"alg":"ES256"})") + "." + encoded("[1]") + ".AAAA"));
    EXPECT_TRUE(CompactJws::read(encoded(R"({"alg":"ES256"})") + ".e30.AAAA"));
    EXPECT_FALSE(
        CompactJws::read(encoded(R"({"alg":"ES256"})") + ".e30." + std::string(9000, 'A')));
}

TEST(PublicKey, HasTheThumbprintOfItsJwk) {
    // RFC 7638 §3.1.
    const json::object rsa{
        {"kty", "RSA"},
        {"n",
         "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxu"
         "hDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN"
         "5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5"
         "hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBni"
         "Iqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"},
        {"e", "AQAB"},
        {"alg", "RS256"},
        {"kid", "2011-04-29"}};

    const auto key = PublicKey::from_jwk(rsa);

    ASSERT_TRUE(key.has_value());
    EXPECT_EQ(base64url(key->thumbprint()), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    EXPECT_EQ(key->kid(), "2011-04-29");
    EXPECT_TRUE(key->allows(Algorithm::rs256));
    EXPECT_FALSE(key->allows(Algorithm::ps256)) << "its own alg says RS256";
}

TEST(PublicKey, RefusesWhatIsNoPublicSignatureKey) {
    const auto with = [](json::object jwk, std::string_view name, json::value value) {
        jwk[name] = std::move(value);
        return why_not(jwk);
    };
    const auto ec = object_of(vectors[1].jwk);
    const auto rsa = object_of(vectors[0].jwk);

    EXPECT_EQ(with(ec, "d", "AAAA"), "the key has a private part");
    EXPECT_EQ(with(rsa, "p", "AAAA"), "the key has a private part");
    EXPECT_EQ(with(ec, "use", "enc"), "the key is not for signatures");
    EXPECT_EQ(with(ec, "key_ops", json::array{"sign"}), "the key is not for signatures");
    EXPECT_EQ(with(ec, "key_ops", json::array{"verify"}), "taken");
    EXPECT_EQ(with(ec, "use", "sig"), "taken");
    EXPECT_EQ(with(ec, "kid", 7), "kid must be a string");
    EXPECT_EQ(with(ec, "kty", "oct"), "kty must be EC or RSA");
    EXPECT_EQ(with(ec, "crv", "secp256k1"), "the curve must be P-256 or P-384");
    EXPECT_EQ(with(ec, "crv", "P-384"), "the key is malformed");
    EXPECT_EQ(with(ec, "alg", "ES384"), "alg does not fit the key");
    EXPECT_EQ(with(ec, "alg", "RS256"), "alg does not fit the key");
    EXPECT_EQ(with(ec, "alg", "none"), "alg does not fit the key");
    EXPECT_EQ(with(ec, "x", json::string(*string_in(ec, "y"))), "the key is malformed")
        << "off the curve";
    const auto* weak = "an RSA key must have 2048 to 4096 bits and a small odd exponent";
    EXPECT_EQ(with(rsa, "n", json::string(encoded(std::string(128, '\xff')))), weak);
    EXPECT_EQ(with(rsa, "n", json::string(encoded(std::string(513, '\xff')))), weak);
    EXPECT_EQ(with(rsa, "n", json::string(encoded(std::string(256, '\x7f')))), weak);
    EXPECT_EQ(with(rsa, "e", "AQ"), weak);
    EXPECT_EQ(with(rsa, "e", "AAEAAQ"), weak);
    EXPECT_EQ(with(rsa, "e", "_________w"), weak);
}

TEST(PublicKey, ReadsASetOfKeys) {
    const std::string ec = vectors[1].jwk;
    const std::string rsa = vectors[0].jwk;
    const auto named = [](std::string jwk, const std::string& kid) {
        return jwk.insert(1, R"("kid":")" + kid + R"(",)");
    };
    const auto size_of = [](const std::string& text) {
        const auto keys = read_key_set(text);
        return keys ? keys->size() : 0;
    };

    EXPECT_EQ(size_of(R"({"keys":[)" + ec + "," + rsa + "]}"), 2u);
    EXPECT_EQ(size_of(R"({"keys":[)" + named(ec, "a") + "," + named(rsa, "b") + "]}"), 2u);
    EXPECT_EQ(size_of(R"({"keys":[)" + named(ec, "a") + "," + named(rsa, "a") + "]}"), 0u);
    EXPECT_EQ(size_of(R"({"keys":[]})"), 0u);
    EXPECT_EQ(size_of(R"({"keys":[7]})"), 0u);
    EXPECT_EQ(size_of(ec), 0u);
    EXPECT_EQ(size_of("nonsense"), 0u);
    EXPECT_EQ(size_of(R"({"keys":[)" + ec + "]}" + std::string(16'384, ' ')), 0u);
    std::string nine = ec;
    for (int i = 1; i < 9; ++i) {
        nine += "," + ec;
    }
    EXPECT_EQ(size_of(R"({"keys":[)" + nine + "]}"), 0u);
}

TEST(Es256Signer, SignsWhatItsPublicKeyVerifies) {
    const auto signer =
        Es256Signer::from_pem(hsm::openssl::private_key_pem(hsm::openssl::make_p256_key().get()));
    ASSERT_TRUE(signer.has_value());
    const auto key = PublicKey::from_jwk(signer->jwk());
    ASSERT_TRUE(key.has_value());

    const auto jws = CompactJws::read(signer->sign("webhook+jwt", {{"event", "signed"}}));

    ASSERT_TRUE(jws.has_value());
    EXPECT_TRUE(jws->verified_by(*key));
    EXPECT_EQ(string_in(jws->header(), "typ"), "webhook+jwt");
    EXPECT_EQ(string_in(jws->header(), "kid"), signer->kid());
    EXPECT_EQ(key->kid(), base64url(key->thumbprint()));
    EXPECT_EQ(jws->payload(), (json::object{{"event", "signed"}}));
    EXPECT_FALSE(Es256Signer::from_pem("nonsense"));
}

}  // namespace
}  // namespace cloudsign::jose
