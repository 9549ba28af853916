#include "cloudsign/identity/client_secret.h"

#include <gtest/gtest.h>

namespace cloudsign::identity {
namespace {

TEST(ClientSecret, IsRightForItsOwnHashOnly) {
    const auto secret = new_client_secret();
    const auto hash = hash_client_secret(secret);

    EXPECT_EQ(secret.size(), 43u);
    EXPECT_TRUE(hash.starts_with("scrypt$16384$8$1$"));
    EXPECT_EQ(check_client_secret(secret, hash), SecretCheck::right);
    EXPECT_EQ(check_client_secret(secret + "x", hash), SecretCheck::wrong);
    EXPECT_EQ(check_client_secret("", hash), SecretCheck::wrong);
    EXPECT_EQ(check_client_secret(new_client_secret(), hash), SecretCheck::wrong);
}

TEST(ClientSecret, SaltsEachHash) {
    EXPECT_NE(hash_client_secret("same"), hash_client_secret("same"));
}

// hashlib.scrypt(b"correct horse", salt=bytes(range(16)), n=16384, r=8, p=1, dklen=32)
TEST(ClientSecret, AgreesWithAnotherImplementation) {
    const std::string hash =
        "scrypt$16384$8$1$AAECAwQFBgcICQoLDA0ODw$JbN2hANm9NOw4h5BRHZnbjzQ6Jr0QwNWojTOC2WgIbU";

    EXPECT_EQ(check_client_secret("correct horse", hash), SecretCheck::right);
    EXPECT_EQ(check_client_secret("correct hors", hash), SecretCheck::wrong);
}

TEST(ClientSecret, RefusesEveryHashThatItWouldNotHaveWritten) {
    const auto hash = hash_client_secret("secret");
    ASSERT_EQ(check_client_secret("secret", hash), SecretCheck::right);
    for (const auto& spoilt : {std::string(),
                               std::string("scrypt$16384$8$1$$"),
                               hash + "A",
                               hash + "$",
                               hash.substr(0, hash.size() - 1),
                               "scrypt$16$8$1$" + hash.substr(17),
                               std::string("plain$secret"),
                               std::string(decoy_secret_hash())}) {
        EXPECT_EQ(check_client_secret("secret", spoilt), SecretCheck::wrong) << spoilt;
    }
}

}  // namespace
}  // namespace cloudsign::identity
