#include "hsm/client/line.h"

#include <sys/socket.h>
#include <unistd.h>

#include "hsm/protocol/frame.h"
#include "tests/system/board/board_test.h"

// Hosts that die, and lines that carry something else.
namespace tests::system {
namespace {

namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Status;
using hsm::client::after;
using hsm::client::Line;
using hsm::client::Session;
using hsm::client::Socket;
using support::Bytes;
using wire::FrameType;
using wire::Role;

class BoardLine : public BoardTest {
protected:
    void SetUp() override {
        board_.start();
        board_.install_hosts();
    }

    void expect_serves() {
        auto session = board_.connect(Role::server);
        EXPECT_EQ(Status::ok, status(session.call(wire::GetInfoRequest{}, after(30s))));
        session.close();
    }
};

// 2,000 bytes announced, 100 sent.
void begin_message(Session& session) {
    Bytes half(102, 0x07);
    half[0] = 2000 >> 8;
    half[1] = 2000 & 0xff;
    ASSERT_EQ(Status::ok, status(session.write(half)));
    ASSERT_EQ(Status::ok, status(session.flush()));
}

void put_frame(Bytes& stream, const wire::FrameHead& head, hsm::ByteView payload) {
    const auto start = wire::encode_frame_head(head, payload.size());
    const auto tail = wire::encode_frame_tail(start, payload);
    stream.insert(stream.end(), start.begin(), start.end());
    stream.insert(stream.end(), payload.begin(), payload.end());
    stream.insert(stream.end(), tail.begin(), tail.end());
}

void write_all(Line& line, hsm::ByteView bytes) {
    const auto deadline = after(30s);
    while (!bytes.empty() && std::chrono::steady_clock::now() < deadline) {
        const auto size = line.write(bytes);
        ASSERT_TRUE(size.has_value());
        bytes = bytes.subspan(*size);
    }
    ASSERT_TRUE(bytes.empty());
}

TEST_P(BoardLine, ServesTheNextHostAfterOneThatDiedInItsHandshake) {
    // A TLS record of a ClientHello that says it is longer than what comes.
    const Bytes half{0x16, 0x03, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0xfc, 0x03, 0x03, 0x5a};
    for (std::size_t size = 1; size <= half.size(); size += 3) {
        auto socket = Socket::connect(board_.endpoint(), after(10s));
        ASSERT_EQ(Status::ok, status(socket));
        ASSERT_EQ(Status::ok, status(socket->send(hsm::ByteView(half).first(size))));
    }

    expect_serves();
}

TEST_P(BoardLine, ServesTheNextHostAfterOneThatDiedInAMessage) {
    {
        auto session = board_.connect(Role::server);
        ASSERT_NO_FATAL_FAILURE(begin_message(session));
        board_.kill_host();
    }
    board_.start_host();

    expect_serves();
}

// The other stream gets the buffer back at the latest when the message's time is over.
TEST_P(BoardLine, DoesNotLetOneStreamsHalfMessageBlockTheOther) {
    auto dying = board_.connect(Role::operating);
    ASSERT_NO_FATAL_FAILURE(begin_message(dying));

    expect_serves();
}

TEST_P(BoardLine, FindsTheNextFrameAfterGarbageAndHalfFrames) {
    board_.kill_host();
    const auto client = board_.psk(Role::server);
    Bytes garbage;
    for (std::size_t i = 0; i < 3000; ++i) {
        garbage.push_back(static_cast<hsm::Byte>(i * 37 % 251 == 0 ? wire::frame_start : i * 89));
    }
    Bytes frame;
    put_frame(frame, {FrameType::payload, 0, 9}, Bytes(wire::frame_payload_size_max, 0x17));
    for (const auto& left : {garbage, Bytes(frame.begin(), frame.begin() + 300), frame}) {
        {
            auto line =
                Line::open(std::get<hsm::client::FramedUnixPath>(board_.line()), after(10s));
            ASSERT_EQ(Status::ok, status(line));
            write_all(*line, left);
        }

        auto session = Session::connect(board_.line(), client, after(30s));

        ASSERT_EQ(Status::ok, status(session));
        EXPECT_EQ(Status::ok, status(session->call(wire::GetInfoRequest{}, after(30s))));
        session->close();
    }
}

TEST_P(BoardLine, CutsAHostOffThatSendsAFrameTwice) {
    board_.kill_host();
    auto line = Line::open(std::get<hsm::client::FramedUnixPath>(board_.line()), after(10s));
    ASSERT_EQ(Status::ok, status(line));
    Bytes stream(wire::frame_preamble_size, 0);
    put_frame(stream, {FrameType::hello, 0, 0}, Bytes{wire::frame_version});
    put_frame(stream, {FrameType::payload, 0, 0}, Bytes{0x16, 0x03});
    put_frame(stream, {FrameType::payload, 0, 0}, Bytes{0x16, 0x03});

    write_all(*line, stream);

    wire::FrameDecoder decoder;
    std::vector<FrameType> types;
    const auto deadline = after(30s);
    while ((types.empty() || types.back() != FrameType::reset) &&
           std::chrono::steady_clock::now() < deadline) {
        const auto size = line->read(decoder.wanted());
        ASSERT_TRUE(size.has_value());
        decoder.received(*size);
        while (const auto frame = decoder.next()) {
            types.push_back(frame->head.type);
        }
    }
    // READY only when the first frame was used up before the second was there.
    std::erase(types, FrameType::ready);
    EXPECT_EQ((std::vector{FrameType::hello, FrameType::reset}), types);
}

INSTANTIATE_TEST_SUITE_P(Boards, BoardLine, boards, board_name);

}  // namespace
}  // namespace tests::system
