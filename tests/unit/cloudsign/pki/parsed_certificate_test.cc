#include "cloudsign/pki/parsed_certificate.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::pki {
namespace {

class ParsedCertificateTest : public testing::Test {
protected:
    Bytes certificate(const std::string& name) const {
        return make_certificate(key_,
                                "CN=" + name + ",C=VN",
                                key_,
                                default_algorithm(hsm::protocol::KeyType::p256),
                                {});
    }

    const TestKey key_{hsm::protocol::KeyType::p256};
};

TEST_F(ParsedCertificateTest, IsTheCertificateAndReadOnce) {
    const auto der = certificate("An");

    const auto first = parsed_certificate(der);
    const auto again = parsed_certificate(der);

    ASSERT_TRUE(first);
    EXPECT_EQ(hsm::openssl::to_der(first.get(), i2d_X509), der);
    EXPECT_EQ(first.get(), again.get());
}

TEST_F(ParsedCertificateTest, IsNothingForWhatIsNoCertificate) {
    auto longer = certificate("An");
    longer.push_back(0);
    for (const auto& der : {Bytes(), Bytes{0x30, 0x03, 1, 2, 3}, longer}) {
        EXPECT_FALSE(parsed_certificate(der));
        EXPECT_FALSE(parsed_certificate(der));
    }
}

TEST_F(ParsedCertificateTest, GoesWhenManyOthersHaveBeenReadAndLivesWhereItIsHeld) {
    const auto der = certificate("An");
    const auto used = certificate("Binh");
    const auto held = parsed_certificate(der);
    const auto* kept = parsed_certificate(used).get();
    constexpr int others = 300;

    for (int i = 0; i < others; ++i) {
        ASSERT_TRUE(parsed_certificate(certificate(std::to_string(i))));
        ASSERT_EQ(parsed_certificate(used).get(), kept) << i;
    }

    EXPECT_NE(parsed_certificate(der).get(), held.get());
    EXPECT_EQ(hsm::openssl::to_der(held.get(), i2d_X509), der);
}

TEST_F(ParsedCertificateTest, IsReadByManyAtOnce) {
    std::vector<Bytes> certificates;
    for (int i = 0; i < 150; ++i) {
        certificates.push_back(certificate("person " + std::to_string(i)));
    }
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&] {
            for (int round = 0; round < 3; ++round) {
                for (const auto& der : certificates) {
                    const auto parsed = parsed_certificate(der);
                    wrong += !parsed || X509_get0_pubkey(parsed.get()) == nullptr ||
                             hsm::openssl::to_der(parsed.get(), i2d_X509) != der;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }

    EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace cloudsign::pki
