#include "server/cli/bringup/talk.h"

#include "cloudsign/random.h"
#include "server/cli/board_hosts.h"

namespace server::cli::bringup {
namespace {

namespace wire = hsm::protocol;
using namespace std::chrono_literals;
using hsm::Result;
using hsm::Status;
using hsm::client::after;
using hsm::client::Session;
using std::chrono::steady_clock;

constexpr auto handshake_time = 20s;
constexpr auto answer_time = 20s;

Step owned(const Bench& bench, bool asked_with_psk) {
    return failed(
        "channel.owner",
        asked_with_psk ? "the board has its hosts already, and the PSK of --psk is none of theirs"
                       : "the board has its hosts already: it belongs to somebody's group, or was "
                         "rehearsed on and not erased",
        std::string(asked_with_psk ? "name the operator's PSK of the folder that it was set up from"
                                   : "name its operator's PSK: --psk "
                                     "DIR/psk/module-1/operator.psk") +
            "\nor, to begin anew and lose every key that only it holds, erase it:\n" +
            erasing(bench));
}

}  // namespace

Result<void> Talk::connect() {
    TRY_ASSIGN(auto session, Session::connect(bench_.line, psk_, after(handshake_time)));
    session_ = std::move(session);
    return {};
}

void Talk::close() {
    if (session_) {
        session_->close();
        session_.reset();
    }
}

Result<hsm::client::Reply<wire::GetInfoResponse>> Talk::info() {
    const auto asked = steady_clock::now();
    TRY_ASSIGN(auto info, session_->call(wire::GetInfoRequest{}, after(answer_time)));
    drift_.look(asked, info->tick_ms, steady_clock::now());
    return info;
}

Step refused_session(Status status) {
    return failed("channel.tls",
                  "the module is there, and its handshake fails: " + text_of(status),
                  status == Status::link_timeout || status == Status::link_closed
                      ? "the line loses bytes, or the module starts again meanwhile: look at "
                        "link.frames above, run this again"
                      : "host and image are of different versions: flash the image of this tree");
}

std::optional<Talk> introduce(const Bench& bench) {
    auto& report = bench.report;
    Talk stranger(bench, bring_up_psk());
    if (bench.psk) {
        Talk host(bench, same(*bench.psk));
        const auto known = host.connect();
        if (known) {
            report.add(passed("channel.tls", "TLS 1.3 with the PSK of " + bench.psk->identity));
            return host;
        }
        if (known.error() != Status::handshake_failed) {
            report.add(refused_session(known.error()));
            return std::nullopt;
        }
    }
    const auto connected = stranger.connect();
    if (connected && bench.psk) {
        report.add(failed("channel.owner",
                          "the board has no hosts at all: it was erased since " +
                              bench.psk->identity + " was told to it, or it is another board",
                          "what only it held is lost. Without --psk this goes on as for a new "
                          "board; to be a member of its group again it takes part in a ceremony "
                          "(kyso ceremony)"));
        return std::nullopt;
    }
    if (connected) {
        report.add(
            passed("channel.tls", "TLS 1.3 as bring-up: the board is new, and has no hosts yet"));
        return stranger;
    }
    report.add(connected.error() == Status::handshake_failed ? owned(bench, bench.psk.has_value())
                                                             : refused_session(connected.error()));
    return std::nullopt;
}

bool keeps_strangers_out(const Bench& bench, Talk& talk) {
    talk.close();
    bool good = true;
    for (const auto* what : {"wrong key", "unknown host"}) {
        auto psk = same(talk.psk());
        if (what == std::string_view("wrong key")) {
            CHECK(psk.secret.assign(cloudsign::random_32()));
        } else {
            psk.identity = "nobody";
        }
        const auto session = Session::connect(bench.line, psk, after(handshake_time));
        good = bench.report.add(refusal(
                   what, session ? Status::ok : session.error(), Status::handshake_failed)) &&
               good;
    }
    return good;
}

}  // namespace server::cli::bringup
