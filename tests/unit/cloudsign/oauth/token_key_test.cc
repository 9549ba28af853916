#include <fstream>
#include <sys/stat.h>

#include <gtest/gtest.h>

#include "cloudsign/oauth/token_key_files.h"
#include "tests/unit/cloudsign/store/scratch.h"

namespace cloudsign::oauth {
namespace {

TEST(TokenKey, IsMadeOnceAndReadAgain) {
    const store::ScratchFolder folder;
    const auto path = folder.file("token-key.pem");

    const auto first = TokenKeyFiles(path).open();
    const auto second = TokenKeyFiles(path).open();

    ASSERT_TRUE(first.has_value()) << first.error().detail;
    ASSERT_TRUE(second.has_value()) << second.error().detail;
    EXPECT_EQ(first->kid(), second->kid());
    EXPECT_EQ(first->kid().size(), 43u);
    EXPECT_EQ(first->public_key().pem, second->public_key().pem);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777u, 0600u);
}

TEST(TokenKey, IsReplacedAndItsPublicHalfKept) {
    const store::ScratchFolder folder;
    TokenKeyFiles files(folder.file("token-key.pem"));
    const auto first = files.open();
    ASSERT_TRUE(first.has_value());

    const auto second = files.rotate(first->public_key(), 2000);

    ASSERT_TRUE(second.has_value()) << second.error().detail;
    EXPECT_NE(second->kid(), first->kid());
    EXPECT_EQ(files.open()->kid(), second->kid());
    const auto retired = files.retired(1999);
    ASSERT_TRUE(retired.has_value());
    ASSERT_EQ(retired->size(), 1u);
    EXPECT_EQ(retired->front().key.kid, first->kid());
    EXPECT_EQ(retired->front().until_ms, 2000);
    EXPECT_TRUE(files.retired(2000)->empty());
    EXPECT_TRUE(files.retired(0)->empty()) << "the file is gone";
}

TEST(TokenKey, SaysWhichFileItCannotUse) {
    const store::ScratchFolder folder;

    const auto missing = TokenKeyFiles(folder.file("no/such/key.pem")).open();

    ASSERT_FALSE(missing.has_value());
    EXPECT_EQ(missing.error().kind, ErrorKind::unavailable);
    EXPECT_NE(missing.error().detail.find("no/such/key.pem"), std::string::npos);
}

TEST(TokenKey, RefusesWhatIsNoP256Key) {
    const store::ScratchFolder folder;
    const auto path = folder.file("token-key.pem");
    std::ofstream(path) << "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

    EXPECT_FALSE(TokenKeyFiles(path).open().has_value());
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
