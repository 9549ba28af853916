#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/document/jws_signature.h"
#include "hsm/openssl/digest.h"
#include "hsm/openssl/ecdsa_raw.h"
#include "tests/unit/cloudsign/verify/verify_site.h"

namespace cloudsign::verify {
namespace {

namespace json = boost::json;
using document::Algorithm;
using evidence::test_algorithm;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;

const std::string text = R"({"hồ sơ": 1})";

// JAdES as `kyso sign` and signDoc make it.
class JwsVerifierTest : public VerifyTest {
protected:
    JwsVerifierTest()
        : chain_{services_.authority.issue(key_, "CN=Nguyễn Văn A,C=VN", 42),
                 services_.authority.certificate()} {}

    std::string signing_input() {
        return document::prepare_jws(
                   hsm::view_of(text), "json", chain_, test_algorithm, document::now_ms())
            ->signing_input;
    }

    std::string sign(std::string_view input,
                     document::JwsPayload payload = document::JwsPayload::detached) {
        return *document::finish_jws(input,
                                     test_algorithm,
                                     key_.sign(test_algorithm, bytes_of(hsm::view_of(input))),
                                     chain_.front(),
                                     payload);
    }

    std::string sign_hash() {
        const auto hash = hsm::openssl::digest_of(hsm::view_of(text), DigestAlgorithm::sha256);
        return sign(document::prepare_jws_of_hash(
                        hash, "hồ sơ.json", chain_, test_algorithm, document::now_ms())
                        ->signing_input);
    }

    // A signature that is good, under a header that `change` has been at.
    template <class Change>
    std::string signed_with(std::string jws, const Change& change) {
        auto header =
            json::parse(hsm::text_of(*from_base64url(jws.substr(0, jws.find('.'))))).as_object();
        change(header);
        const bool is_of_hash = header.contains("sigD");
        return sign(base64url(hsm::view_of(json::serialize(header))) + "." +
                    (is_of_hash ? "" : base64url(hsm::view_of(text))));
    }

    Report verified(const std::string& content, const std::string& jws) {
        auto with = options();
        with.fetch = services_.fetch();
        return verify_beside(hsm::view_of(content), hsm::view_of(jws), with);
    }

    const pki::TestKey key_{KeyType::p256};
    const std::vector<Bytes> chain_;
};

TEST_F(JwsVerifierTest, AcceptsWhatWeSign) {
    for (const auto& jws : {sign(signing_input()),
                            sign(signing_input(), document::JwsPayload::attached),
                            sign_hash(),
                            sign_hash() + "\n"}) {
        const auto report = verified(text, jws);

        expect(report, Verdict::valid, Code::no_timestamp);
        const auto& signature = report.signatures.at(0);
        EXPECT_EQ(signature.level, Level::b_b);
        EXPECT_EQ(signature.format, "JAdES");
        EXPECT_EQ(signature.signer->name, "Nguyễn Văn A");
        EXPECT_TRUE(signature.claimed_time_ms);
        EXPECT_EQ(signature.signature_algorithm, "ES256");
        EXPECT_EQ(signature.digest_algorithm, "sha256");
    }
}

TEST_F(JwsVerifierTest, AcceptsEveryKeyAndAlgorithmThatJwsNames) {
    for (const auto& [type, algorithm] : other_keys) {
        const pki::TestKey key(type);
        const std::vector<Bytes> chain{services_.authority.issue(key, "CN=B,C=VN", 43),
                                       services_.authority.certificate()};
        const auto prepared =
            document::prepare_jws(hsm::view_of(text), "json", chain, algorithm, document::now_ms());
        ASSERT_TRUE(prepared);
        const auto input = bytes_of(hsm::view_of(prepared->signing_input));
        EXPECT_EQ(prepared->hash, hsm::openssl::digest_of(input, algorithm.digest));

        const auto jws = document::finish_jws(
            prepared->signing_input, algorithm, key.sign(algorithm, input), chain.front());

        ASSERT_TRUE(jws) << jws.error().detail;
        expect(verified(text, *jws), Verdict::valid);
    }
}

TEST_F(JwsVerifierTest, SignsNothingThatJwsHasNoNameFor) {
    const Algorithm odd{Scheme::rsa_pss, DigestAlgorithm::sha256, 20};
    EXPECT_EQ(document::prepare_jws({}, "", chain_, odd, 0).error().kind, ErrorKind::invalid);
    EXPECT_EQ(document::prepare_jws_of_hash(Bytes(20), "", chain_, test_algorithm, 0).error().kind,
              ErrorKind::invalid);
    // A P-256 key's value under the name of another curve.
    const Algorithm es384{Scheme::ecdsa, DigestAlgorithm::sha384, 0};
    const auto input = document::prepare_jws({}, "", chain_, es384, 0)->signing_input;
    EXPECT_FALSE(document::finish_jws(
        input, es384, key_.sign(es384, bytes_of(hsm::view_of(input))), chain_.front()));
}

TEST_F(JwsVerifierTest, IsAboutTheDocumentThatIsShown) {
    expect(verified(text + " ", sign(signing_input())), Verdict::invalid, Code::signature_mismatch);
    expect(verified(text + " ", sign(signing_input(), document::JwsPayload::attached)),
           Verdict::invalid,
           Code::digest_mismatch);
    expect(verified(text + " ", sign_hash()), Verdict::invalid, Code::digest_mismatch);
}

TEST_F(JwsVerifierTest, NoByteOfItMayChange) {
    for (const auto& good : {sign(signing_input()), sign_hash()}) {
        for (std::size_t at = 0; at < good.size(); at += 5) {
            auto jws = good;
            jws[at] = jws[at] == 'A' ? 'B' : 'A';
            EXPECT_NE(verified(text, jws).verdict(), Verdict::valid) << at;
        }
    }
}

TEST_F(JwsVerifierTest, UnderstandsWhatIsCriticalOrDoesNotPass) {
    const auto plain = sign(signing_input());
    const auto of_hash = sign_hash();
    const auto with = [&](const std::string& jws, const char* name, const json::value& value) {
        return verified(text,
                        signed_with(jws, [&](json::object& header) { header[name] = value; }));
    };

    expect(with(plain, "note", 1), Verdict::valid);
    expect(with(plain, "crit", json::array{"note"}), Verdict::invalid, Code::jws_malformed);
    expect(
        with(plain, "crit", json::array{"cty"}), Verdict::indeterminate, Code::format_unsupported);
    expect(with(plain, "crit", json::array{}), Verdict::invalid, Code::jws_malformed);
    expect(with(plain, "b64", false), Verdict::invalid, Code::jws_malformed);
    expect(with(plain, "alg", "none"), Verdict::invalid, Code::jws_malformed);
    expect(with(plain, "alg", "HS256"), Verdict::invalid, Code::jws_malformed);
    expect(with(plain, "alg", "RS256"), Verdict::invalid, Code::signature_mismatch);
    expect(with(of_hash, "crit", json::array{"sigD"}), Verdict::invalid, Code::jws_malformed);
    expect(with(of_hash, "sigD", json::object{{"mId", "other"}}),
           Verdict::indeterminate,
           Code::format_unsupported);
    // The hash of another document stands first, and ours behind it.
    auto two = signed_with(of_hash, [](json::object& header) {
        auto& hashes = header["sigD"].as_object()["hashV"].as_array();
        hashes.insert(hashes.begin(), "AAAA");
    });
    expect(verified(text, two), Verdict::indeterminate, Code::format_unsupported);
}

TEST_F(JwsVerifierTest, RefusesACertificateThatIsNotNamed) {
    const auto twin = services_.authority.issue(key_, "CN=Trần Văn B,C=VN", 44);
    const auto exchanged = signed_with(sign(signing_input()), [&](json::object& header) {
        header["x5c"] = json::array{json::string(base64(twin))};
    });
    expect(verified(text, exchanged), Verdict::invalid, Code::signing_certificate_mismatch);

    const auto nobody =
        signed_with(sign(signing_input()), [](json::object& header) { header.erase("x5c"); });
    expect(verified(text, nobody), Verdict::indeterminate, Code::certificate_missing);
}

TEST_F(JwsVerifierTest, RefusesACertificateWhoseKeyCannotBeRead) {
    // The curve's identifier, 1.2.840.10045.3.1.7, becomes one that is none.
    auto unknown = chain_.front();
    const Bytes curve{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    const auto at = std::search(unknown.begin(), unknown.end(), curve.begin(), curve.end());
    ASSERT_NE(at, unknown.end());
    at[curve.size() - 1] = 0x7f;
    for (const auto* algorithm : {"ES256", "RS256"}) {
        const auto jws = signed_with(sign(signing_input()), [&](json::object& header) {
            header["x5c"] = json::array{json::string(base64(unknown))};
            header["alg"] = algorithm;
            header.erase("x5t#S256");
        });
        expect(verified(text, jws), Verdict::invalid, Code::signature_mismatch);
    }
}

TEST_F(JwsVerifierTest, PlainJwsHasNoLevel) {
    const auto plain = signed_with(sign(signing_input()), [](json::object& header) {
        header.erase("iat");
        header.erase("x5t#S256");
    });

    const auto report = verified(text, plain);

    expect(report, Verdict::valid);
    EXPECT_EQ(report.signatures.at(0).format, "JWS");
    EXPECT_EQ(report.signatures[0].level, Level::none);
}

TEST_F(JwsVerifierTest, RefusesWhatIsNoJws) {
    const auto good = sign(signing_input());
    for (const auto& jws : {std::string("eyJ"),
                            "e30." + good.substr(good.find('.') + 1) + "=",
                            good + ".x",
                            "eyJhIjoxLCJhIjoyfQ.." + good.substr(good.rfind('.') + 1)}) {
        expect(verified(text, jws), Verdict::invalid, Code::jws_malformed);
    }
}

TEST(EcdsaRaw, IsTheSameNumbers) {
    const pki::TestKey key(KeyType::p256);
    for (int i = 0; i < 64; ++i) {
        const auto der = key.sign(test_algorithm, Bytes{static_cast<hsm::Byte>(i)});
        const auto raw = hsm::openssl::ecdsa_raw(der, 32);
        ASSERT_TRUE(raw);
        EXPECT_EQ(hsm::openssl::ecdsa_der(*raw), der);
    }
    EXPECT_FALSE(hsm::openssl::ecdsa_raw(Bytes{0x30, 0x00}, 32));
    EXPECT_FALSE(hsm::openssl::ecdsa_der(Bytes(63)));
    EXPECT_FALSE(hsm::openssl::ecdsa_raw(key.sign(test_algorithm, {}), 16));
}

}  // namespace
}  // namespace cloudsign::verify
