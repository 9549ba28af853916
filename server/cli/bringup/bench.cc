#include "server/cli/bringup/bench.h"

#include <thread>

namespace server::cli::bringup {
namespace {

// The one board here that can be bought; another port's README says its own way.
constexpr std::string_view openocd = "openocd -f interface/stlink.cfg -f target/stm32f4x.cfg -c ";
constexpr const char* elsewhere = "  # stm32f405; others: board/<name>/README.md";

std::string folder_of(const Bench& bench) {
    return std::filesystem::path(path_of(bench)).parent_path().string();
}

}  // namespace

bool is_serial(const Bench& bench) {
    return std::holds_alternative<hsm::client::SerialPath>(bench.line);
}

std::string path_of(const Bench& bench) {
    const auto* port = std::get_if<hsm::client::SerialPath>(&bench.line);
    return port != nullptr ? port->path : std::get<hsm::client::FramedUnixPath>(bench.line).path;
}

std::string erasing(const Bench& bench) {
    if (!is_serial(bench)) {
        return "stop the emulator and rm " + folder_of(bench) + "/nvm.img";
    }
    return std::string(openocd) +
           "\"init; reset halt; flash erase_sector 0 7 11; reset run; exit\"" + elsewhere;
}

std::string flashing(const Bench& bench, std::string_view suffix) {
    const auto board = bench.board.empty() ? std::string("<board>") : bench.board;
    const auto image = "build/fw-" + board + "/bin/kyso-" + board + std::string(suffix) + ".elf";
    if (!is_serial(bench)) {
        return "board/run-qemu --board " + board + " --folder " + folder_of(bench) + " --image " +
               image;
    }
    return std::string(openocd) + "\"program " + image + " verify reset exit\"" + elsewhere;
}

hsm::client::Psk same(const hsm::client::Psk& psk) {
    hsm::client::Psk copy;
    copy.identity = psk.identity;
    copy.role = psk.role;
    CHECK(copy.secret.assign(psk.secret.reveal()));
    return copy;
}

hsm::Result<hsm::client::Line> open_line(const Bench& bench) {
    using namespace std::chrono_literals;
    using hsm::client::Line;
    if (const auto* port = std::get_if<hsm::client::SerialPath>(&bench.line)) {
        return Line::open(*port);
    }
    const auto until = hsm::client::after(2s);
    for (;;) {
        auto line = Line::open(std::get<hsm::client::FramedUnixPath>(bench.line), until);
        if (line || line.error() != hsm::Status::link_refused ||
            std::chrono::steady_clock::now() >= until) {
            return line;
        }
        std::this_thread::sleep_for(20ms);
    }
}

Step refusal(std::string_view what, hsm::Status got, hsm::Status wanted) {
    const auto name = "refuses." + std::string(what);
    return got == wanted ? passed(name, text_of(got))
                         : failed(name,
                                  "answered with " + text_of(got) + ", not " + text_of(wanted),
                                  "this image does not refuse what it must: do not use it");
}

void drain(hsm::client::Line& line) {
    using namespace std::chrono_literals;
    constexpr auto quiet = 100ms;
    constexpr auto time_max = 2s;
    std::array<hsm::Byte, 4096> buffer;
    const auto until = hsm::client::after(time_max);
    while (std::chrono::steady_clock::now() < until &&
           line.wait(hsm::client::Readiness::readable, hsm::client::after(quiet)) &&
           line.read(buffer)) {
    }
}

}  // namespace server::cli::bringup
