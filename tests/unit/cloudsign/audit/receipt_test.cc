#include "tests/unit/cloudsign/audit/audited_group.h"

namespace cloudsign::audit {
namespace {

class ReceiptTest : public testing::Test {
protected:
    void SetUp() override { audited_.work(2); }

    Result<ReceiptFacts> verify(hsm::ByteView receipt) {
        return verify_receipt(receipt, audited_.certificate(), audited_.roots);
    }

    AuditedGroup audited_;
};

TEST_F(ReceiptTest, StatesTheSignature) {
    const auto receipt = audited_.last_receipt;

    const auto facts = verify(receipt);

    ASSERT_TRUE(facts.has_value()) << facts.error().detail;
    EXPECT_EQ(bytes_of(facts->details.signature), audited_.last_signature);
    EXPECT_EQ(facts->details.leaf_index, 1u);
    EXPECT_EQ(facts->details.leaf_count, 2u);
    EXPECT_EQ(facts->device.module_id, tests::support::module_id_of(audited_.group.target()));
}

TEST_F(ReceiptTest, RefusesAnyByteChangedAndAnyCut) {
    const auto receipt = audited_.last_receipt;
    const auto certificate = audited_.certificate();
    for (std::size_t i = 0; i < receipt.size(); ++i) {
        auto changed = receipt;
        changed[i] ^= 1;
        EXPECT_FALSE(verify_receipt(changed, certificate, audited_.roots).has_value()) << i;
        EXPECT_FALSE(verify_receipt(hsm::ByteView(receipt).first(i), certificate, audited_.roots)
                         .has_value());
    }
    auto longer = receipt;
    longer.push_back(0);
    EXPECT_FALSE(verify_receipt(longer, certificate, audited_.roots).has_value());
}

TEST_F(ReceiptTest, RefusesAnotherRootModuleOrClass) {
    AuditedGroup another;
    another.work(1);
    EXPECT_FALSE(verify_receipt(audited_.last_receipt, another.certificate(), another.roots));
    EXPECT_FALSE(verify_receipt(another.last_receipt, audited_.certificate(), audited_.roots));
    EXPECT_FALSE(verify_receipt(audited_.last_receipt, audited_.certificate(), another.roots));
    EXPECT_FALSE(verify_receipt(audited_.last_receipt,
                                audited_.certificate(0, hsm::protocol::AssuranceClass::hardware),
                                audited_.roots));
}

// A signed head is signed by the same key; it is no receipt.
TEST_F(ReceiptTest, RefusesOtherSignedStatements) {
    EXPECT_FALSE(verify(audited_.make_head(0, audited_.challenge)).has_value());
    EXPECT_FALSE(verify({}).has_value());
}

}  // namespace
}  // namespace cloudsign::audit
