#include <openssl/x509.h>

#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/statement.h"
#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

bool is_signed_by(hsm::ByteView spki, hsm::ByteView statement, hsm::ByteView signature) {
    const auto* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          EVP_MD_CTX_free);
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(),
                            signature.data(),
                            signature.size(),
                            statement.data(),
                            statement.size()) == 1;
}

void expect_chain(const std::vector<Bytes>& records, const hsm::Digest& module_id) {
    const hsm::ByteView origin[] = {hsm::view_of(wire::log_origin_tag), module_id};
    auto previous = sha256(origin);
    std::uint64_t index = 1;
    for (const auto& bytes : records) {
        const auto record = wire::decode<wire::AuditRecord>(bytes);
        ASSERT_TRUE(record);
        EXPECT_EQ(record->index, index++);
        EXPECT_EQ(record->previous, previous);
        previous = sha256_of(bytes);
    }
}

TEST(AuditLog, IsOneChainFromTheFirstStartOn) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    for (int i = 0; i < 3; ++i) {
        const auto signing = approved_signing(group.target(), group.people, *holder);
        ASSERT_TRUE(call(group.target(), signing->request()));
        group[0].restart();
    }

    const auto records = export_log(group.target());

    // started, provisioned, key_generated, key_bound, then each time signed_leaf and started.
    EXPECT_EQ(records.size(), 10u);
    expect_chain(records, module_id_of(group.target()));
}

TEST(AuditLog, SignsAFreshHead) {
    ModuleGroup group;
    const auto info = call(group.target(), wire::GetInfoRequest{});
    const auto challenge = random_digest();

    const auto head =
        call(group.target(0, wire::Role::auditor), wire::AuditHeadRequest{challenge, 1234});

    ASSERT_TRUE(head);
    const auto parts = wire::decode_signed((*head)->signed_statement);
    ASSERT_TRUE(parts);
    EXPECT_TRUE(is_signed_by((*info)->identity_spki, parts->statement, parts->signature));
    const auto statement = wire::decode_tagged<wire::HeadStatement>(parts->statement);
    ASSERT_TRUE(statement);
    const auto records = export_log(group.target());
    EXPECT_EQ(statement->challenge, challenge);
    EXPECT_EQ(statement->index, records.size());
    EXPECT_EQ(statement->chain_hash, sha256_of(records.back()));
    EXPECT_EQ(statement->module_id, (*info)->module_id);
    EXPECT_EQ(statement->host_time, 1234u);
}

TEST(Receipt, ShowsTheRecordOfTheSignature) {
    ModuleGroup group;
    const auto info = call(group.target(), wire::GetInfoRequest{});
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(), group.people, *holder);
    const auto reply = call(group.target(), signing->request());
    ASSERT_TRUE(reply);

    const auto receipt = wire::decode_signed((*reply)->receipt);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(copy_of(receipt->statement), export_log(group.target()).back());
    Bytes buffer(4200);
    const auto statement =
        wire::encode_tagged(wire::ReceiptStatement{(*info)->module_id, receipt->statement}, buffer);
    ASSERT_TRUE(statement);
    EXPECT_TRUE(is_signed_by((*info)->identity_spki, *statement, receipt->signature));
    const auto record = wire::decode<wire::AuditRecord>(receipt->statement);
    const auto details = wire::decode<wire::SignedDetails>(record->details);
    ASSERT_TRUE(details);
    EXPECT_EQ(details->challenge, signing->activation.challenge);
    EXPECT_EQ(copy_of(details->hash), signing->hashes[0].hash);
    EXPECT_EQ(details->thumbprints[0], holder->keys[0].thumbprint());
    EXPECT_EQ(copy_of(details->signature), copy_of((*reply)->signature));
    const auto blob = wire::decode_blob(holder->blob);
    EXPECT_EQ(details->key_id, blob->header.key_id);
}

TEST(AuditRelease, WaitsForAcknowledgementsAndKeepsTheNewestRecord) {
    ModuleGroup group;
    const auto holder = enrol(group.target(), group.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(group.target(), group.people, *holder);
    ASSERT_TRUE(call(group.target(), signing->request()));
    const auto last = export_log(group.target()).size();

    EXPECT_EQ(status(call(group.target(), wire::AuditReleaseRequest{last})), Status::busy);
    EXPECT_EQ(status(call(group.target(), wire::AuditReleaseRequest{last + 1})),
              Status::no_such_record);
    ASSERT_TRUE(call(group.target(), acknowledgement_of(signing->activation.challenge, 0)));
    EXPECT_EQ(status(call(group.target(), wire::AuditReleaseRequest{last})), Status::ok);

    group[0].restart();
    const auto records = export_log(group.target());
    ASSERT_FALSE(records.empty());
    const auto newest = wire::decode<wire::AuditRecord>(records.back());
    EXPECT_EQ(newest->index, last + 2) << "log_released, then started";
}

}  // namespace
