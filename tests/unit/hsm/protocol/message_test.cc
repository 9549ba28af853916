#include "hsm/protocol/message.h"

#include <gtest/gtest.h>

#include "hsm/protocol/message_reader.h"
#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol {
namespace {

using testing::Bytes;

TEST(RequestHead, IsReadFromABrokenBody) {
    const Bytes message = {0x83, 0x0d, 0x07, 0xa1, 0x01, 0xf6};

    auto head = decode_request_head(message);

    ASSERT_TRUE(head);
    EXPECT_EQ(head->command_code, 13u);
    EXPECT_EQ(head->request_id, 7u);
    EXPECT_FALSE(decode_request_body<SignRequest>(message));
}

TEST(RequestHead, IsRefusedOutOfRange) {
    EXPECT_FALSE(decode_request_head(Bytes{0x83, 0x19, 0x01, 0x00, 0x07, 0xa0}));
    EXPECT_FALSE(decode_request_head(
        Bytes{0x83, 0x01, 0x1b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0xa0}));
    EXPECT_FALSE(decode_request_head(Bytes{0x82, 0x01, 0x07}));
    EXPECT_FALSE(decode_request_head(Bytes{0x84, 0x01, 0x07, 0xa0, 0x00}));
}

TEST(RequestBody, IsRefusedUnderAnotherCommand) {
    std::array<Byte, 64> buffer{};
    auto encoded = encode_request(1, AcknowledgeRequest{}, buffer);

    EXPECT_TRUE(decode_request_body<AcknowledgeRequest>(*encoded));
    EXPECT_FALSE(decode_request_body<GetResultRequest>(*encoded));
}

TEST(Response, OfARefusalIsWhole) {
    std::array<Byte, 64> buffer{};
    auto encoded = encode_refusal(9, Status::busy, buffer);
    auto head = decode_response_head(*encoded);

    ASSERT_TRUE(head);
    EXPECT_EQ(head->request_id, 9u);
    EXPECT_EQ(head->status, Status::busy);
    EXPECT_FALSE(decode_response_body<Empty>(*encoded));
    EXPECT_FALSE(decode_response_head(Bytes{0x83, 0x09, 0x19, 0x01, 0x06, 0xa1, 0x01, 0x00}));
    EXPECT_FALSE(decode_response_head(Bytes{0x83, 0x09, 0x19, 0x01, 0x06, 0xa0, 0x00}));
    EXPECT_FALSE(decode_response_head(Bytes{0x83, 0x09, 0x19, 0x01, 0x06, 0x80}));
}

TEST(Response, KeepsAWordThatIsNotInTheTable) {
    auto head = decode_response_head(Bytes{0x83, 0x09, 0x19, 0x77, 0x77, 0xa0});

    ASSERT_TRUE(head);
    EXPECT_EQ(static_cast<unsigned>(head->status), 0x7777u);
}

void feed(MessageReader& reader, ByteView bytes) {
    for (const auto byte : bytes) {
        reader.wanted()[0] = byte;
        ASSERT_TRUE(reader.received(1));
    }
}

TEST(MessageReader, CutsMessagesFromSingleBytes) {
    auto reader = std::make_unique<MessageReader>();

    feed(*reader, Bytes{0, 2, 'a'});
    EXPECT_FALSE(reader->message());
    EXPECT_TRUE(reader->in_message());
    feed(*reader, Bytes{'b'});
    ASSERT_TRUE(reader->message());
    EXPECT_EQ(text_of(*reader->message()), "ab");
    reader->next();
    EXPECT_FALSE(reader->in_message());
    feed(*reader, Bytes{0, 1, 'c'});
    EXPECT_EQ(text_of(*reader->message()), "c");
}

TEST(MessageReader, RefusesLengthsOutOfRange) {
    const auto after = [](Bytes prefix) {
        auto reader = std::make_unique<MessageReader>();
        std::ranges::copy(prefix, reader->wanted().begin());
        return reader->received(prefix.size());
    };

    EXPECT_EQ(after({0x00, 0x00}).error(), Status::malformed);
    EXPECT_EQ(after({0x20, 0x01}).error(), Status::message_too_large);
    EXPECT_TRUE(after({0x20, 0x00}));
}

}  // namespace
}  // namespace hsm::protocol
