#include "hsm/protocol/cbor_writer.h"

#include <gtest/gtest.h>

#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol {
namespace {

using testing::Bytes;

void write_sample(CborWriter& writer) {
    writer.array(3);
    writer.number(24);
    writer.map(1);
    writer.number(1);
    writer.bytes(Bytes{7});
    writer.end();
    writer.text("é");
    writer.end();
}
const Bytes sample = {0x83, 0x18, 0x18, 0xa1, 0x01, 0x41, 0x07, 0x62, 0xc3, 0xa9};

TEST(CborWriter, WritesShortestHeads) {
    std::array<Byte, 64> buffer{};
    CborWriter writer(buffer);
    write_sample(writer);

    EXPECT_TRUE(equal(*writer.finish(), sample));
}

TEST(CborWriter, SaysTooLargeForEveryBufferTooSmall) {
    for (std::size_t size = 0; size < sample.size(); ++size) {
        Bytes buffer(size);
        CborWriter writer(buffer);
        write_sample(writer);

        EXPECT_EQ(writer.finish().error(), Status::message_too_large) << size;
    }
    Bytes exact(sample.size());
    CborWriter writer(exact);
    write_sample(writer);
    EXPECT_TRUE(equal(*writer.finish(), sample));
}

TEST(CborWriter, RefusesTextThatIsNotUtf8) {
    std::array<Byte, 64> buffer{};
    CborWriter writer(buffer);
    writer.text("\xc3");

    EXPECT_EQ(writer.finish().error(), Status::malformed);
}

TEST(CborWriter, RefusesAContainerWithAnotherCountThanItSaid) {
    std::array<Byte, 64> buffer{};
    CborWriter writer(buffer);
    writer.array(2);
    writer.number(1);
    writer.end();

    EXPECT_FALSE(writer.finish());
}

TEST(CborWriter, WritesEmptyViewsAsEmptyStrings) {
    std::array<Byte, 64> buffer{};
    CborWriter writer(buffer);
    writer.array(2);
    writer.bytes({});
    writer.text({});
    writer.end();

    EXPECT_TRUE(equal(*writer.finish(), Bytes{0x82, 0x40, 0x60}));
}

}  // namespace
}  // namespace hsm::protocol
