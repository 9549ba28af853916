#pragma once

#include <filesystem>
#include <optional>

#include "hsm/client/line.h"
#include "hsm/client/session.h"
#include "server/cli/bringup/report.h"

// What the steps of a bring-up have in common.
namespace server::cli::bringup {

// A person at the bench, where there is one, or an emulated board's switches.
class Hands {
public:
    virtual ~Hands() = default;

    virtual bool present() const = 0;
    // Does it, or asks the person to; false when nobody can. `reset` is the power off and on.
    enum class Act { press_button, release_button, open_case, close_case, reset };
    virtual bool act(Act act) = 0;
    // How long until the board can have seen it.
    virtual std::chrono::milliseconds patience() const = 0;
};

// Whether a signature is made with people who exist for that only. A store in RAM has no room for
// them.
enum class Rehearsing { no, yes, no_room };

struct Bench {
    Report& report;
    hsm::client::Endpoint line;
    std::string board;  // by name, when it is known; the port image says it
    Hands& hands;
    std::chrono::milliseconds silence_max;       // of a line that ought to speak
    std::optional<hsm::client::Psk> psk{};       // of a board that has hosts already
    std::optional<hsm::Digest> firmware_hash{};  // of what was flashed
    Rehearsing rehearsing = Rehearsing::no;
};

// A serial port, not the socket of an emulated board's UART.
bool is_serial(const Bench& bench);
std::string path_of(const Bench& bench);

// The command that empties the board's flash; a line of a remedy by itself.
std::string erasing(const Bench& bench);
// And the one that puts an image there.
std::string flashing(const Bench& bench, std::string_view suffix = {});

inline std::string text_of(hsm::Status status) {
    return std::string(hsm::base::status_name(status));
}

// A key lives in one object at a time; another session needs another.
hsm::client::Psk same(const hsm::client::Psk& psk);

// An emulator that was started with the same breath gets a moment. Errors as Line::open's.
hsm::Result<hsm::client::Line> open_line(const Bench& bench);

// What is still under way to this end is of no use to whoever asks next: read until it is quiet.
void drain(hsm::client::Line& line);

// What was answered to something that has to be refused, and with which word.
Step refusal(std::string_view what, hsm::Status got, hsm::Status wanted);

// The line opened; nothing when there is no way on, which the report says.
std::optional<hsm::client::Line> reach_line(const Bench& bench);

// The line alone: port, who speaks, frames. Whoever is there; nothing when there is no way on.
enum class Image { release, port };
std::optional<Image> walk_line(const Bench& bench);

// With the port image loaded: its suite, and what only this end sees. Whether all of it passed.
bool walk_port(Bench& bench);

// With the release image: channel, module, and where `rehearse` says so a signature made, verified,
// and others refused. Whether all of it passed.
bool walk_module(const Bench& bench);

}  // namespace server::cli::bringup
