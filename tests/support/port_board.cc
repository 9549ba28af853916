#include "tests/support/port_board.h"

#include <cstdlib>
#include <signal.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>

namespace tests::support {
namespace {

namespace port = hsm::protocol::port;
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
    const auto deadline = steady_clock::now() + patience;
    while (!line_) {
        auto line = hsm::client::Line::open(
            hsm::client::FramedUnixPath{(folder_ / "line.sock").string()}, hsm::client::after(1s));
        if (line) {
            line_ = *std::move(line);
            image_.emplace(*line_);
            return;
        }
        siginfo_t ended{};
        ::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT);
        if (ended.si_pid != 0 || steady_clock::now() > deadline) {
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

PortBoard::Answer PortBoard::required(hsm::Result<Answer> answer) const {
    if (!answer) {
        fail("the board does not answer: " + std::string(hsm::base::status_name(answer.error())));
    }
    return *std::move(answer);
}

void PortBoard::send(hsm::ByteView bytes) {
    if (!image_->send(bytes, hsm::client::after(patience))) {
        fail("the line is gone");
    }
}

PortBoard::Answer PortBoard::ask(port::Operation operation, const std::vector<Bytes>& fields) {
    return required(image_->ask(operation, fields, hsm::client::after(patience)));
}

PortBoard::Answer PortBoard::next_answer() {
    return required(image_->next_answer(hsm::client::after(patience)));
}

PortBoard::Answer PortBoard::next_hello() {
    return required(image_->next_hello(hsm::client::after(patience)));
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

std::string text_in(const Bytes& field) {
    return std::string(hsm::text_of(field));
}

}  // namespace tests::support
