#include <algorithm>
#include <linux/sockios.h>
#include <sys/ioctl.h>

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
using hsm::client::Line;
using hsm::client::Readiness;
using std::chrono::steady_clock;

constexpr auto listening = 300ms;     // to what comes unasked
constexpr auto probe_time = 1'500ms;  // for a write to whoever is there
// Of an image that is known to live. A board takes the longest question here in 40 ms; an emulator
// on a busy machine has been seen to need more than 1500.
constexpr auto answer_time = 20s;
constexpr auto hello_interval = 1'000ms;
// A board that says why it does not start, or a program that talks by itself, has had its chance.
constexpr auto other_time = 2'000ms;

// What was written to an emulator's socket and nobody has taken: QEMU serves another connection, or
// its UART was never switched on.
bool unread_by_peer(const Line& line) {
    int waiting = 0;
    return ::ioctl(line.descriptor(), SIOCOUTQ, &waiting) == 0 && waiting != 0;
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
            line.write_all(greets ? watch.greeting() : watch.port_question(), after(probe_time));
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
                            "stop that program: kyso-uart, which kyso up starts, keeps a board's "
                            "line for itself\n"
                            "if there is none, the image is for another board, broken, or a loader "
                            "that has no release to start. Start the right one:\n" +
                                flashing(bench))
                   : failed(
                         "line.speaks",
                         "silence for " + waited + " s: the emulator runs, its image does not",
                         "the image is for another board, or broken: build and start it again\n" +
                             flashing(bench));
    }
    const auto holders = holders_of(path_of(bench));
    return failed(
        "line.speaks",
        "silence for " + waited + " s" +
            (holders.empty() ? "" : "; other programs have the port too: " + holders),
        "power: is it on, and the board not held in reset?\n"
        "wires: the adapter's TX to the board's RX, its RX to the board's TX, GND to GND "
        "(board/<name>/README.md)\n"
        "rate: run this again and press the board's reset meanwhile; bytes that come then, and "
        "are no frames, mean an adapter that does not do 1,000,000 baud, or another crystal\n"
        "image: none, another board's, or a loader without a release. Flash it:\n" +
            flashing(bench));
}

Step not_started(const Bench& bench, const End& end) {
    constexpr std::uint32_t start_failed = 7;
    const auto found = "the image starts again and again; each ends with " + end_text(end);
    if (end.cause != start_failed) {
        return failed("line.speaks",
                      found,
                      "is it the image of this very board? Its port image says which part does not "
                      "do what it owes; an address stands in the .map beside bin/\n" +
                          flashing(bench, "-port"));
    }
    switch (static_cast<Status>(end.detail)) {
        case Status::storage_corrupt:
        case Status::storage_failed:
        case Status::storage_full:
            return failed(
                "line.speaks",
                found,
                "the flash holds what this module never wrote, or is worn. Erase it; what "
                "it held is lost:\n" +
                    erasing(bench) + "\nif that does not help, the port image proves the flash:\n" +
                    flashing(bench, "-port"));
        case Status::rng_failed:
        case Status::self_test_failed:
            return failed(
                "line.speaks",
                found,
                "the noise source fails its health tests: is its clock on? The port image tells "
                "more:\n" +
                    flashing(bench, "-port"));
        default:
            return failed("line.speaks", found, "flash again:\n" + flashing(bench));
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
            return failed(
                "line.speaks",
                "text of another program: \"" + watch.text() + "\"",
                "this is no Kyso image, or the adapter's other port:\n" + flashing(bench));
        case Speaker::noise:
            return failed(
                "line.speaks",
                bytes + " that are no frames of ours",
                "the line is 1,000,000 baud, 8N1: does the adapter do that? is GND joined? "
                "is the board's crystal the one that its clock settings say? else flash it "
                "again:\n" +
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
    TRY(line.write_all(watch.greeting().subspan(wire::frame_preamble_size), deadline));
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
    const auto sent = line.write_all(garbage, deadline);
    const auto greeted = sent ? line.write_all(watch.greeting(), deadline) : sent;
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
    auto line = reach_line(bench);
    if (!line) {
        return std::nullopt;
    }
    LineWatch watch;
    const auto probed = probe(bench, *line, watch);
    if (!probed) {
        report.add(failed(
            "line.speaks",
            "the line went away: " + text_of(probed.error()),
            is_serial(bench)
                ? std::string("it was unplugged, or the board resets its own USB: look at dmesg")
                : "the emulator ended, as it does on an image for another board, or "
                  "for a slot without its loader (-a.elf), or this is no board's line "
                  "but kyso-uart's or kyso-module's socket. Its last words stand where "
                  "it was started. The right one:\n" +
                      flashing(bench)));
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
