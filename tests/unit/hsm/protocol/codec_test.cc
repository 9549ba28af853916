#include "hsm/protocol/codec.h"

#include <gtest/gtest.h>

#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"
#include "tests/unit/hsm/protocol/cbor_item.h"
#include "tests/unit/hsm/protocol/structures.h"

namespace hsm::protocol::testing {
namespace {

TEST(Codec, RefusesEveryDamagedFormOfEveryStructure) {
    std::size_t refused = 0;
    std::size_t still_valid = 0;
    for (const auto& vector : all_vectors()) {
        const auto& structure = structure_of(vector);
        for (const auto& form : damaged_forms(vector.encoded)) {
            auto again = structure.reencode(form.encoded);
            if (!again) {
                ++refused;
                continue;
            }
            ++still_valid;
            ASSERT_EQ(form.expectation, Expectation::canonical) << vector.name << ": " << form.what;
            ASSERT_EQ(*again, form.encoded) << vector.name << ": " << form.what;
        }
    }

    EXPECT_GT(refused, 20000u);
    EXPECT_LT(still_valid, refused / 20);
}

TEST(Codec, NamesTheRefusalAfterWhatItReads) {
    const std::array<Byte, 1> broken = {0xff};

    EXPECT_EQ(decode<Policy>(broken).error(), Status::malformed);
    EXPECT_EQ(decode_tagged<GroupConfiguration>(broken).error(), Status::malformed);
    EXPECT_EQ(decode_blob(broken).error(), Status::blob_malformed);
    EXPECT_EQ(decode_assertion(broken).error(), Status::assertion_malformed);
    EXPECT_EQ(decode_request_head(broken).error(), Status::malformed);
    EXPECT_EQ(decode_response_head(broken).error(), Status::response_wrong);
    EXPECT_EQ(decode_response_body<SignResponse>(broken).error(), Status::response_wrong);
    EXPECT_EQ(decode_signed(broken).error(), Status::malformed);
}

TEST(Codec, RefusesAnotherStructuresTag) {
    RevocationStatement revocation;
    std::array<Byte, 256> buffer{};
    auto encoded = encode_tagged(revocation, buffer);

    EXPECT_TRUE(decode_tagged<RevocationStatement>(*encoded));
    EXPECT_EQ(decode_tagged<RevokedStatement>(*encoded).error(), Status::malformed);
}

TEST(Codec, PointsIntoTheMessage) {
    const auto& vector = vector_named("sign.request");
    auto request = decode_request_body<SignRequest>(vector.encoded);

    ASSERT_TRUE(request);
    const auto inside = [&](ByteView view) {
        return view.data() >= vector.encoded.data() &&
               view.data() + view.size() <= vector.encoded.data() + vector.encoded.size();
    };
    EXPECT_TRUE(inside(request->blob));
    EXPECT_TRUE(inside(request->preimage));
    EXPECT_TRUE(inside(request->assertions[0]));
    EXPECT_TRUE(inside(request->hash));
    EXPECT_TRUE(inside(request->path));
}

TEST(Codec, WritesNothingThatAReaderRefuses) {
    Bytes buffer(16384);
    const Bytes longest(5000, 'x');
    const auto encodes = [&](const auto& message) { return encode(message, buffer); };

    GenerateKeyRequest no_kind;
    no_kind.kind = static_cast<KeyKind>(0);
    EXPECT_EQ(encodes(no_kind).error(), Status::malformed);
    GenerateKeyRequest long_policy;
    long_policy.policy = ByteView(longest).first(policy_size_max + 1);
    EXPECT_EQ(encodes(long_policy).error(), Status::malformed);
    UnlockRequest no_secret;
    EXPECT_EQ(encodes(no_secret).error(), Status::malformed);
    OpenActivationRequest no_leaves;
    no_leaves.lifetime_ms = 1;
    EXPECT_EQ(encodes(no_leaves).error(), Status::malformed);
    no_leaves.leaf_count = leaf_count_max + 1;
    EXPECT_EQ(encodes(no_leaves).error(), Status::malformed);
    no_leaves.leaf_count = leaf_count_max;
    EXPECT_TRUE(encodes(no_leaves));
    no_leaves.algorithm.salt_length = 65;
    EXPECT_EQ(encodes(no_leaves).error(), Status::malformed);
    GetInfoResponse not_text;
    not_text.engine = "\xff";
    EXPECT_EQ(encodes(not_text).error(), Status::malformed);
    Assertion long_client_data;
    long_client_data.client_data_json = ByteView(longest).first(client_data_size_max + 1);
    EXPECT_EQ(encode_assertion(long_client_data, buffer).error(), Status::malformed);
}

TEST(Codec, LimitsTheAssertionsTogether) {
    const Bytes largest(assertion_size_max);
    SignRequest request;
    ASSERT_TRUE(request.assertions.push_back(largest));
    ASSERT_TRUE(request.assertions.push_back(largest));
    const auto rest = assertions_total_size_max - 2 * assertion_size_max;
    ASSERT_TRUE(request.assertions.push_back(ByteView(largest).first(rest)));
    Bytes buffer(message_size_max);
    auto encoded = encode_request(1, request, buffer);
    ASSERT_TRUE(encoded);
    EXPECT_TRUE(decode_request_body<SignRequest>(*encoded));

    ASSERT_TRUE(request.assertions.push_back(ByteView(largest).first(1)));

    Bytes larger(message_size_max);
    EXPECT_EQ(encode_request(1, request, larger).error(), Status::malformed);
    // A host that does not care about the limit finds the module does.
    CborWriter writer(larger);
    writer.array(3);
    writer.number(static_cast<std::uint64_t>(Command::sign));
    writer.number(1);
    writer.map(9);
    writer.number(1);
    writer.bytes({});
    writer.number(2);
    writer.bytes({});
    writer.number(3);
    writer.bytes(Digest{});
    writer.number(4);
    writer.array(request.assertions.size());
    for (const auto& assertion : request.assertions) {
        writer.bytes(assertion);
    }
    writer.end();
    writer.number(5);
    writer.number(0);
    writer.number(6);
    writer.bytes({});
    writer.number(7);
    writer.bytes(Digest{});
    writer.number(8);
    writer.bytes({});
    writer.number(9);
    writer.number(0);
    writer.end();
    writer.end();
    auto unlimited = writer.finish();
    ASSERT_TRUE(unlimited);
    EXPECT_EQ(decode_request_body<SignRequest>(*unlimited).error(), Status::malformed);
}

TEST(Codec, FitsTheLargestSignRequest) {
    const Bytes filler(message_size_max);
    const auto of = [&](std::size_t size) { return ByteView(filler).first(size); };
    SignRequest request;
    request.blob = of(blob_size_max);
    request.preimage = of(preimage_size_max);
    request.hash = of(64);
    request.path = of(path_length_max * digest_size);
    request.leaf_index = leaf_count_max;
    request.host_time = UINT64_MAX;
    for (std::size_t i = 0; i < assertions_max; ++i) {
        ASSERT_TRUE(request.assertions.push_back(of(assertions_total_size_max / assertions_max)));
    }
    Bytes buffer(message_size_max);

    auto encoded = encode_request(UINT32_MAX, request, buffer);

    ASSERT_TRUE(encoded);
    EXPECT_TRUE(decode_request_body<SignRequest>(*encoded));
    EXPECT_LE(encoded->size(), request_head_size_max + map_size_max<SignRequest>());
}

}  // namespace
}  // namespace hsm::protocol::testing
