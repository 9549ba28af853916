#include "hsm/protocol/frame.h"

#include <random>

#include <gtest/gtest.h>

#include "hsm/base/crc32c.h"
#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol {
namespace {

using testing::Bytes;

struct Owned {
    FrameHead head;
    Bytes payload;

    friend bool operator==(const Owned&, const Owned&) = default;
};

Bytes encoded(const Owned& frame) {
    const auto head = encode_frame_head(frame.head, frame.payload.size());
    const auto tail = encode_frame_tail(head, frame.payload);
    Bytes bytes(head.begin(), head.end());
    bytes.insert(bytes.end(), frame.payload.begin(), frame.payload.end());
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return bytes;
}

// All frames in `stream`, which comes in pieces of `piece` bytes.
std::vector<Owned> decoded(FrameDecoder& decoder, ByteView stream, std::size_t piece) {
    std::vector<Owned> frames;
    while (!stream.empty()) {
        const auto space = decoder.wanted();
        const auto size = std::min({piece, stream.size(), space.size()});
        CHECK(size != 0);
        std::ranges::copy(stream.first(size), space.begin());
        decoder.received(size);
        stream = stream.subspan(size);
        while (const auto frame = decoder.next()) {
            frames.push_back({frame->head, Bytes(frame->payload.begin(), frame->payload.end())});
        }
    }
    return frames;
}

std::vector<Owned> decoded(ByteView stream) {
    FrameDecoder decoder;
    return decoded(decoder, stream, 64);
}

std::vector<Owned> some_frames() {
    return {{{FrameType::hello, 0, 0}, {frame_version}},
            {{FrameType::payload, 0, 0}, Bytes(frame_payload_size_max, frame_start)},
            {{FrameType::payload, 1, 255}, {frame_start, 3, 0, 0, 0, 4}},
            {{FrameType::ready, 1, 0}, {}},
            {{FrameType::reset, 0, 0}, {}}};
}

Bytes stream_of(const std::vector<Owned>& frames) {
    Bytes stream;
    for (const auto& frame : frames) {
        const auto bytes = encoded(frame);
        stream.insert(stream.end(), bytes.begin(), bytes.end());
    }
    return stream;
}

TEST(Frame, AgreesWithTheOtherImplementation) {
    for (const auto& row : testing::vectors().at("frames").as_array()) {
        const Owned frame{{static_cast<FrameType>(row.at("type").to_number<int>()),
                           row.at("stream").to_number<std::uint8_t>(),
                           row.at("sequence").to_number<std::uint8_t>()},
                          testing::from_hex(row.at("payload"))};
        const auto bytes = testing::from_hex(row.at("encoded"));

        EXPECT_EQ(bytes, encoded(frame)) << row.at("name").as_string().c_str();
        EXPECT_EQ(std::vector{frame}, decoded(bytes));
    }
}

TEST(FrameDecoder, CutsFramesFromPiecesOfAnySize) {
    const auto frames = some_frames();
    const auto stream = stream_of(frames);

    for (const std::size_t piece : {1u, 2u, 5u, 6u, 7u, 521u, 522u, 4096u}) {
        FrameDecoder decoder;
        EXPECT_EQ(frames, decoded(decoder, stream, piece)) << piece;
        EXPECT_EQ(0u, decoder.dropped());
    }
}

// One changed byte costs the frame that it lies in and no other one.
TEST(FrameDecoder, LosesOneFrameForOneChangedByte) {
    const auto frames = some_frames();
    const auto stream = stream_of(frames);
    std::size_t start = 0;
    for (std::size_t victim = 0; victim < frames.size(); ++victim) {
        const auto size = encoded(frames[victim]).size();
        auto others = frames;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(victim));
        for (std::size_t i = start; i < start + size; ++i) {
            for (const unsigned flip : {0x01u, 0x80u, 0xffu}) {
                auto damaged = stream;
                damaged[i] = static_cast<Byte>(damaged[i] ^ flip);
                // What a damaged length has swallowed comes back with the bytes after it.
                damaged.insert(damaged.end(), frame_preamble_size, 0);
                EXPECT_EQ(others, decoded(damaged)) << "byte " << i << " flip " << flip;
            }
        }
        start += size;
    }
}

TEST(FrameDecoder, LosesOneFrameForOneLostOrAddedByte) {
    const auto frames = some_frames();
    const auto stream = stream_of(frames);
    std::size_t start = 0;
    for (std::size_t victim = 0; victim < frames.size(); ++victim) {
        const auto size = encoded(frames[victim]).size();
        auto others = frames;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(victim));
        for (std::size_t i = start; i < start + size; ++i) {
            auto shorter = stream;
            shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
            shorter.insert(shorter.end(), frame_preamble_size, 0);
            EXPECT_EQ(others, decoded(shorter)) << "byte " << i << " lost";
        }
        start += size;
    }
}

// The preamble ends whatever was left unfinished, wherever it was left.
TEST(FrameDecoder, FindsAHelloBehindThePreambleAfterAnyHalfFrame) {
    const auto whole = encoded({{FrameType::payload, 1, 3}, Bytes(frame_payload_size_max, 0x5a)});
    const Owned hello{{FrameType::hello, 0, 0}, {frame_version}};
    for (std::size_t size = 0; size < whole.size(); ++size) {
        Bytes stream(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        stream.insert(stream.end(), frame_preamble_size, 0);
        const auto bytes = encoded(hello);
        stream.insert(stream.end(), bytes.begin(), bytes.end());

        EXPECT_EQ(std::vector{hello}, decoded(stream)) << size;
    }
}

TEST(FrameDecoder, FindsTheNextFrameAfterGarbage) {
    std::mt19937 random(4711);
    const Owned frame{{FrameType::payload, 0, 1}, {1, 2, 3}};
    for (int round = 0; round < 200; ++round) {
        Bytes stream(random() % 2000);
        for (auto& byte : stream) {
            // Heads that look right are what could hold the decoder up.
            byte = static_cast<Byte>(random() % 4 == 0 ? frame_start : random() % 4);
        }
        stream.insert(stream.end(), frame_preamble_size, 0);
        const auto bytes = encoded(frame);
        stream.insert(stream.end(), bytes.begin(), bytes.end());

        const auto frames = decoded(stream);

        ASSERT_FALSE(frames.empty());
        EXPECT_EQ(frame, frames.back());
    }
}

TEST(FrameDecoder, DropsFramesOfNoKnownTypeStreamOrSize) {
    const auto with_checksum = [](Bytes bytes) {
        const auto crc = crc32c(0, ByteView(bytes).subspan(1));
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes.push_back(static_cast<Byte>(crc >> shift));
        }
        return bytes;
    };
    EXPECT_EQ(1u, decoded(with_checksum({frame_start, 1, 0, 0, 0, 0})).size());
    EXPECT_TRUE(decoded(with_checksum({frame_start, 0, 0, 0, 0, 0})).empty());
    EXPECT_TRUE(decoded(with_checksum({frame_start, 6, 0, 0, 0, 0})).empty());
    EXPECT_TRUE(decoded(with_checksum({frame_start, 1, 2, 0, 0, 0})).empty());
    Bytes long_one(frame_head_size + frame_payload_size_max + 1, 0);
    long_one[0] = frame_start;
    long_one[1] = 3;
    long_one[4] = (frame_payload_size_max + 1) >> 8;
    long_one[5] = (frame_payload_size_max + 1) & 0xff;
    EXPECT_TRUE(decoded(with_checksum(long_one)).empty());
}

}  // namespace
}  // namespace hsm::protocol
