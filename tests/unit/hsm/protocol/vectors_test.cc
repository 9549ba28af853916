#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/key_blob.h"
#include "hsm/protocol/merkle_tree.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/short_code.h"
#include "tests/unit/hsm/protocol/structures.h"

namespace hsm::protocol::testing {
namespace {

Digest hmac(ByteView key, std::initializer_list<ByteView> parts) {
    Bytes whole;
    for (const auto& part : parts) {
        whole.insert(whole.end(), part.begin(), part.end());
    }
    Digest mac{};
    HMAC(EVP_sha256(),
         key.data(),
         static_cast<int>(key.size()),
         whole.data(),
         whole.size(),
         mac.data(),
         nullptr);
    return mac;
}

bool verifies(ByteView spki, ByteView message, ByteView signature) {
    const auto* at = spki.data();
    auto* key = d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size()));
    auto* context = EVP_MD_CTX_new();
    const bool good =
        EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
        EVP_DigestVerify(
            context, signature.data(), signature.size(), message.data(), message.size()) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}

Bytes spki_named(std::string_view name) {
    for (const auto& key : vectors().at("keys").as_array()) {
        if (key.at("name").as_string() == name) {
            return from_hex(key.at("spki"));
        }
    }
    return {};
}

TEST(Vectors, AreEncodedAlikeByBothImplementations) {
    for (const auto& vector : all_vectors()) {
        auto encoded = structure_of(vector).encode(*vector.row);

        ASSERT_TRUE(encoded) << vector.name << ": " << status_name(encoded.error());
        EXPECT_EQ(*encoded, vector.encoded) << vector.name;
        EXPECT_EQ(sha256_of(*encoded), array_from_hex(vector.row->at("sha256"))) << vector.name;
    }
}

TEST(Vectors, DecodeAndGiveTheSameBytesAgain) {
    for (const auto& vector : all_vectors()) {
        auto again = structure_of(vector).reencode(vector.encoded);

        ASSERT_TRUE(again) << vector.name << ": " << status_name(again.error());
        EXPECT_EQ(*again, vector.encoded) << vector.name;
    }
}

TEST(Vectors, CoverEveryCommand) {
    for (const auto& rule : command_rules) {
        EXPECT_FALSE(vector_named(std::string(rule.name) + ".request").encoded.empty());
        EXPECT_FALSE(vector_named(std::string(rule.name) + ".response").encoded.empty());
    }
}

TEST(Vectors, AgreeOnLeaves) {
    for (const auto& row : vectors().at("leaves").as_array()) {
        const auto label_hash = array_from_hex(row.at("label_hash"));
        auto leaf = leaf_hash(row.at("index").to_number<std::uint32_t>(),
                              static_cast<DigestAlgorithm>(row.at("digest").to_number<int>()),
                              from_hex(row.at("hash")),
                              label_hash,
                              sha256);

        EXPECT_EQ(label_hash,
                  sha256_of(view_of(
                      {row.at("label").as_string().data(), row.at("label").as_string().size()})));
        EXPECT_EQ(*leaf, array_from_hex(row.at("leaf")));
    }
}

TEST(Vectors, AgreeOnTreesAndPaths) {
    for (const auto& row : vectors().at("trees").as_array()) {
        const auto count = row.at("leaf_count").to_number<std::size_t>();
        const auto root = array_from_hex(row.at("root"));
        std::vector<Digest> leaves;
        for (std::size_t i = 0; i < count; ++i) {
            leaves.push_back(sha256_of(view_of("leaf " + std::to_string(i))));
        }

        EXPECT_EQ(*tree_root(leaves, sha256), root) << count;
        for (const auto& path_row : row.at("paths").as_array()) {
            const auto index = path_row.at("index").to_number<std::size_t>();
            const auto expected = from_hex(path_row.at("path"));
            Bytes path;
            const Path nodes = *tree_path(leaves, index, sha256);
            for (const auto& node : nodes) {
                path.insert(path.end(), node.begin(), node.end());
            }
            EXPECT_EQ(path, expected) << index << " of " << count;
            EXPECT_TRUE(verify_path(leaves[index], index, count, expected, root, sha256));
        }
    }
}

TEST(Vectors, AgreeOnStatementRoots) {
    for (const auto& row : vectors().at("statement_roots").as_array()) {
        const auto& statement = vector_named(row.at("statement").as_string().c_str());
        EXPECT_EQ(*statement_root(row.at("tag").as_string().c_str(), statement.encoded, sha256),
                  array_from_hex(row.at("root")));
    }
}

TEST(Vectors, AgreeOnThumbprintsAndTheirShortCodes) {
    for (const auto& row : vectors().at("keys").as_array()) {
        const auto spki = from_hex(row.at("spki"));
        Point point{};
        std::ranges::copy(ByteView(spki).last(point_size), point.begin());

        EXPECT_TRUE(equal(p256_spki(point), spki));
        const auto print = thumbprint(point, sha256);
        EXPECT_EQ(print, array_from_hex(row.at("thumbprint")));
        const auto code = short_code(print);
        EXPECT_EQ(std::string_view(code.data(), code.size()), row.at("short_code").as_string());
    }
}

TEST(Vectors, AgreeOnWhatABlobsMacCovers) {
    const auto key = from_hex(vectors().at("epoch_mac_key"));
    for (const auto* name : {"blob.unbound", "blob.bound", "blob.rebound"}) {
        const auto& vector = vector_named(name);
        auto blob = decode_blob(vector.encoded);

        ASSERT_TRUE(blob);
        EXPECT_EQ(blob->authenticated[0], 0x83);
        EXPECT_EQ(hmac(key, {blob->authenticated}), blob->mac) << name;
        EXPECT_EQ(blob->header.key_id, sha256_of(blob->header.spki));
    }
}

TEST(Vectors, AgreeOnGroupMacs) {
    const auto key = from_hex(vectors().at("epoch_mac_key"));
    constexpr Byte other_domain[] = {0x00};
    for (const auto* name : {"revocation", "acknowledgement"}) {
        auto decoded = decode_signed(vector_named(name).encoded);

        ASSERT_TRUE(decoded);
        EXPECT_TRUE(equal(hmac(key, {other_domain, decoded->statement}), decoded->signature));
    }
}

TEST(Vectors, ChainTheLog) {
    Bytes origin(view_of(log_origin_tag).begin(), view_of(log_origin_tag).end());
    const auto module_id = from_hex(vectors().at("module_id"));
    origin.insert(origin.end(), module_id.begin(), module_id.end());
    auto previous = sha256_of(origin);
    std::uint64_t index = 0;
    for (const auto& name : vectors().at("records").as_array()) {
        const auto& vector = vector_named(name.as_string().c_str());
        auto record = decode<AuditRecord>(vector.encoded);

        ASSERT_TRUE(record);
        EXPECT_EQ(record->index, ++index);
        EXPECT_EQ(record->previous, previous);
        previous = sha256_of(vector.encoded);
    }
    EXPECT_EQ(index, 16u);
}

TEST(Vectors, CarrySignaturesThatVerify) {
    auto assertion = decode_assertion(vector_named("assertion.sign").encoded);
    ASSERT_TRUE(assertion);
    const auto client_data_hash = sha256_of(assertion->client_data_json);
    Bytes signed_data(assertion->authenticator_data.begin(), assertion->authenticator_data.end());
    signed_data.insert(signed_data.end(), client_data_hash.begin(), client_data_hash.end());
    EXPECT_TRUE(verifies(spki_named("phone"), signed_data, assertion->signature));

    auto receipt = decode_signed(vector_named("receipt").encoded);
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(verifies(
        spki_named("device"), vector_named("statement.receipt").encoded, receipt->signature));

    for (const auto* name : {"attestation", "head"}) {
        auto decoded = decode_signed(vector_named(name).encoded);
        ASSERT_TRUE(decoded);
        EXPECT_TRUE(verifies(spki_named("device"), decoded->statement, decoded->signature)) << name;
    }
}

}  // namespace
}  // namespace hsm::protocol::testing
