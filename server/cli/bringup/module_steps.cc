#include <algorithm>
#include <thread>

#include <boost/json/array.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "hsm/client/line.h"
#include "hsm/openssl/device_certificate.h"
#include "hsm/protocol/self_test.h"
#include "server/cli/board_hosts.h"
#include "server/cli/bringup/bench.h"
#include "server/cli/bringup/rehearsal.h"
#include "server/cli/bringup/talk.h"
#include "server/cli/ceremony_module.h"

namespace server::cli::bringup {
namespace {

namespace json = boost::json;
namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Byte;
using hsm::Bytes;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::client::after;
using hsm::client::Psk;
using hsm::client::Session;
using std::chrono::steady_clock;
using wire::SelfTest;

constexpr auto answer_time = 20s;
constexpr auto self_test_time = 120s;  // RSA and P-384 on a slow core

std::string failed_test_remedy(const Bench& bench, SelfTest test) {
    switch (test) {
        case SelfTest::firmware_integrity:
            return "the image in flash is not the one that was built: flash it again\n" +
                   flashing(bench);
        case SelfTest::noise:
            return "the noise source fails its health tests: its clock, its supply; the port image "
                   "tells more:\n" +
                   flashing(bench, "-port");
        default:
            return "processor or memory compute wrongly: start it again once; if it comes back, "
                   "this board is for the bin";
    }
}

Step state_step(const Bench& bench, const wire::GetInfoResponse& info) {
    const auto state = std::string(state_name(info.state));
    if (info.state == wire::State::failed) {
        const auto test = static_cast<SelfTest>(info.failed_self_test);
        return info.failed_self_test != 0
                   ? failed("module.state",
                            "failed: self-test " + std::string(wire::self_test_name(test)),
                            failed_test_remedy(bench, test))
                   : failed("module.state",
                            "failed: its store cannot be trusted",
                            "start it again once; if it comes back, erase it:\n" + erasing(bench));
    }
    if (info.state == wire::State::tampered) {
        return failed(
            "module.state",
            "tampered: its case was open, and the flash secret is wiped for good",
            "close the case (on the bench: the jumper of board/<name>/README.md), and erase "
            "it:\n" +
                erasing(bench));
    }
    return passed("module.state", state, {{"state", state}, {"boot", info.boot_counter}});
}

// Whether there is a module to go on with.
bool identity(const Bench& bench, const wire::GetInfoResponse& info) {
    auto& report = bench.report;
    const auto assurance_class = std::string(hsm::openssl::class_name(info.assurance_class));
    const auto hash = cloudsign::hex(info.firmware_hash);
    report.set("class", assurance_class);
    report.set("firmware_hash", hash);
    report.set("engine", info.engine);
    report.set("boot", info.boot_counter);
    if (!info.identity_spki.empty()) {
        report.set("module_id", cloudsign::hex(info.module_id));
    }
    bool good = report.add(passed("module.class", "class " + assurance_class));
    if (!bench.firmware_hash) {
        report.add(skipped("module.firmware",
                           "firmware hash " + hash,
                           "--image FILE compares it with what you have built"));
    } else if (*bench.firmware_hash == info.firmware_hash) {
        report.add(passed("module.firmware", "the image that was built: " + hash));
    } else {
        good = report.add(
            failed("module.firmware",
                   "firmware hash " + hash + ", and of the image that was named " +
                       cloudsign::hex(*bench.firmware_hash),
                   "another build is on the board; the one that was named:\n" + flashing(bench)));
    }
    return report.add(state_step(bench, info)) && good;
}

Step storage(const wire::GetInfoResponse& info) {
    const auto records = info.first_log_index == 0 ? 0 : info.next_log_index - info.first_log_index;
    const json::object figures{{"log_records", records},
                               {"log_fill_percent", info.log_fill_percent},
                               {"starts", info.boot_counter}};
    const auto found = std::to_string(records) + " records in the log, " +
                       std::to_string(info.log_fill_percent) + " % full; start " +
                       std::to_string(info.boot_counter);
    constexpr unsigned nearly_full = 90;
    return info.log_fill_percent < nearly_full
               ? passed("storage.log", found, figures)
               : failed("storage.log",
                        found,
                        "a full log refuses to sign: kyso module audit exports it");
}

bool self_tests(const Bench& bench, Talk& talk) {
    const auto begun = steady_clock::now();
    const auto tested = talk.session().call(wire::SelfTestRequest{}, after(self_test_time));
    if (!tested) {
        const auto info = talk.info();
        return bench.report.add(
            tested.error() == Status::self_test_failed && info
                ? state_step(bench, **info)
                : failed("selftest.all",
                         "the self-tests do not end: " + text_of(tested.error()),
                         "start the board again, run this again"));
    }
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - begun).count();
    const auto& times = (*tested)->self_tests;
    const auto ran = [&](SelfTest test) {
        const auto number = static_cast<std::size_t>(test);
        return number <= times.size() && times[number - 1] != 0;
    };
    json::array names;
    for (std::size_t number = 1; number <= times.size(); ++number) {
        const auto test = static_cast<SelfTest>(number);
        if (ran(test)) {
            names.push_back(json::string(wire::self_test_name(test)));
        }
    }
    const auto count = names.size();
    bool good = bench.report.add(
        passed("selftest.all",
               std::to_string(count) + " self-tests pass, in " + std::to_string(ms) + " ms",
               {{"ms", ms}, {"passed", std::move(names)}}));
    good = bench.report.add(
               ran(SelfTest::firmware_integrity)
                   ? passed("selftest.firmware",
                            "the image in flash is still the one that was hashed at the start")
                   : failed("selftest.firmware",
                            "the image in flash was not checked",
                            "this is no board's image:\n" + flashing(bench))) &&
           good;
    return bench.report.add(
               ran(SelfTest::noise) && ran(SelfTest::drbg)
                   ? passed("entropy.health",
                            "1,024 raw samples pass the tests of SP 800-90B; the generator passes "
                            "its own")
                   : failed("entropy.health",
                            "the noise source was not tested",
                            "firmware/hal/PORTING.md, rng.cc")) &&
           good;
}

// [200, id, {1: bytes}]: no such command, which is said before the body is looked at.
Bytes unknown_command(std::size_t size) {
    constexpr Byte id = 7;
    Bytes message{0x83,
                  0x18,
                  200,
                  id,
                  0xa1,
                  0x01,
                  0x59,
                  static_cast<Byte>(size >> 8),
                  static_cast<Byte>(size)};
    message.resize(message.size() + size, 0x5a);
    return message;
}

// The module's word, or the link's own.
Status answer_to(Session& session, ByteView message) {
    const auto sent = session.send(message, after(answer_time));
    if (!sent) {
        return sent.error();
    }
    const auto answer = session.receive(after(answer_time));
    if (!answer) {
        return answer.error();
    }
    const auto head = wire::decode_response_head(*answer);
    return head ? head->status : head.error();
}

bool refusals(const Bench& bench, Talk& talk) {
    auto& report = bench.report;
    auto& session = talk.session();
    bool good = report.add(refusal(
        "unknown command", answer_to(session, unknown_command(16)), Status::unknown_command));
    constexpr std::array<Byte, 4> truncated{0x83, 0x01, 0x07, 0xa1};
    good =
        report.add(refusal("half a message", answer_to(session, truncated), Status::malformed)) &&
        good;
    const auto unsigned_yet = session.call(wire::GetResultRequest{}, after(answer_time));
    const auto status = unsigned_yet ? Status::ok : unsigned_yet.error();
    return report.add(status == Status::wrong_role || status == Status::wrong_state
                          ? passed("refuses.wrong host or state", text_of(status))
                          : refusal("wrong host or state", status, Status::wrong_state)) &&
           good;
}

std::int64_t rate(std::size_t bytes, steady_clock::duration taken) {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(taken).count();
    return us == 0 ? 0 : static_cast<std::int64_t>(bytes) * 1'000'000 / us;
}

Step throughput(Talk& talk) {
    constexpr std::size_t big = 8000;
    constexpr int rounds = 4;
    constexpr int asked = 16;
    const auto remedy = "the line loses bytes under load: link.cc, a better adapter";
    std::size_t up = 0;
    const auto up_begun = steady_clock::now();
    for (int i = 0; i < rounds; ++i) {
        const auto message = unknown_command(big);
        const auto answered = answer_to(talk.session(), message);
        if (answered != Status::unknown_command) {
            return failed("link.throughput", "8 KB do not arrive: " + text_of(answered), remedy);
        }
        up += message.size();
    }
    const auto up_rate = rate(up, steady_clock::now() - up_begun);
    std::vector<std::int64_t> times;
    for (int i = 0; i < asked; ++i) {
        const auto begun = steady_clock::now();
        const auto info = talk.info();
        if (!info) {
            return failed(
                "link.throughput", "get_info is not answered: " + text_of(info.error()), remedy);
        }
        times.push_back(
            std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun)
                .count());
    }
    std::ranges::sort(times);
    const auto median = times[times.size() / 2];
    return passed("link.throughput",
                  std::to_string(up_rate / 1000) + " KB/s to the board; get_info in " +
                      std::to_string(median) + " us (most " + std::to_string(times.back()) + ")",
                  {{"to_board_bytes_per_s", up_rate},
                   {"request_us", median},
                   {"request_max_us", times.back()}});
}

Step clock(Talk& talk) {
    constexpr auto watched = 2s;
    const auto until = steady_clock::now() + 2 * watched;
    while (talk.drift().watched() < watched && steady_clock::now() < until) {
        std::this_thread::sleep_for(50ms);
        const auto info = talk.info();
        if (!info) {
            return failed("clock.drift", "no answer: " + text_of(info.error()), "run this again");
        }
    }
    return talk.drift().step("clock.drift");
}

bool restart(const Bench& bench, Talk& talk, std::uint64_t boot) {
    auto& report = bench.report;
    if (bench.rehearsing == Rehearsing::no_room) {
        report.add(skipped("storage.restart", "this board's store is RAM: a start finds it new"));
        return true;
    }
    if (!bench.hands.present()) {
        report.add(skipped("storage.restart",
                           "nobody to take the power away and give it back",
                           "run it again with --hands, beside the board"));
        return true;
    }
    talk.close();
    const auto remedy = "what the store was told is gone: flash.cc, the supply while it writes";
    if (!bench.hands.act(Hands::Act::reset)) {
        return report.add(failed("storage.restart", "the board does not start again", remedy));
    }
    talk.forget_clock();
    const auto until = steady_clock::now() + bench.hands.patience();
    for (;;) {
        const auto connected = talk.connect();
        const auto info =
            connected ? talk.info()
                      : Result<hsm::client::Reply<wire::GetInfoResponse>>(connected.error());
        if (info && (*info)->boot_counter == boot + 1) {
            return report.add(passed(
                "storage.restart",
                "start " + std::to_string(boot + 1) + " follows start " + std::to_string(boot)));
        }
        if (steady_clock::now() > until) {
            return report.add(failed("storage.restart",
                                     info ? "start " + std::to_string((*info)->boot_counter) +
                                                " follows start " + std::to_string(boot)
                                          : "it does not come back: " + text_of(info.error()),
                                     remedy));
        }
        talk.close();
        std::this_thread::sleep_for(200ms);
    }
}

bool rehearse_if_wanted(const Bench& bench, const Talk& talk, wire::State state) {
    if (bench.rehearsing == Rehearsing::no_room) {
        bench.report.add(skipped(
            "rehearsal", "no signature was made: this board's store has no room for people"));
        return true;
    }
    if (bench.rehearsing == Rehearsing::no) {
        bench.report.add(skipped("rehearsal",
                                 "no signature was made",
                                 "--rehearse makes one with people of its own; the board has to be "
                                 "erased afterwards"));
        return true;
    }
    if (!talk.is_bring_up() || state != wire::State::locked) {
        bench.report.add(
            skipped("rehearsal",
                    "the board has hosts of its own: no rehearsal touches its keys",
                    "erase it first, if it holds nothing that is needed:\n" + erasing(bench)));
        return true;
    }
    return rehearse(bench);
}

}  // namespace

bool walk_module(const Bench& bench) {
    auto talk = introduce(bench);
    if (!talk) {
        return false;
    }
    auto& report = bench.report;
    const auto info = talk->info();
    if (!info) {
        return report.add(refused_session(info.error()));
    }
    const auto boot = (*info)->boot_counter;
    const auto state = (*info)->state;
    bool good = identity(bench, **info);
    if (state == wire::State::failed || state == wire::State::tampered) {
        return false;
    }
    good = report.add(storage(**info)) && good;
    good = report.add(throughput(*talk)) && good;
    good = refusals(bench, *talk) && good;
    good = report.add(clock(*talk)) && good;
    if (!self_tests(bench, *talk)) {
        return false;
    }
    good = keeps_strangers_out(bench, *talk) && good;
    good = restart(bench, *talk, boot) && good;
    talk->close();
    return rehearse_if_wanted(bench, *talk, state) && good;
}

}  // namespace server::cli::bringup
