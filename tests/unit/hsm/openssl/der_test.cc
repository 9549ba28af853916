#include "hsm/openssl/der.h"

#include <gtest/gtest.h>

#include "hsm/openssl/p256.h"
#include "hsm/protocol/key_blob.h"

namespace hsm::openssl {
namespace {

TEST(Der, ReadsOneObjectAndNothingAroundIt) {
    const auto key = make_p256_key();
    const auto der = to_der(key.get(), i2d_PUBKEY);
    auto longer = der;
    longer.push_back(0);
    const auto shorter = ByteView(der).first(der.size() - 1);

    EXPECT_TRUE(equal(der, protocol::p256_spki(*p256_point(key.get()))));
    EXPECT_EQ(to_der(read_spki(der).get(), i2d_PUBKEY), der);
    EXPECT_EQ(read_spki(longer), nullptr);
    EXPECT_EQ(read_spki(shorter), nullptr);
    EXPECT_EQ(read_spki({}), nullptr);
    EXPECT_EQ(read_x509(der), nullptr);
}

}  // namespace
}  // namespace hsm::openssl
