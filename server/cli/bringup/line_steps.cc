#include <algorithm>
#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include "hsm/client/line.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/line_watch.h"
#include "server/cli/bringup/port_holders.h"

namespace server::cli::bringup {
namespace {

namespace json = boost::json;
namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using hsm::client::after;
using hsm::client::Deadline;
using hsm::client::FramedUnixPath;
using hsm::client::Line;
using hsm::client::Readiness;
using hsm::client::SerialPath;
using std::chrono::steady_clock;

constexpr auto listening = 300ms;      // to what comes unasked
constexpr auto answer_time = 1'500ms;  // of an image that lives
constexpr auto hello_interval = 1'000ms;
// A board that says why it does not start, or a program that talks by itself, has had its chance.
constexpr auto other_time = 2'000ms;

bool is_serial(const Bench& bench) {
    return std::holds_alternative<SerialPath>(bench.line);
}

std::string path_of(const Bench& bench) {
    const auto* port = std::get_if<SerialPath>(&bench.line);
    return port != nullptr ? port->path : std::get<FramedUnixPath>(bench.line).path;
}

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

Step there(const Bench& bench) {
    const auto path = path_of(bench);
    struct stat found {};
    if (!appears(bench, found)) {
        return missing(bench);
    }
    if (is_serial(bench) ? !S_ISCHR(found.st_mode) : !S_ISSOCK(found.st_mode)) {
        return failed("port.there",
                      path + " is no serial port",
                      "name the port itself, as /dev/ttyACM0 or /dev/ttyUSB0, or an emulated "
                      "board's line.sock");
    }
    if (::access(path.c_str(), R_OK | W_OK) != 0) {
        return failed("port.there",
                      path + " is not yours to read and write",
                      "sudo usermod -aG dialout $USER, then log in again (ls -l " + path +
                          " names the group)");
    }
    return passed("port.there", path);
}

hsm::Result<Line> open(const Bench& bench) {
    if (const auto* port = std::get_if<SerialPath>(&bench.line)) {
        return Line::open(*port);
    }
    const auto until = after(start_time);
    for (;;) {
        auto line = Line::open(std::get<FramedUnixPath>(bench.line), until);
        if (line || line.error() != Status::link_refused || steady_clock::now() >= until) {
            return line;
        }
        std::this_thread::sleep_for(look_interval);
    }
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
    return failed("port.open",
                  path_of(bench) + " cannot be opened as a line: " + text_of(status),
                  "take an adapter that does 1,000,000 baud (FT232, CP2102N, CH343), on another "
                  "USB port");
}

// What was written to an emulator's socket and nobody has taken: QEMU serves another connection, or
// its UART was never switched on.
bool unread_by_peer(const Line& line) {
    int waiting = 0;
    return ::ioctl(line.descriptor(), SIOCOUTQ, &waiting) == 0 && waiting != 0;
}

hsm::Result<void> write_all(Line& line, ByteView bytes, Deadline deadline) {
    while (!bytes.empty()) {
        TRY_ASSIGN(const auto size, line.write(bytes));
        bytes = bytes.subspan(size);
        if (size == 0) {
            TRY(line.wait(Readiness::writable, deadline));
        }
    }
    return {};
}

// Until the watch knows enough, or the deadline. `link_closed` when the line is gone.
template <class Enough>
hsm::Result<void> listen(Line& line, LineWatch& watch, Deadline deadline, Enough enough) {
    std::array<Byte, 4096> buffer;
    while (!enough() && steady_clock::now() < deadline) {
        const auto ready = line.wait(Readiness::readable, deadline);
        if (!ready) {
            return ready.error() == Status::link_timeout ? hsm::Result<void>() : ready;
        }
        TRY_ASSIGN(const auto size, line.read(buffer));
        watch.received(ByteView(buffer).first(size));
    }
    return {};
}

// The port image's question, which a release image drops as garbage, and the module's greeting, of
// which a port image has forgotten all when it is asked again (port::question_pause_max_ms). Until
// one of them is answered, and while there is reason to go on.
hsm::Result<void> probe(const Bench& bench, Line& line, LineWatch& watch) {
    TRY(listen(line, watch, after(listening), [] { return false; }));
    const auto known = [&] {
        const auto speaker = watch.speaker();
        return speaker == Speaker::module || speaker == Speaker::port_image ||
               speaker == Speaker::echo;
    };
    const auto begun = steady_clock::now();
    for (bool greets = false; !known(); greets = !greets && !watch.port_image_started()) {
        const auto passed = steady_clock::now() - begun;
        const auto speaker = watch.speaker();
        // One failed start may have been the last.
        const bool goes_on = speaker == Speaker::nobody ||
                             (speaker == Speaker::failing && watch.starts() < 2) ||
                             watch.port_image_started();
        if (passed > bench.silence_max || (passed > other_time && !goes_on)) {
            break;
        }
        const auto written =
            write_all(line, greets ? watch.greeting() : watch.port_question(), after(answer_time));
        if (!written && written.error() != Status::link_timeout) {
            return written;
        }
        TRY(listen(line, watch, after(greets ? hello_interval : listening), known));
    }
    return {};
}

Step silent(const Bench& bench, const Line& line) {
    const auto waited =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(bench.silence_max).count());
    if (!is_serial(bench)) {
        return unread_by_peer(line)
                   ? failed("line.speaks",
                            "nobody takes what is sent: another program has " + path_of(bench) +
                                ", or the image does not get as far as its UART",
                            "stop that program (kyso-uart, which kyso up starts, keeps a board's "
                            "line for itself); if there is none, the image is for another board, "
                            "broken, or a loader that has no release to start: " +
                                flashing(bench))
                   : failed(
                         "line.speaks",
                         "silence for " + waited + " s: the emulator runs, its image does not",
                         "the image is for another board, or broken: build and start it again, " +
                             flashing(bench));
    }
    const auto holders = holders_of(path_of(bench));
    return failed(
        "line.speaks",
        "silence for " + waited + " s" +
            (holders.empty() ? "" : "; other programs have the port too: " + holders),
        "is the board powered, and not held in reset? are the adapter's TX and RX crossed "
        "over to the board's RX and TX, GND joined (board/<name>/README.md)? does the adapter do "
        "1,000,000 baud, and is the board's crystal the one of its clock settings? (Run this "
        "again and press reset meanwhile: bytes that come then mean a wrong rate.) else it has a "
        "loader without a release, no image, or another board's: " +
            flashing(bench));
}

Step not_started(const Bench& bench, const End& end) {
    constexpr std::uint32_t start_failed = 7;
    const auto found = "the image starts again and again; each ends with " + end_text(end);
    if (end.cause != start_failed) {
        return failed("line.speaks",
                      found,
                      "is it the image of this very board? else it is a mistake of its port (the "
                      "address is in the image's .map): " +
                          flashing(bench, "-port"));
    }
    switch (static_cast<Status>(end.detail)) {
        case Status::storage_corrupt:
        case Status::storage_failed:
        case Status::storage_full:
            return failed("line.speaks",
                          found,
                          "the flash holds what this module never wrote, or is worn: erase it, " +
                              erasing(bench) +
                              "; what it held is lost. Once more after that: prove "
                              "the flash with the port image, " +
                              flashing(bench, "-port"));
        case Status::rng_failed:
        case Status::self_test_failed:
            return failed(
                "line.speaks",
                found,
                "the noise source fails its health tests: is its clock on? The port image "
                "tells more, " +
                    flashing(bench, "-port"));
        default:
            return failed("line.speaks", found, "flash again: " + flashing(bench));
    }
}

Step spoken(const Bench& bench, const Line& line, const LineWatch& watch) {
    const auto bytes = std::to_string(watch.size()) + " bytes";
    switch (watch.speaker()) {
        case Speaker::module:
            return passed("line.speaks",
                          watch.end() ? "a Kyso module; its end before: " + end_text(*watch.end())
                                      : "a Kyso module");
        case Speaker::port_image:
            return passed("line.speaks", "the port image");
        case Speaker::failing:
            return not_started(bench, *watch.end());
        case Speaker::echo:
            return failed(
                "line.speaks",
                "our own bytes come back",
                "TX and RX are joined: wire the adapter's TX to the board's RX and its RX "
                "to the board's TX");
        case Speaker::text:
            return failed("line.speaks",
                          "text of another program: \"" + watch.text() + "\"",
                          "this is no Kyso image, or the adapter's other port: " + flashing(bench));
        case Speaker::noise:
            return failed(
                "line.speaks",
                bytes + " that are no frames of ours",
                "the line is 1,000,000 baud, 8N1: does the adapter do that? is GND joined? "
                "is the board's crystal the one that its clock settings say? else: " +
                    flashing(bench));
        case Speaker::nobody:
            break;
    }
    return silent(bench, line);
}

// One HELLO on the operator's stream, to its answer.
hsm::Result<std::chrono::microseconds> greet(Line& line, wire::FrameDecoder& decoder) {
    LineWatch watch;
    const auto begun = steady_clock::now();
    const auto deadline = begun + answer_time;
    TRY(write_all(line, watch.greeting().subspan(wire::frame_preamble_size), deadline));
    for (;;) {
        while (const auto frame = decoder.next()) {
            if (frame->head.type == wire::FrameType::hello) {
                return std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() -
                                                                             begun);
            }
        }
        TRY_ASSIGN(const auto size, line.read(decoder.wanted()));
        decoder.received(size);
        if (size == 0) {
            TRY(line.wait(Readiness::readable, deadline));
        }
    }
}

Step frames(Line& line) {
    constexpr int greetings = 16;
    wire::FrameDecoder decoder;
    std::vector<std::int64_t> times;
    for (int i = 0; i < greetings; ++i) {
        const auto time = greet(line, decoder);
        if (!time) {
            return failed("link.frames",
                          "answer " + std::to_string(i + 1) + " of " + std::to_string(greetings) +
                              " does not come: " + text_of(time.error()),
                          "the line loses bytes: a shorter cable, a better adapter, GND joined");
        }
        times.push_back(time->count());
    }
    if (decoder.dropped() != 0) {
        return failed("link.frames",
                      std::to_string(decoder.dropped()) + " bytes came changed or for nothing",
                      "the line is bad: a shorter cable, a better adapter, GND joined");
    }
    std::ranges::sort(times);
    const auto median = times[times.size() / 2];
    return passed("link.frames",
                  std::to_string(greetings) + " of " + std::to_string(greetings) +
                      " answered, there and back in " + std::to_string(median) + " us (most " +
                      std::to_string(times.back()) + ")",
                  {{"round_trip_us", median}, {"round_trip_max_us", times.back()}});
}

// Broken on purpose: garbage, then a frame that is never ended. The next host begins with zeros.
Step recovers(Line& line) {
    constexpr std::size_t garbage_size = 3000;
    hsm::Bytes garbage;
    for (std::size_t i = 0; i < garbage_size; ++i) {
        garbage.push_back(static_cast<Byte>(i % 61 == 0 ? wire::frame_start : i * 89));
    }
    const auto head =
        wire::encode_frame_head({wire::FrameType::payload, 1, 0}, wire::frame_payload_size_max);
    garbage.insert(garbage.end(), head.begin(), head.end());
    LineWatch watch;
    const auto deadline = after(answer_time);
    const auto sent = write_all(line, garbage, deadline);
    const auto greeted = sent ? write_all(line, watch.greeting(), deadline) : sent;
    const auto heard =
        greeted ? listen(line, watch, deadline, [&] { return watch.speaker() == Speaker::module; })
                : greeted;
    if (!heard || watch.speaker() != Speaker::module) {
        return failed("link.recovers",
                      "after garbage and half a frame the board hears no host any more",
                      "the link's driver loses bytes under load: firmware/hal/PORTING.md, link.cc");
    }
    return passed("link.recovers", "the next host is heard after garbage and half a frame");
}

}  // namespace

std::optional<Image> walk_line(const Bench& bench) {
    auto& report = bench.report;
    if (!report.add(there(bench))) {
        return std::nullopt;
    }
    auto line = open(bench);
    if (!line) {
        report.add(not_opened(bench, line.error()));
        return std::nullopt;
    }
    LineWatch watch;
    const auto probed = probe(bench, *line, watch);
    if (!probed) {
        report.add(failed("line.speaks",
                          "the line went away: " + text_of(probed.error()),
                          is_serial(bench)
                              ? "it was unplugged, or the board resets its own USB: look at dmesg"
                              : "the emulator ended, as it does on an image for another board: its "
                                "last words are in qemu.log, or where it was started"));
        return std::nullopt;
    }
    if (!report.add(spoken(bench, *line, watch))) {
        return std::nullopt;
    }
    drain(*line);
    if (watch.speaker() == Speaker::port_image) {
        return Image::port;
    }
    if (!report.add(frames(*line)) || !report.add(recovers(*line))) {
        return std::nullopt;
    }
    drain(*line);
    return Image::release;
}

}  // namespace server::cli::bringup
