#include <algorithm>
#include <thread>

#include "cloudsign/hex.h"
#include "hsm/base/crc32c.h"
#include "hsm/client/port_image.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/drift.h"

namespace server::cli::bringup {
namespace {

namespace port = hsm::protocol::port;
using namespace std::chrono_literals;
using hsm::Byte;
using hsm::Bytes;
using hsm::Result;
using hsm::Status;
using hsm::client::after;
using hsm::client::number_in;
using hsm::client::PortImage;
using port::Operation;
using std::chrono::steady_clock;

// Erases of several seconds, a few in one check.
constexpr auto patience = 60s;
constexpr std::uint32_t cause_watchdog = 4;  // firmware/hal/panic.h

// An answer of the board with so many fields; its refusal, or the line's.
Result<std::vector<Bytes>> fields_of(Result<PortImage::Answer> answer, std::size_t count) {
    if (!answer) {
        return answer.error();
    }
    if (answer->status != Status::ok) {
        return answer->status;
    }
    if (answer->fields.size() != count) {
        return Status::response_wrong;
    }
    return std::move(answer->fields);
}

std::string porting(std::string_view file) {
    return "firmware/hal/PORTING.md, " + std::string(file) + ", says what the board owes here";
}

// Of a check of firmware/port/suite.cc, by what it is about.
std::string check_remedy(std::string_view about) {
    static constexpr std::pair<std::string_view, std::string_view> files[] = {
        {"flash", "flash.cc"},
        {"secret", "flash.cc"},
        {"clock", "clock.cc"},
        {"noise", "rng.cc"},
        {"unique id", "unique_id.cc"},
        {"watchdog", "watchdog.cc"},
        {"switches", "presence.cc and tamper.cc"},
    };
    const auto* const file =
        std::ranges::find(files, about, [](const auto& pair) { return pair.first; });
    const auto owed = porting(file == std::end(files) ? about : file->second);
    return about == "switches"
               ? "let the button go and close the case; on the bench a jumper closes "
                 "it (board/<name>/README.md)\nelse: " +
                     owed
               : owed;
}

struct Told {
    std::string name;
    Bytes unique_id;
    std::size_t checks = 0;
    std::uint64_t cause = 0;
};

Result<Told> told(Result<PortImage::Answer> answer) {
    TRY_ASSIGN(const auto fields, fields_of(std::move(answer), 5));
    return Told{std::string(hsm::text_of(fields[0])),
                fields[1],
                static_cast<std::size_t>(number_in(fields[2])),
                number_in(fields[4])};
}

// Garbage that came before swallows the first question; the pause until the next one ends it.
Result<Told> first_hello(PortImage& image) {
    constexpr int tries = 3;
    constexpr std::chrono::milliseconds answer_time{4 * port::question_pause_max_ms};
    Result<Told> hello = Status::link_timeout;
    for (int i = 0; i < tries && !hello && hello.error() == Status::link_timeout; ++i) {
        hello = told(image.ask(Operation::hello, {}, after(answer_time)));
    }
    return hello;
}

bool same_board(Bench& bench, const Told& board) {
    auto& report = bench.report;
    report.set("board", board.name);
    report.set("unique_id", cloudsign::hex(board.unique_id));
    if (!bench.board.empty() && bench.board != board.name) {
        return report.add(failed("port.board",
                                 "the image is for " + board.name + ", not " + bench.board,
                                 flashing(bench, "-port")));
    }
    bench.board = board.name;
    return report.add(passed("port.board",
                             board.name + ", unique id " + cloudsign::hex(board.unique_id),
                             {{"unique_id", cloudsign::hex(board.unique_id)}}));
}

bool suite(const Bench& bench, PortImage& image, std::size_t count) {
    bool good = true;
    for (std::size_t i = 0; i < count; ++i) {
        const auto fields =
            fields_of(image.ask(Operation::check, {{static_cast<Byte>(i)}}, after(patience)), 2);
        if (!fields) {
            return bench.report.add(
                failed("port.check " + std::to_string(i + 1),
                       "no answer: " + text_of(fields.error()),
                       "this check ends the board: hold it in a debugger; " + porting("flash.cc")));
        }
        const auto checked = hsm::text_of((*fields)[0]);
        const auto name = "port." + std::string(checked);
        const std::string wrong(hsm::text_of((*fields)[1]));
        good = bench.report.add(
                   wrong.empty()
                       ? passed(name, "as it owes")
                       : failed(name, wrong, check_remedy(checked.substr(0, checked.find(':'))))) &&
               good;
    }
    return good;
}

bool clock(const Bench& bench, PortImage& image) {
    constexpr auto watched = 1'500ms;
    Drift drift;
    const auto until = steady_clock::now() + patience;
    while (drift.watched() < watched && steady_clock::now() < until) {
        const auto asked = steady_clock::now();
        const auto fields = fields_of(image.ask(Operation::clock, {}, after(patience)), 1);
        if (!fields) {
            return bench.report.add(failed(
                "port.clock: rate", "no answer: " + text_of(fields.error()), porting("clock.cc")));
        }
        drift.look(asked, number_in((*fields)[0]), steady_clock::now());
        std::this_thread::sleep_for(20ms);
    }
    return bench.report.add(drift.step("port.clock: rate"));
}

Result<bool> survives_burst(PortImage& image) {
    Bytes bytes(port::burst_size);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        bytes[i] = static_cast<Byte>(i * 167 + i / 251);
    }
    TRY(fields_of(image.ask(Operation::burst, {}, after(patience)), 0));
    TRY(image.send(bytes, after(patience)));
    TRY_ASSIGN(const auto fields, fields_of(image.next_answer(after(patience)), 1));
    return number_in(fields[0]) == hsm::crc32c(0, bytes);
}

bool burst(const Bench& bench, PortImage& image) {
    const auto kept = survives_burst(image);
    const auto size = std::to_string(port::burst_size) + " bytes that come during an erase";
    if (kept && *kept) {
        return bench.report.add(passed("port.link: burst", size + " are all there afterwards"));
    }
    return bench.report.add(failed(
        "port.link: burst",
        size + (kept ? " are changed" : " are lost: " + text_of(kept.error())),
        "the receive interrupt does not run during an erase: code and vectors in RAM, a ring of "
        "4,096; " +
            porting("link.cc")));
}

bool watchdog(const Bench& bench, PortImage& image, const Told& before) {
    constexpr auto bite = 10s;
    const auto remedy =
        "does it run from a clock of its own, and does its end reach the record "
        "that the next start reads? " +
        porting("watchdog.cc");
    const auto hung = fields_of(image.ask(Operation::hang, {}, after(patience)), 0);
    const auto after_bite = hung ? told(image.next_hello(after(bite))) : Result<Told>(hung.error());
    if (!after_bite) {
        return bench.report.add(
            failed("port.watchdog: bites",
                   "a board that hangs is not started again: " + text_of(after_bite.error()),
                   remedy));
    }
    if (after_bite->cause != cause_watchdog || after_bite->unique_id != before.unique_id) {
        return bench.report.add(failed("port.watchdog: bites",
                                       "the board comes back without knowing that it was the "
                                       "watchdog, or as another",
                                       remedy));
    }
    return bench.report.add(
        passed("port.watchdog: bites", "a board that hangs is started again, and knows why"));
}

Result<std::pair<bool, bool>> inputs(PortImage& image) {
    TRY_ASSIGN(const auto fields, fields_of(image.ask(Operation::inputs, {}, after(patience)), 2));
    return std::pair(number_in(fields[0]) != 0, number_in(fields[1]) != 0);
}

// Until the board sees it, or nobody has moved it.
bool sees(const Bench& bench, PortImage& image, Hands::Act act, std::pair<bool, bool> wanted) {
    if (!bench.hands.act(act)) {
        return false;
    }
    const auto until = steady_clock::now() + bench.hands.patience();
    while (steady_clock::now() < until) {
        const auto seen = inputs(image);
        if (!seen) {
            return false;
        }
        if (*seen == wanted) {
            return true;
        }
        std::this_thread::sleep_for(20ms);
    }
    return false;
}

bool switches(const Bench& bench, PortImage& image) {
    if (!bench.hands.present()) {
        bench.report.add(skipped("port.switches: moved",
                                 "nobody to press the button and open the case",
                                 "run it again with --hands, beside the board"));
        return true;
    }
    using Act = Hands::Act;
    const bool button = sees(bench, image, Act::press_button, {true, false}) &&
                        sees(bench, image, Act::release_button, {false, false});
    bool good = bench.report.add(
        button ? passed("port.presence: pressed", "the button is seen pressed and released")
               : failed("port.presence: pressed",
                        "the button was asked for and not seen",
                        "is it on the pin of board/<name>/README.md? " + porting("presence.cc")));
    const bool opened = sees(bench, image, Act::open_case, {false, true});
    static_cast<void>(bench.hands.act(Act::close_case));
    good = bench.report.add(
               opened ? passed("port.tamper: opened", "the case is seen opened")
                      : failed("port.tamper: opened",
                               "the case was to be opened, and that was not seen",
                               "is the switch on the pin of board/<name>/README.md, to GND while "
                               "closed? " +
                                   porting("tamper.cc"))) &&
           good;
    return good;
}

}  // namespace

bool walk_port(Bench& bench) {
    auto line = open_line(bench);
    if (!line) {
        return bench.report.add(failed("port.board",
                                       "the line cannot be opened again: " + text_of(line.error()),
                                       "is the adapter's plug loose?"));
    }
    drain(*line);
    PortImage image(*line);
    const auto board = first_hello(image);
    if (!board) {
        return bench.report.add(
            failed("port.board",
                   "the port image does not say which board it is for: " + text_of(board.error()),
                   "its line loses bytes, or it hangs: reset the board, run this again; else flash "
                   "it again\n" +
                       flashing(bench, "-port")));
    }
    if (!same_board(bench, *board)) {
        return false;
    }
    bool good = suite(bench, image, board->checks);
    good = clock(bench, image) && good;
    good = burst(bench, image) && good;
    good = watchdog(bench, image, *board) && good;
    good = switches(bench, image) && good;
    return good;
}

}  // namespace server::cli::bringup
