#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "hsm/base/crc32c.h"
#include "tests/support/port_board.h"
#include "tests/support/status.h"

// The port suite (firmware/port/suite.cc) on every emulated board, and what of a port only the
// other end of its line sees.
namespace tests::system {
namespace {

using namespace std::chrono_literals;
using hsm::Status;
using hsm::protocol::port::Operation;
using std::chrono::steady_clock;
using support::Bytes;
using support::number_in;
using support::text_in;

class Port : public testing::TestWithParam<const char*> {
protected:
    support::ScratchFolder folder_;
    support::PortBoard board_{folder_.path() / "board", GetParam()};
};

// The last words of the mapped file are the switches (board/<name>/memory_map.h).
void move_switch(const std::filesystem::path& flash, off_t from_end, std::uint32_t value) {
    const int file = ::open(flash.c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(file, 0);
    const auto end = static_cast<off_t>(std::filesystem::file_size(flash));
    EXPECT_EQ(ssize_t{sizeof(value)}, ::pwrite(file, &value, sizeof(value), end - from_end));
    ::close(file);
}

TEST_P(Port, PassesTheSuite) {
    const auto hello = board_.ask(Operation::hello);
    ASSERT_EQ(5u, hello.fields.size());
    EXPECT_EQ(GetParam(), text_in(hello.fields[0]));
    const auto count = number_in(hello.fields[2]);
    ASSERT_GE(count, 20u);
    for (std::size_t i = 0; i < count; ++i) {
        const auto answer = board_.ask(Operation::check, {{static_cast<hsm::Byte>(i)}});
        ASSERT_EQ(Status::ok, answer.status);
        ASSERT_EQ(2u, answer.fields.size());
        EXPECT_EQ("", text_in(answer.fields[1])) << text_in(answer.fields[0]);
    }
    std::printf("port: %s passes %zu checks\n", GetParam(), static_cast<std::size_t>(count));
    EXPECT_EQ(Status::malformed,
              board_.ask(Operation::check, {{static_cast<hsm::Byte>(count)}}).status);
}

// A wrong divider is a factor; what a busy machine adds is bounded by both ends of each question.
TEST_P(Port, CountsTheMillisecondsOfItsHost) {
    const auto before_first = steady_clock::now();
    const auto first = number_in(board_.ask(Operation::clock).fields.at(0));
    const auto after_first = steady_clock::now();
    std::uint64_t last = first;
    auto before_last = after_first;
    while (last < first + 500 && steady_clock::now() < after_first + 30s) {
        before_last = steady_clock::now();
        const auto now = number_in(board_.ask(Operation::clock).fields.at(0));
        ASSERT_GE(now, last);
        last = now;
    }
    const auto after_last = steady_clock::now();

    const std::chrono::milliseconds passed(last - first);
    EXPECT_GE(passed, 500ms);
    EXPECT_LE(passed, (after_last - before_first) * 11 / 10);
    EXPECT_GE(passed, (before_last - after_first) * 9 / 10);
}

TEST_P(Port, KeepsWhatComesWhileItErases) {
    for (int round = 0; round < 3; ++round) {
        Bytes bytes(hsm::protocol::port::burst_size);
        for (std::size_t i = 0; i < bytes.size(); ++i) {
            bytes[i] = static_cast<hsm::Byte>(i * 167 + i / 251 + static_cast<std::size_t>(round));
        }
        ASSERT_EQ(Status::ok, board_.ask(Operation::burst).status);

        board_.send(bytes);

        const auto answer = board_.next_answer();
        ASSERT_EQ(Status::ok, answer.status);
        EXPECT_EQ(hsm::crc32c(0, bytes), number_in(answer.fields.at(0)));
    }
}

TEST_P(Port, IsEndedByItsWatchdogAndIsTheSameBoardAfterwards) {
    const auto before = board_.ask(Operation::hello);
    EXPECT_EQ(0u, number_in(before.fields.at(4)));
    ASSERT_EQ(Status::ok, board_.ask(Operation::hang).status);

    const auto after = board_.next_hello();

    EXPECT_EQ(before.fields[0], after.fields.at(0));
    EXPECT_EQ(before.fields[1], after.fields.at(1));
    constexpr auto watchdog = 4u;  // hal/panic.h
    EXPECT_EQ(watchdog, number_in(after.fields.at(4)));
    EXPECT_EQ(Status::ok, board_.ask(Operation::clock).status);
}

TEST_P(Port, SeesItsButtonAndItsCase) {
    const auto inputs = [this] {
        const auto answer = board_.ask(Operation::inputs);
        return std::pair(number_in(answer.fields.at(0)), number_in(answer.fields.at(1)));
    };
    using Pair = std::pair<std::uint64_t, std::uint64_t>;
    EXPECT_EQ(Pair(0, 0), inputs());

    move_switch(board_.flash(), 4, 1);
    EXPECT_EQ(Pair(1, 0), inputs());
    move_switch(board_.flash(), 4, 0);
    move_switch(board_.flash(), 8, 1);
    EXPECT_EQ(Pair(0, 1), inputs());
}

INSTANTIATE_TEST_SUITE_P(Boards,
                         Port,
                         testing::Values("mps2_an505", "mps2_an386"),
                         [](const auto& board) { return std::string(board.param); });

}  // namespace
}  // namespace tests::system
