#include "tests/support/port_board.h"

#include <cstdlib>
#include <poll.h>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>

namespace tests::support {
namespace {

namespace port = firmware::port;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

// An RSA key made on a busy machine; everything else takes moments.
constexpr auto patience = 60s;

}  // namespace

PortBoard::PortBoard(const std::filesystem::path& folder,
                     const std::string& board,
                     const std::vector<std::string>& more)
    : folder_(folder) {
    const auto* source = std::getenv("KYSO_SOURCE");
    if (source == nullptr) {
        throw std::runtime_error("KYSO_SOURCE is not set");
    }
    const auto tree = std::string(source);
    std::filesystem::create_directories(folder_);
    std::vector<std::string> command{
        tree + "/board/run-qemu",
        "--board",
        board,
        "--folder",
        folder_.string(),
        "--image",
        tree + "/build/fw-" + board + "/bin/kyso-" + board + "-port.elf",
        "--"};
    command.insert(command.end(), more.begin(), more.end());
    pid_ = spawn(command, {}, folder_ / "qemu.log");
    deadline_ = steady_clock::now() + patience;
    while (!line_) {
        auto line = hsm::client::Line::open(
            hsm::client::FramedUnixPath{(folder_ / "line.sock").string()}, hsm::client::after(1s));
        if (line) {
            line_ = *std::move(line);
            return;
        }
        siginfo_t ended{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
        if (ended.si_pid != 0 || steady_clock::now() > deadline_) {
            fail("the board does not start");
        }
        std::this_thread::sleep_for(2ms);
    }
}

PortBoard::~PortBoard() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

void PortBoard::fail(const std::string& what) const {
    throw std::runtime_error(what + ": " + read_text(folder_ / "qemu.log"));
}

void PortBoard::wait_for(short events) {
    pollfd polled{line_->descriptor(), events, 0};
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - steady_clock::now());
    if (left.count() <= 0 || ::poll(&polled, 1, static_cast<int>(left.count())) <= 0) {
        fail("the board does not answer");
    }
}

void PortBoard::send(hsm::ByteView bytes) {
    while (!bytes.empty()) {
        const auto size = line_->write(bytes);
        if (!size) {
            fail("the line is gone");
        }
        bytes = bytes.subspan(*size);
        if (*size == 0) {
            wait_for(POLLOUT);
        }
    }
}

hsm::Byte PortBoard::next_byte() {
    while (taken_ == buffer_.size()) {
        buffer_.resize(4096);
        taken_ = 0;
        const auto size = line_->read(buffer_);
        if (!size) {
            fail("the line is gone");
        }
        buffer_.resize(*size);
        if (*size == 0) {
            wait_for(POLLIN);
        }
    }
    return buffer_[taken_++];
}

PortBoard::Received PortBoard::receive() {
    const std::size_t high = next_byte();
    Bytes rest(high << 8 | next_byte());
    std::ranges::generate(rest, [this] { return next_byte(); });
    hsm::ByteReader reader(rest);
    Received received{};
    const auto operation = reader.u8();
    const auto tag = reader.u8();
    const auto status = reader.u32();
    const auto ticks = reader.u32();
    if (!ticks) {
        fail("an answer is too short");
    }
    received.operation = *operation;
    received.tag = *tag;
    received.answer.status = static_cast<hsm::Status>(*status);
    received.answer.ticks = *ticks;
    while (!reader.at_end()) {
        const auto field = port::take_field(reader);
        if (!field) {
            fail("an answer's fields are wrong");
        }
        received.answer.fields.push_back(copy_of(*field));
    }
    return received;
}

PortBoard::Answer PortBoard::expect(port::Operation operation, std::uint8_t tag) {
    for (;;) {
        auto received = receive();
        if (received.operation == static_cast<std::uint8_t>(operation) && received.tag == tag) {
            return std::move(received.answer);
        }
    }
}

PortBoard::Answer PortBoard::ask(port::Operation operation, const std::vector<Bytes>& fields) {
    deadline_ = steady_clock::now() + patience;
    tag_ = static_cast<std::uint8_t>(tag_ == 0xff ? 1 : tag_ + 1);
    asked_ = operation;
    Bytes question(port::message_size_max);
    hsm::ByteWriter writer(hsm::MutableBytes(question).subspan(port::size_prefix));
    writer.u8(static_cast<std::uint8_t>(operation));
    writer.u8(tag_);
    for (const auto& field : fields) {
        port::put_field(writer, field);
    }
    CHECK(writer.ok());
    hsm::ByteWriter prefix(hsm::MutableBytes(question).first(port::size_prefix));
    prefix.u16(static_cast<std::uint16_t>(writer.size()));
    send(hsm::ByteView(question).first(port::size_prefix + writer.size()));
    return expect(operation, tag_);
}

PortBoard::Answer PortBoard::next_answer() {
    return expect(asked_, tag_);
}

PortBoard::Answer PortBoard::next_hello() {
    deadline_ = steady_clock::now() + patience;
    return expect(port::Operation::hello, 0);
}

Target PortBoard::target(hsm::protocol::Role role, Measured measured) {
    return [this, role, measured = std::move(measured)](hsm::ByteView request) {
        const auto answer =
            ask(port::Operation::module, {Bytes{static_cast<hsm::Byte>(role)}, copy_of(request)});
        if (answer.status != hsm::Status::ok) {
            return Bytes{};
        }
        if (measured) {
            measured(answer);
        }
        return answer.fields.at(0);
    };
}

std::uint64_t number_in(const Bytes& field) {
    std::uint64_t number = 0;
    for (const auto byte : field) {
        number = number << 8 | byte;
    }
    return number;
}

std::string text_in(const Bytes& field) {
    return std::string(hsm::text_of(field));
}

}  // namespace tests::support
