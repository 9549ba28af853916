#include "server/cli/bringup/emulator.h"

#include <fcntl.h>
#include <thread>
#include <unistd.h>

#include "hsm/client/line.h"

namespace server::cli::bringup {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

namespace {

constexpr auto start_time = 20s;

}  // namespace

fs::path Emulator::image(const fs::path& tree, const std::string& board, std::string_view suffix) {
    return tree / "build" / ("fw-" + board) / "bin" /
           ("kyso-" + board + std::string(suffix) + ".elf");
}

Emulator::Emulator(up::Program program, fs::path folder)
    : program_(std::move(program)), folder_(std::move(folder)) {}

Outcome<Emulator> Emulator::start(const fs::path& tree,
                                  const std::string& board,
                                  std::string_view suffix,
                                  const fs::path& folder) {
    Emulator emulator({{(tree / "board/run-qemu").string(),
                        "--board",
                        board,
                        "--folder",
                        folder.string(),
                        "--image",
                        image(tree, board, suffix).string()},
                       folder / "qemu.log"},
                      folder);
    TRY(emulator.run());
    return emulator;
}

// Until its line takes a connection, which this end gives back.
Outcome<void> Emulator::run() {
    std::error_code none;
    fs::remove(folder_ / "line.sock", none);
    TRY_ASSIGN(auto child, up::ChildProcess::start(program_));
    child_ = std::move(child);
    const auto until = hsm::client::after(start_time);
    const auto line = std::get<hsm::client::FramedUnixPath>(this->line());
    while (!hsm::client::Line::open(line, until)) {
        if (child_->ended() || std::chrono::steady_clock::now() > until) {
            return Failure{"the emulator does not start: " + up::last_line(folder_ / "qemu.log")};
        }
        std::this_thread::sleep_for(2ms);
    }
    return {};
}

hsm::client::Endpoint Emulator::line() const {
    return hsm::client::FramedUnixPath{(folder_ / "line.sock").string()};
}

bool Emulator::present() const {
    std::error_code none;
    return fs::exists(folder_ / "nvm.img", none);
}

// board/<name>/memory_map.h: tamper_switch, presence_button.
bool Emulator::write_switch(std::int64_t from_end, std::uint32_t value) const {
    const auto file = folder_ / "nvm.img";
    std::error_code error;
    const auto end = static_cast<std::int64_t>(fs::file_size(file, error));
    const int descriptor = error ? -1 : ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    const bool written = ::pwrite(descriptor, &value, sizeof(value), end - from_end) ==
                         static_cast<ssize_t>(sizeof(value));
    ::close(descriptor);
    return written;
}

bool Emulator::act(Act act) {
    constexpr std::int64_t presence_button = 4;
    constexpr std::int64_t tamper_switch = 8;
    switch (act) {
        case Act::press_button:
            return write_switch(presence_button, 1);
        case Act::release_button:
            return write_switch(presence_button, 0);
        case Act::open_case:
            return write_switch(tamper_switch, 1);
        case Act::close_case:
            return write_switch(tamper_switch, 0);
        case Act::reset:
            child_.reset();  // SIGKILL: the power is gone
            return run().has_value();
    }
    return false;
}

}  // namespace server::cli::bringup
