#include <map>

#include "tests/support/port_board.h"
#include "tests/unit/firmware/engine/wycheproof.h"

// Project Wycheproof's vectors on emulated boards: keys, messages and signatures of strangers
// through the module's engine, every one that fits it.
namespace tests::system {
namespace {

using engine::from_hex;
using engine::wycheproof;
using hsm::Status;
using hsm::protocol::DigestAlgorithm;
using hsm::protocol::KeyType;
using hsm::protocol::Scheme;
using hsm::protocol::port::Operation;
using nlohmann::json;
using support::Bytes;

Bytes one(auto value) {
    return {static_cast<hsm::Byte>(value)};
}

Bytes joined(Bytes first, const Bytes& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

struct Count {
    std::size_t all = 0;
    std::size_t asked = 0;
    std::size_t accepted = 0;
    std::size_t either_way = 0;  // "acceptable"
    std::size_t unfitting = 0;
};

class Vectors : public testing::TestWithParam<const char*> {
protected:
    // What the board does with one vector: did it take it, and as `right`?
    using Attempt = std::function<bool(const json& group, const json& test)>;

    // Each fitting vector of `file`.
    void expect_agreement(const std::string& file,
                          const Attempt& takes,
                          const std::function<bool(const json& group)>& fits = {}) {
        const auto vectors = wycheproof(file);
        ASSERT_TRUE(vectors.has_value()) << file;
        Count count;
        for (const auto& group : (*vectors)["testGroups"]) {
            for (const auto& test : group["tests"]) {
                ++count.all;
                if (fits && !fits(group)) {
                    ++count.unfitting;
                } else {
                    check(file, takes(group, test), test, count);
                }
            }
        }
        EXPECT_GT(count.asked, 0u) << file;
        EXPECT_GT(count.accepted, 0u) << file;
        EXPECT_LT(count.accepted, count.asked) << file;
        std::printf(
            "vectors: %s %s: %zu of %zu asked, %zu accepted, %zu refused; acceptable either "
            "way %zu, unfitting %zu\n",
            GetParam(),
            file.c_str(),
            count.asked,
            count.all,
            count.accepted,
            count.asked - count.accepted,
            count.either_way,
            count.unfitting);
        total_ += count.asked;
    }

    void check(const std::string& file, bool taken, const json& test, Count& count) {
        ++count.asked;
        count.accepted += taken ? 1 : 0;
        if (test["result"] == "acceptable") {
            ++count.either_way;
            return;
        }
        EXPECT_EQ(test["result"] == "valid", taken) << file << " " << test.dump();
    }

    bool verifies(KeyType type,
                  Scheme scheme,
                  DigestAlgorithm digest,
                  bool raw,
                  const Bytes& key,
                  const json& test) {
        const auto salt = scheme == Scheme::rsa_pss ? hsm::protocol::digest_length(digest) : 0;
        const Bytes how{static_cast<hsm::Byte>(type),
                        static_cast<hsm::Byte>(scheme),
                        static_cast<hsm::Byte>(digest),
                        static_cast<hsm::Byte>(salt),
                        static_cast<hsm::Byte>(raw ? 1 : 0)};
        const auto answer =
            board_.ask(Operation::verify, {how, key, from_hex(test["msg"]), from_hex(test["sig"])});
        EXPECT_TRUE(answer.status == Status::ok || answer.status == Status::signature_wrong)
            << static_cast<std::uint32_t>(answer.status) << test.dump();
        return answer.status == Status::ok;
    }

    void ecdsa(const std::string& file, KeyType type, DigestAlgorithm digest, bool raw) {
        expect_agreement(file, [=, this](const json& group, const json& test) {
            return verifies(type,
                            Scheme::ecdsa,
                            digest,
                            raw,
                            from_hex(group["publicKey"]["uncompressed"]),
                            test);
        });
    }

    void rsa(const std::string& file, KeyType type, Scheme scheme) {
        expect_agreement(file, [=, this](const json& group, const json& test) {
            return verifies(type,
                            scheme,
                            DigestAlgorithm::sha256,
                            false,
                            from_hex(group["publicKeyAsn"]),
                            test);
        });
    }

    void SetUp() override {
        if (!wycheproof("ecdsa_secp256r1_sha256_test.json")) {
            GTEST_SKIP() << "skipped: no vectors (KYSO_VECTORS)";
        }
    }
    void TearDown() override {
        if (total_ != 0) {
            std::printf("vectors: %s: %zu in all\n", GetParam(), total_);
        }
    }

    std::size_t total_ = 0;
    support::ScratchFolder folder_;
    support::PortBoard board_{folder_.path() / "board", GetParam()};
};

TEST_P(Vectors, OfSignaturesAgree) {
    ecdsa("ecdsa_secp256r1_sha256_test.json", KeyType::p256, DigestAlgorithm::sha256, false);
    ecdsa("ecdsa_secp256r1_sha256_p1363_test.json", KeyType::p256, DigestAlgorithm::sha256, true);
    ecdsa("ecdsa_secp384r1_sha384_test.json", KeyType::p384, DigestAlgorithm::sha384, false);
    const std::pair<const char*, KeyType> sizes[] = {
        {"2048", KeyType::rsa2048}, {"3072", KeyType::rsa3072}, {"4096", KeyType::rsa4096}};
    for (const auto& [bits, type] : sizes) {
        const std::string size = bits;
        rsa("rsa_signature_" + size + "_sha256_test.json", type, Scheme::rsa_pkcs1);
        rsa("rsa_pss_" + size + "_sha256_mgf1_32_test.json", type, Scheme::rsa_pss);
    }
}

// The module's KEKs have 256 bits. What is wrapped anew must be the vector's.
TEST_P(Vectors, OfKeyWrappingAgree) {
    expect_agreement(
        "aes_kwp_test.json",
        [this](const json&, const json& test) {
            const auto kek = from_hex(test["key"]);
            const auto plain = from_hex(test["msg"]);
            const auto wrapped = from_hex(test["ct"]);
            const auto opened = board_.ask(Operation::kwp_unwrap, {kek, wrapped});
            if (opened.status != Status::ok) {
                return false;
            }
            const auto again = board_.ask(Operation::kwp_wrap, {kek, plain});
            EXPECT_EQ(std::vector<Bytes>{wrapped}, again.fields) << test.dump();
            return opened.fields == std::vector<Bytes>{plain};
        },
        [](const json& group) { return group["keySize"] == 256; });
}

TEST_P(Vectors, OfGcmAgree) {
    expect_agreement("aes_gcm_test.json", [this](const json&, const json& test) {
        const auto sealed = joined(from_hex(test["ct"]), from_hex(test["tag"]));
        const auto answer = board_.ask(
            Operation::gcm_open,
            {from_hex(test["key"]), from_hex(test["iv"]), from_hex(test["aad"]), sealed});
        return answer.status == Status::ok &&
               answer.fields == std::vector<Bytes>{from_hex(test["msg"])};
    });
}

TEST_P(Vectors, OfMacsAndDerivationAgree) {
    // Half of the tags are the first 128 bits.
    expect_agreement("hmac_sha256_test.json", [this](const json&, const json& test) {
        const auto answer = board_.ask(
            Operation::hmac,
            {one(DigestAlgorithm::sha256), from_hex(test["key"]), from_hex(test["msg"])});
        EXPECT_EQ(Status::ok, answer.status);
        const auto tag = from_hex(test["tag"]);
        auto mac = answer.fields.at(0);
        mac.resize(std::min(mac.size(), tag.size()));
        return mac == tag;
    });
    expect_agreement("hkdf_sha256_test.json", [this](const json&, const json& test) {
        const auto size = test["size"].get<std::size_t>();
        const auto answer = board_.ask(Operation::hkdf,
                                       {one(DigestAlgorithm::sha256),
                                        from_hex(test["ikm"]),
                                        from_hex(test["salt"]),
                                        from_hex(test["info"]),
                                        joined(one(size >> 8), one(size))});
        return answer.status == Status::ok &&
               answer.fields == std::vector<Bytes>{from_hex(test["okm"])};
    });
}

// Wycheproof's vectors here have SHA-256 only; RFC 4231, test case 2.
TEST_P(Vectors, OfRfc4231AgreeForTheLongerDigests) {
    const std::map<DigestAlgorithm, std::string> expected{
        {DigestAlgorithm::sha384,
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649"},
        {DigestAlgorithm::sha512,
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"}};
    const auto key = support::copy_of(hsm::view_of("Jefe"));
    const auto message = support::copy_of(hsm::view_of("what do ya want for nothing?"));
    for (const auto& [digest, mac] : expected) {
        const auto answer = board_.ask(Operation::hmac, {one(digest), key, message});
        EXPECT_EQ(std::vector<Bytes>{from_hex(mac)}, answer.fields);
    }
}

INSTANTIATE_TEST_SUITE_P(Boards,
                         Vectors,
                         testing::Values("mps2_an505", "mps2_an386"),
                         [](const auto& board) { return std::string(board.param); });

}  // namespace
}  // namespace tests::system
