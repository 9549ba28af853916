#include <atomic>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>

#include "hsm/protocol/statement.h"
#include "tests/support/module_process.h"

namespace {

using hsm::Byte;
using hsm::Status;
using hsm::client::Link;
using hsm::client::LinkSettings;
using hsm::client::Session;
using hsm::client::Socket;
using hsm::protocol::AuditHeadRequest;
using hsm::protocol::AuditHeadResponse;
using hsm::protocol::GetInfoRequest;
using hsm::protocol::GetInfoResponse;
using hsm::protocol::Role;
using namespace std::chrono_literals;
using tests::support::ModuleProcess;
using tests::support::ProcessGroup;
using tests::support::ScratchFolder;
using tests::support::TokenKind;

template <class T>
Status status(const hsm::Result<T>& result) {
    return result ? Status::ok : result.error();
}

hsm::client::Deadline soon() {
    return hsm::client::after(10s);
}

class WireTest : public testing::Test {
protected:
    WireTest() : group_(folder_.path(), TokenKind::psa), module_(group_[0]) {}

    LinkSettings link_settings(Role role = Role::server) {
        LinkSettings settings;
        settings.endpoint = module_.endpoint();
        settings.psk = module_.psk(role);
        settings.back_off_first = 5ms;
        settings.back_off_last = 20ms;
        return settings;
    }

    Status get_info() {
        auto session = module_.connect();
        return status(session.call(GetInfoRequest{}, soon()));
    }

    // Until the condition holds; false after 10 s.
    template <class Condition>
    bool wait_until(Condition condition) {
        const auto deadline = soon();
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) {
                return false;
            }
            std::this_thread::sleep_for(2ms);
        }
        return true;
    }

    ScratchFolder folder_;
    ProcessGroup group_;
    ModuleProcess& module_;
};

TEST_F(WireTest, EnforcesTheRoleTable) {
    for (const auto role : {Role::server, Role::operating, Role::auditor}) {
        const auto target = module_.target(role);
        for (const auto& rule : hsm::protocol::command_rules) {
            const Byte empty_request[] = {0x83, 0x18, static_cast<Byte>(rule.command), 0x01, 0xa0};
            const hsm::ByteView request = static_cast<unsigned>(rule.command) < 24
                                              ? hsm::ByteView(empty_request).subspan(1)
                                              : hsm::ByteView(empty_request);
            std::vector<Byte> message(request.begin(), request.end());
            message[0] = 0x83;

            const auto answer = tests::support::status_of(target(message));

            if (rule.allows(role)) {
                EXPECT_NE(Status::wrong_role, answer) << rule.name;
            } else {
                EXPECT_TRUE(answer == Status::wrong_role || answer == Status::wrong_state)
                    << rule.name << " " << hsm::base::status_name(answer);
            }
        }
    }
}

TEST_F(WireTest, AnswersAThousandPipelinedRequestsInOneLink) {
    Link link(link_settings());
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;

    for (int i = 0; i < 1000; ++i) {
        link.submit(
            GetInfoRequest{}, soon(), [&](hsm::Result<hsm::client::Reply<GetInfoResponse>> reply) {
                ++(reply ? good : bad);
            });
    }

    ASSERT_TRUE(wait_until([&] { return good + bad == 1000; }));
    EXPECT_EQ(1000, good);
}

TEST_F(WireTest, GivesEachRequestItsOwnAnswer) {
    Link link(link_settings());
    std::vector<std::thread> callers;
    std::atomic<int> right = 0;

    for (int caller = 0; caller < 8; ++caller) {
        callers.emplace_back([&, caller] {
            for (int i = 0; i < 50; ++i) {
                AuditHeadRequest request;
                request.challenge[0] = static_cast<Byte>(caller);
                request.challenge[1] = static_cast<Byte>(i);
                const auto reply = link.call(request, soon());
                if (!reply) {
                    continue;
                }
                const auto head = hsm::protocol::decode_signed((*reply)->signed_statement);
                const auto statement =
                    hsm::protocol::decode_tagged<hsm::protocol::HeadStatement>(head->statement);
                right += statement && statement->challenge == request.challenge ? 1 : 0;
            }
        });
    }
    for (auto& caller : callers) {
        caller.join();
    }

    EXPECT_EQ(400, right);
}

TEST_F(WireTest, ServesTwoHostsAtOnce) {
    Link first(link_settings(Role::server));
    Link second(link_settings(Role::auditor));
    std::atomic<int> good = 0;
    std::atomic<int> done = 0;
    const auto count = [&](auto reply) {
        good += reply ? 1 : 0;
        ++done;
    };

    for (int i = 0; i < 200; ++i) {
        first.submit(GetInfoRequest{}, soon(), count);
        second.submit(GetInfoRequest{}, soon(), count);
    }

    ASSERT_TRUE(wait_until([&] { return done == 400; }));
    EXPECT_EQ(400, good);
}

TEST_F(WireTest, RefusesWrongKeysAndStrangers) {
    auto psk = module_.psk(Role::server);
    auto wrong = module_.psk(Role::auditor);
    wrong.identity = psk.identity;
    auto stranger = module_.psk(Role::server);
    stranger.identity = "nobody";

    EXPECT_EQ(Status::handshake_failed,
              status(Session::connect(module_.endpoint(), wrong, soon())));
    EXPECT_EQ(Status::handshake_failed,
              status(Session::connect(module_.endpoint(), stranger, soon())));
    EXPECT_EQ(Status::ok, status(Session::connect(module_.endpoint(), psk, soon())));
}

TEST_F(WireTest, TakesEightHostsAndTheNinthWhenOneHasLeft) {
    std::vector<Session> sessions;
    for (int i = 0; i < 8; ++i) {
        sessions.push_back(module_.connect());
    }
    const auto psk = module_.psk(Role::server);

    EXPECT_EQ(Status::link_closed, status(Session::connect(module_.endpoint(), psk, soon())));
    sessions.pop_back();

    EXPECT_TRUE(
        wait_until([&] { return Session::connect(module_.endpoint(), psk, soon()).has_value(); }));
    EXPECT_EQ(Status::ok, status(sessions[0].call(GetInfoRequest{}, soon())));
}

TEST_F(WireTest, CutsOffWhoeverDoesNotShakeHands) {
    auto silent = Socket::connect(module_.endpoint(), soon());
    ASSERT_TRUE(silent);
    const auto start = std::chrono::steady_clock::now();

    ASSERT_TRUE(silent->wait(Socket::Readiness::readable, soon()));

    char byte = 0;
    EXPECT_EQ(0, ::recv(silent->descriptor(), &byte, 1, 0));
    EXPECT_GE(std::chrono::steady_clock::now() - start, 4s);
    EXPECT_EQ(Status::ok, get_info());
}

TEST_F(WireTest, SurvivesHostsThatDieAnywhere) {
    std::array<Byte, 64> buffer;
    const auto request = hsm::protocol::encode_request(1, GetInfoRequest{}, buffer);
    for (int i = 0; i < 30; ++i) {
        auto raw = Socket::connect(module_.endpoint(), soon());
        ASSERT_TRUE(raw);
        const Byte hello[] = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00};
        (void)raw->send(hsm::ByteView(hello).first(static_cast<std::size_t>(i) % 8));

        auto session = module_.connect();
        const Byte half_message[] = {0x00, 0x20, 0x83};
        ASSERT_TRUE(session.write(half_message));
        ASSERT_TRUE(session.flush());
        auto unread = module_.connect();
        for (int k = 0; k < 10; ++k) {
            ASSERT_TRUE(unread.send(*request, soon()));
        }
    }

    EXPECT_EQ(Status::ok, get_info());
}

TEST_F(WireTest, EndsASessionWithBadFraming) {
    for (const auto& stream : {std::vector<Byte>{0, 0}, std::vector<Byte>{0xff, 0xff}}) {
        auto session = module_.connect();
        ASSERT_TRUE(session.write(stream));
        ASSERT_TRUE(session.flush());

        EXPECT_EQ(Status::link_closed, status(session.receive(soon())));
    }
    EXPECT_EQ(Status::ok, get_info());
}

TEST_F(WireTest, DoesNotGrowForAHostThatNeverReads) {
    auto session = module_.connect();
    std::array<Byte, 64> buffer;
    const auto request = hsm::protocol::encode_request(1, GetInfoRequest{}, buffer);
    std::vector<Byte> stream{0, static_cast<Byte>(request->size())};
    stream.insert(stream.end(), request->begin(), request->end());
    bool full = false;
    for (int i = 0; i < 200'000 && !full; ++i) {
        ASSERT_TRUE(session.write(stream));
        const auto flushed = session.flush();
        ASSERT_TRUE(flushed);
        full = !*flushed;
    }

    EXPECT_TRUE(full);
    EXPECT_EQ(Status::ok, get_info());
}

TEST_F(WireTest, TellsPendingCallersThatTheModuleDiedAndComesBack) {
    Link link(link_settings());
    ASSERT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
    ASSERT_EQ(0, ::kill(module_.pid(), SIGSTOP));
    std::atomic<int> closed = 0;
    for (int i = 0; i < 10; ++i) {
        link.submit(GetInfoRequest{}, soon(), [&](auto reply) {
            closed += status(reply) == Status::link_closed ? 1 : 0;
        });
    }

    module_.kill();
    ASSERT_TRUE(wait_until([&] { return closed == 10; }));
    ASSERT_TRUE(wait_until([&] { return link.last_error() == Status::link_refused; }));
    EXPECT_FALSE(link.connected());
    EXPECT_EQ(Status::link_refused, status(link.call(GetInfoRequest{}, soon())));
    module_.start();

    EXPECT_TRUE(wait_until([&] { return link.connected(); }));
    EXPECT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
}

TEST_F(WireTest, HoldsARequestBackUntilItsTime) {
    Link link(link_settings());
    ASSERT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
    const auto not_before = hsm::client::after(300ms);
    std::atomic<bool> answered = false;
    link.submit(
        GetInfoRequest{},
        soon(),
        [&](auto reply) {
            EXPECT_EQ(Status::ok, status(reply));
            EXPECT_GE(std::chrono::steady_clock::now(), not_before);
            answered = true;
        },
        not_before);

    EXPECT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
    EXPECT_TRUE(wait_until([&] { return answered.load(); }));
}

TEST_F(WireTest, ClosesWhatItHoldsBackWhenItStops) {
    std::atomic<int> closed = 0;
    {
        Link link(link_settings());
        ASSERT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
        link.submit(
            GetInfoRequest{},
            soon(),
            [&](auto reply) { closed += status(reply) == Status::link_closed ? 1 : 0; },
            hsm::client::after(1h));
    }
    EXPECT_EQ(closed, 1);
}

TEST_F(WireTest, KeepsDeadlinesWhenTheModuleHangs) {
    Link link(link_settings());
    ASSERT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
    ASSERT_EQ(0, ::kill(module_.pid(), SIGSTOP));

    const auto start = std::chrono::steady_clock::now();
    const auto reply = link.call(GetInfoRequest{}, hsm::client::after(100ms));
    const auto took = std::chrono::steady_clock::now() - start;
    std::atomic<int> timeouts = 0;
    link.submit(GetInfoRequest{}, hsm::client::after(100ms), [&](auto late) {
        timeouts += status(late) == Status::link_timeout ? 1 : 0;
    });
    EXPECT_TRUE(wait_until([&] { return timeouts == 1; }));
    ASSERT_EQ(0, ::kill(module_.pid(), SIGCONT));

    EXPECT_EQ(Status::link_timeout, status(reply));
    EXPECT_LT(took, 5s);
    // The late answers are nobody's; the link goes on.
    EXPECT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
}

// The first answer is late because the module is stopped, so that the others come while one is in
// flight: none is lost, and each keeps its deadline, however long the link may gather.
TEST_F(WireTest, LosesNothingThatGathersWhileTheModuleWorks) {
    auto settings = link_settings();
    settings.gather = 1h;
    Link link(std::move(settings));
    ASSERT_EQ(Status::ok, status(link.call(GetInfoRequest{}, soon())));
    ASSERT_EQ(0, ::kill(module_.pid(), SIGSTOP));
    std::atomic<int> good = 0;
    const auto count = [&](auto reply) { good += reply ? 1 : 0; };

    link.submit(GetInfoRequest{}, soon(), count);
    // Its own deadline is seen in a sweep, that is while the link has it in flight.
    EXPECT_EQ(Status::link_timeout, status(link.call(GetInfoRequest{}, hsm::client::after(100ms))));
    link.submit(GetInfoRequest{}, soon(), count);
    ASSERT_EQ(0, ::kill(module_.pid(), SIGCONT));

    EXPECT_TRUE(wait_until([&] { return good == 2; }));
}

TEST_F(WireTest, RenewsItsKeysWithoutLosingRequests) {
    auto settings = link_settings();
    settings.session_requests_max = 10;
    Link link(std::move(settings));
    std::atomic<int> good = 0;
    std::atomic<int> done = 0;

    for (int i = 0; i < 300; ++i) {
        link.submit(GetInfoRequest{}, soon(), [&](auto reply) {
            good += reply ? 1 : 0;
            ++done;
        });
    }

    ASSERT_TRUE(wait_until([&] { return done == 300; }));
    EXPECT_EQ(300, good);
}

TEST_F(WireTest, FinishesWhatIsQueuedWhenItStops) {
    Link link(link_settings());
    std::atomic<int> good = 0;
    for (int i = 0; i < 200; ++i) {
        link.submit(GetInfoRequest{}, soon(), [&](auto reply) { good += reply ? 1 : 0; });
    }

    link.stop(soon());

    EXPECT_EQ(200, good);
    EXPECT_EQ(Status::link_closed, status(link.call(GetInfoRequest{}, soon())));
}

TEST_F(WireTest, RefusesMoreThanTheQueueHolds) {
    ASSERT_EQ(0, ::kill(module_.pid(), SIGSTOP));
    auto settings = link_settings();
    settings.queue_size_max = 5;
    settings.connect_time_max = 200ms;
    std::atomic<int> busy = 0;
    {
        Link link(std::move(settings));
        for (int i = 0; i < 20; ++i) {
            link.submit(GetInfoRequest{}, soon(), [&](auto reply) {
                busy += status(reply) == Status::busy ? 1 : 0;
            });
        }
    }

    EXPECT_GE(busy, 10);
    ASSERT_EQ(0, ::kill(module_.pid(), SIGCONT));
}

}  // namespace
