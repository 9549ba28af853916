#include "cloudsign/oauth/token_key.h"

#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::oauth {
namespace {

TEST(TokenKey, IsMadeOnceAndReadAgain) {
    const store::ScratchFolder folder;
    const auto path = folder.file("token-key.pem");

    const auto first = TokenKey::open(path);
    const auto second = TokenKey::open(path);

    ASSERT_TRUE(first.has_value()) << first.error().detail;
    ASSERT_TRUE(second.has_value()) << second.error().detail;
    EXPECT_EQ(first->kid(), second->kid());
    EXPECT_EQ(first->kid().size(), 43u);
    EXPECT_EQ(first->public_pem(), second->public_pem());
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST(TokenKey, SaysWhichFileItCannotUse) {
    const store::ScratchFolder folder;

    const auto missing = TokenKey::open(folder.file("no/such/key.pem"));

    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().kind, ErrorKind::unavailable);
    EXPECT_NE(missing.error().detail.find("no/such/key.pem"), std::string::npos);
}

TEST(TokenKey, RefusesWhatIsNoP256Key) {
    const store::ScratchFolder folder;
    const auto path = folder.file("token-key.pem");
    std::ofstream(path) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

    EXPECT_FALSE(TokenKey::open(path).has_value());
    EXPECT_FALSE(TokenKey::from_pem("").has_value());
    // Ed25519, RFC 8410 §10.3.
    EXPECT_FALSE(
        TokenKey::from_pem("-----BEGIN PRIVATE KEY-----\n"
                           "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
                           "-----END PRIVATE KEY-----\n")
            .has_value());
}

}  // namespace
}  // namespace cloudsign::oauth
