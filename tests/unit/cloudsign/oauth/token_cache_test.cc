#include "cloudsign/oauth/token_cache.h"

#include <gtest/gtest.h>

#include "cloudsign/sha256.h"

namespace cloudsign::oauth {
namespace {

ClientClaims until(std::int64_t expires_at_s) {
    ClientClaims claims;
    claims.client_id = "client";
    claims.expires_at_s = expires_at_s;
    return claims;
}

TEST(TokenCache, ForgetsWhatHasExpired) {
    TokenCache cache;
    cache.insert(sha256("a"), until(100), 50);

    ASSERT_TRUE(cache.find(sha256("a"), 99).has_value());
    EXPECT_EQ(cache.find(sha256("a"), 99)->client_id, "client");
    EXPECT_FALSE(cache.find(sha256("b"), 99).has_value());
    EXPECT_FALSE(cache.find(sha256("a"), 100).has_value());
    EXPECT_EQ(cache.size(), 0u);
}

TEST(TokenCache, NeverHoldsMoreThanItsBound) {
    TokenCache cache;
    for (std::size_t i = 0; i < 3 * TokenCache::entries_max; ++i) {
        cache.insert(sha256(std::to_string(i)), until(1000), 1);
    }
    EXPECT_EQ(cache.size(), TokenCache::entries_max);

    cache.insert(sha256("after all others expired"), until(3000), 2000);
    EXPECT_EQ(cache.size(), 1u);
}

}  // namespace
}  // namespace cloudsign::oauth
