#include "server/cli/bringup/bench.h"

namespace server::cli::bringup {
namespace {

bool is_emulated(const Bench& bench) {
    return std::holds_alternative<hsm::client::FramedUnixPath>(bench.line);
}

}  // namespace

std::string erasing(const Bench& bench) {
    if (is_emulated(bench)) {
        return "stop the emulator and remove nvm.img from its folder";
    }
    return "openocd … -c \"init; reset halt; flash erase_sector 0 7 11; reset run; exit\" on the "
           "stm32f405, else as board/<name>/README.md says";
}

std::string flashing(const Bench& bench, std::string_view suffix) {
    const auto board = bench.board.empty() ? std::string("<board>") : bench.board;
    const auto image = "build/fw-" + board + "/bin/kyso-" + board + std::string(suffix) + ".elf";
    if (is_emulated(bench)) {
        return "board/run-qemu --board " + board + " --folder DIR --image " + image;
    }
    return "openocd -f interface/stlink.cfg -f target/stm32f4x.cfg -c \"program " + image +
           " verify reset exit\"";
}

hsm::client::Psk same(const hsm::client::Psk& psk) {
    hsm::client::Psk copy;
    copy.identity = psk.identity;
    copy.role = psk.role;
    CHECK(copy.secret.assign(psk.secret.reveal()));
    return copy;
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
