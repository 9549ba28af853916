#include "hsm/protocol/key_type.h"

#include <gtest/gtest.h>

namespace hsm::protocol {
namespace {

TEST(KeyType, HasTheLengthThatItsNameSays) {
    EXPECT_EQ(key_bits(KeyType::p256), 256u);
    EXPECT_EQ(key_bits(KeyType::p384), 384u);
    EXPECT_EQ(key_bits(KeyType::rsa2048), 2048u);
    EXPECT_EQ(key_bits(KeyType::rsa3072), 3072u);
    EXPECT_EQ(key_bits(KeyType::rsa4096), 4096u);
    EXPECT_EQ(key_bits(KeyType{0}), 0u);
    EXPECT_FALSE(is_rsa(KeyType::p384));
    EXPECT_TRUE(is_rsa(KeyType::rsa2048));
    EXPECT_FALSE(is_rsa(KeyType{0}));
}

}  // namespace
}  // namespace hsm::protocol
