#include <fcntl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/port_holders.h"

namespace server::cli::bringup {
namespace {

using namespace std::chrono_literals;
using hsm::Status;
using hsm::client::after;
using hsm::client::Line;
using std::chrono::steady_clock;

Step missing(const Bench& bench) {
    const auto path = path_of(bench);
    return failed("port.there",
                  path + " is not there",
                  is_serial(bench)
                      ? "plug the serial adapter in; ls -l /dev/serial/by-id/ shows what is there, "
                        "dmesg | tail what the kernel thinks of it"
                      : "start the emulated board: board/run-qemu --board BOARD --folder " +
                            std::filesystem::path(path).parent_path().string());
}

// An emulator that was started with the same breath needs a moment.
constexpr auto start_time = 2'000ms;
constexpr auto look_interval = 20ms;

bool appears(const Bench& bench, struct stat& found) {
    const auto path = path_of(bench);
    const auto until = after(is_serial(bench) ? 0ms : start_time);
    while (::stat(path.c_str(), &found) != 0) {
        if (steady_clock::now() >= until) {
            return false;
        }
        std::this_thread::sleep_for(look_interval);
    }
    return true;
}

Step no_port(std::string_view name, const std::string& path) {
    return failed(name,
                  path + " is no serial port",
                  "name the port itself, as /dev/ttyACM0 or /dev/ttyUSB0, or an emulated board's "
                  "line.sock");
}

bool is_terminal(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) {
        return false;
    }
    const bool terminal = ::isatty(descriptor) == 1;
    ::close(descriptor);
    return terminal;
}

Step there(const Bench& bench) {
    const auto path = path_of(bench);
    struct stat found {};
    if (!appears(bench, found)) {
        return missing(bench);
    }
    if (is_serial(bench) ? !S_ISCHR(found.st_mode) : !S_ISSOCK(found.st_mode)) {
        return no_port("port.there", path);
    }
    if (::access(path.c_str(), R_OK | W_OK) != 0) {
        return failed("port.there",
                      path + " is not yours to read and write",
                      "sudo usermod -aG dialout $USER, then log in again (ls -l " + path +
                          " names the group)");
    }
    return passed("port.there", path);
}

Step held(const Bench& bench) {
    const auto path = path_of(bench);
    const auto holders = holders_of(path);
    return failed("port.open",
                  "another program has " + path + (holders.empty() ? "" : ": " + holders),
                  "stop it (kyso-uart, which kyso up starts, keeps a board's line for itself; so "
                  "does a terminal program): fuser -v " +
                      path);
}

Step not_opened(const Bench& bench, Status status) {
    if (status == Status::busy) {
        return held(bench);
    }
    if (status == Status::link_refused && !is_serial(bench)) {
        return failed("port.open",
                      "nobody listens at " + path_of(bench) + ": the emulator has ended",
                      "start the emulated board again: board/run-qemu");
    }
    if (is_serial(bench) && !is_terminal(path_of(bench))) {
        return no_port("port.open", path_of(bench));
    }
    return failed("port.open",
                  path_of(bench) + " cannot be opened as a line: " + text_of(status),
                  "take an adapter that does 1,000,000 baud (FT232, CP2102N, CH343), on another "
                  "USB port");
}

}  // namespace

std::optional<Line> reach_line(const Bench& bench) {
    if (!bench.report.add(there(bench))) {
        return std::nullopt;
    }
    auto line = open_line(bench);
    if (!line) {
        bench.report.add(not_opened(bench, line.error()));
        return std::nullopt;
    }
    return *std::move(line);
}

}  // namespace server::cli::bringup
