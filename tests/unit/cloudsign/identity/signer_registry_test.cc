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

TEST_F(SignerRegistryTest, TakesNoIdThatLooksLikeAnother) {
    SignerRegistry signers(*database_, clock_);
    for (const auto* const id : {"a\u200b", "\u202ea\u202c", "a\u00ad", " ", "\u3000"}) {
        const auto refused = signers.add(id, "A", "CN=A", "vi");
        ASSERT_FALSE(refused.has_value()) << id;
        EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
    }
}

TEST_F(SignerRegistryTest, FreezesASigner) {
    SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("a", "A", "CN=A", "vi").has_value());

    ASSERT_TRUE(signers.set_status("a", store::SignerStatus::frozen));

    EXPECT_EQ((*signers.find("a"))->status, store::SignerStatus::frozen);
    EXPECT_EQ(signers.set_status("b", store::SignerStatus::frozen).error().kind,
              ErrorKind::not_found);
}

TEST_F(SignerRegistryTest, DeletesASignerForGood) {
    SignerRegistry signers(*database_, clock_);
    ASSERT_TRUE(signers.add("a", "A", "CN=A", "vi", "079").has_value());
    ASSERT_TRUE(signers.add("b", "B", "CN=B", "vi").has_value());

    ASSERT_TRUE(signers.remove("a"));

    EXPECT_EQ(signers.find("a").error().kind, ErrorKind::not_found);
    EXPECT_EQ(signers.find_by_account("079").error().kind, ErrorKind::not_found);
    EXPECT_EQ(signers.page("", 10)->size(), 1u);
    EXPECT_EQ(signers.set_status("a", store::SignerStatus::active).error().kind,
              ErrorKind::not_found);
    EXPECT_EQ(signers.remove("a").error().kind, ErrorKind::not_found);
    EXPECT_EQ(signers.add("a", "C", "CN=C", "vi").error().kind, ErrorKind::conflict)
        << "logs that name it must not come to mean somebody else";
    EXPECT_TRUE(signers.add("a-2", "A", "CN=A", "vi", "079").has_value());
}

}  // namespace
}  // namespace cloudsign::identity
