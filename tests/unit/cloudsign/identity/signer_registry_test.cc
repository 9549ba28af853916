#include "cloudsign/identity/signer_registry.h"

#include "tests/unit/cloudsign/identity/registry_fixture.h"

namespace cloudsign::identity {
namespace {

using SignerRegistryTest = RegistryTest;

TEST_F(SignerRegistryTest, FindsWhomItAdded) {
    SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("012345678901", "Trần Thị B", "CN=Trần Thị B,C=VN", "vi").has_value());

    const auto found = signers.find("012345678901");

    ASSERT_TRUE(found.has_value());
    EXPECT_EQ((*found)->subject, "CN=Trần Thị B,C=VN");
    EXPECT_EQ((*found)->created_at, clock_.now_ms());
    EXPECT_EQ(signers.find("0").error().kind, ErrorKind::not_found);
}

TEST_F(SignerRegistryTest, TakesAnIdOnce) {
    SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("a", "A", "CN=A", "vi").has_value());

    const auto again = signers.add("a", "B", "CN=B", "vi");

    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().kind, ErrorKind::conflict);
    EXPECT_EQ(again.error().detail, "the signer's id is taken");
}

TEST_F(SignerRegistryTest, FreezesASigner) {
    SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("a", "A", "CN=A", "vi").has_value());

    ASSERT_TRUE(signers.set_status("a", store::SignerStatus::frozen));

    EXPECT_EQ((*signers.find("a"))->status, store::SignerStatus::frozen);
    EXPECT_EQ(signers.set_status("b", store::SignerStatus::frozen).error().kind,
              ErrorKind::not_found);
}

}  // namespace
}  // namespace cloudsign::identity
