#include "firmware/channel/serial_channel.h"

#include <cstdlib>
#include <deque>

#include <gtest/gtest.h>

#include "firmware/engine/psa/initialize.h"
#include "hsm/client/frame_host.h"
#include "tests/unit/firmware/channel/openssl_peer.h"

namespace {

using firmware::channel::HostTable;
using firmware::channel::SerialChannel;
using firmware::channel::SerialMemory;
using firmware::channel::TlsServer;
using hsm::Byte;
using hsm::ByteView;
using hsm::client::Deadline;
using hsm::client::FrameHost;
using hsm::protocol::Role;
using tests::OpensslPeer;
using Bytes = std::vector<Byte>;

// A line in memory, which can lose or change one byte of what a host sends.
class Wire final : public firmware::hal::Link {
public:
    enum class Fault { none, lost, changed, cut };

    std::size_t receive(hsm::MutableBytes into) override {
        const auto size = std::min(into.size(), to_module_.size());
        std::copy_n(to_module_.begin(), size, into.begin());
        to_module_.erase(to_module_.begin(),
                         to_module_.begin() + static_cast<std::ptrdiff_t>(size));
        return size;
    }
    void send(ByteView bytes) override {
        to_host.insert(to_host.end(), bytes.begin(), bytes.end());
    }
    void wait() override {}

    void host_sends(ByteView bytes) {
        for (const auto byte : bytes) {
            const auto place = host_sent++;
            if (place == fault_at && fault == Fault::lost) {
                continue;
            }
            if (place >= fault_at && fault == Fault::cut) {
                return;
            }
            to_module_.push_back(static_cast<Byte>(
                place == fault_at && fault == Fault::changed ? byte ^ 0x10 : byte));
        }
    }

    Bytes to_host;
    std::size_t host_sent = 0;
    std::size_t fault_at = SIZE_MAX;
    Fault fault = Fault::none;

private:
    std::deque<Byte> to_module_;
};

// A host machine: its end of the line, with an OpenSSL client on each stream it opens.
class Host final : private FrameHost::Receiver {
public:
    Host(Wire& wire, SerialChannel& channel) : wire_(wire), channel_(channel) {}

    void open(std::uint8_t stream, OpensslPeer::Options options = {}) {
        peers_[stream] = std::make_unique<OpensslPeer>(std::move(options));
        unsent_[stream].clear();
        ended_[stream] = false;
        frames_.open(stream, now);
    }
    void close(std::uint8_t stream) { frames_.close(stream); }
    OpensslPeer& peer(std::uint8_t stream) { return *peers_[stream]; }
    bool was_ended(std::uint8_t stream) const { return ended_[stream]; }

    // Carries bytes until nothing moves; the module answers each message with itself.
    void run() {
        for (int quiet = 0; quiet < 3; ++quiet) {
            if (turn()) {
                quiet = 0;
            }
        }
    }

    void watch() { frames_.watch(now, *this); }

    Deadline now{};
    std::vector<std::string> module_got;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> restarts;

private:
    bool turn() {
        bool moved = false;
        for (std::uint8_t stream = 0; stream < peers_.size(); ++stream) {
            if (!peers_[stream]) {
                continue;
            }
            auto& unsent = unsent_[stream];
            const auto more = peers_[stream]->take_wire();
            unsent.insert(unsent.end(), more.begin(), more.end());
            const auto size = std::min(frames_.room(stream), unsent.size());
            if (size != 0) {
                frames_.send(stream, ByteView(unsent).first(size), now);
                unsent.erase(unsent.begin(), unsent.begin() + static_cast<std::ptrdiff_t>(size));
            }
        }
        if (const auto bytes = frames_.bytes_to_send(); !bytes.empty()) {
            wire_.host_sends(bytes);
            frames_.sent(bytes.size());
            moved = true;
        }
        while (channel_.receive()) {
            moved = true;
        }
        for (std::uint8_t stream = 0; stream < 2; ++stream) {
            while (const auto request = channel_.next_request(stream)) {
                module_got.emplace_back(hsm::text_of(*request));
                auto& session = channel_.session(stream);
                std::ranges::copy(*request, session.answer_space().begin());
                session.hold_answer(request->size());
                session.release_answers();
                channel_.send(stream);
                moved = true;
            }
        }
        if (!wire_.to_host.empty()) {
            const auto bytes = std::exchange(wire_.to_host, {});
            frames_.receive(bytes, now, *this);
            moved = true;
        }
        return moved;
    }

    void received(std::uint8_t stream, ByteView bytes) override {
        peers_[stream]->give_wire(bytes);
    }
    void ended(std::uint8_t stream) override { ended_[stream] = true; }
    void restarted(std::uint32_t cause, std::uint32_t detail) override {
        restarts.emplace_back(cause, detail);
    }

    Wire& wire_;
    SerialChannel& channel_;
    FrameHost frames_;
    std::array<std::unique_ptr<OpensslPeer>, 2> peers_;
    std::array<Bytes, 2> unsent_;
    std::array<bool, 2> ended_{};
};

class SerialChannelTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(firmware::engine::psa::initialize());
        hsm::Secret<32> secret;
        ASSERT_TRUE(secret.assign(Bytes(32, 7)));
        ASSERT_TRUE(hosts_.add("kyso-server", Role::server, std::move(secret)));
        ASSERT_TRUE(secret.assign(Bytes(32, 8)));
        ASSERT_TRUE(hosts_.add("kyso-operator", Role::operating, std::move(secret)));
        server_ = std::make_unique<TlsServer>(hosts_);
        memory_ = std::make_unique<SerialMemory>();
        channel_ = std::make_unique<SerialChannel>(wire_, *memory_, *server_);
    }

    // A machine that comes when nobody has told it what was there before.
    void expect_serves_the_next_host(const std::string& what) {
        Host host(wire_, *channel_);
        host.open(0);
        host.run();
        ASSERT_TRUE(host.peer(0).established()) << what;
        host.peer(0).write_message(hsm::view_of("still here"));
        host.run();
        EXPECT_EQ(std::vector<std::string>{"still here"}, host.module_got) << what;
        EXPECT_EQ(2 + std::string("still here").size(), host.peer(0).read().size()) << what;
    }

    OpensslPeer::Options operator_options() {
        return {.identity = "kyso-operator", .secret = Bytes(32, 8)};
    }

    HostTable hosts_;
    Wire wire_;
    std::unique_ptr<TlsServer> server_;
    std::unique_ptr<SerialMemory> memory_;
    std::unique_ptr<SerialChannel> channel_;
};

TEST_F(SerialChannelTest, CarriesTwoSessionsWithMessagesOfEverySize) {
    Host host(wire_, *channel_);
    host.open(0);
    host.open(1, operator_options());
    host.run();
    ASSERT_TRUE(host.peer(0).established());
    ASSERT_TRUE(host.peer(1).established());

    for (const std::size_t size : {1u, 510u, 511u, 2048u, 4097u, 8192u}) {
        const Bytes message(size, 0x61);
        host.module_got.clear();
        host.peer(0).write_message(message);
        host.peer(1).write_message(message);
        host.run();

        ASSERT_EQ(2u, host.module_got.size()) << size;
        EXPECT_EQ(size, host.module_got[0].size());
        EXPECT_EQ(size + 2, host.peer(0).read().size());
        EXPECT_EQ(size + 2, host.peer(1).read().size());
    }
}

// Every byte of a whole session, from the preamble on: lost, changed, or the last that ever came.
TEST_F(SerialChannelTest, ServesTheNextHostWhateverByteFailed) {
    {
        Host host(wire_, *channel_);
        host.open(0);
        host.run();
        host.peer(0).write_message(Bytes(1200, 0x62));
        host.run();
        ASSERT_EQ(1u, host.module_got.size());
    }
    const auto all = wire_.host_sent;
    const std::size_t step = std::getenv("KYSO_LONG") != nullptr ? 1 : 13;
    for (const auto fault : {Wire::Fault::lost, Wire::Fault::changed, Wire::Fault::cut}) {
        for (std::size_t at = 0; at < all; at += step) {
            const auto what = std::to_string(static_cast<int>(fault)) + " at " + std::to_string(at);
            wire_.host_sent = 0;
            wire_.fault = fault;
            wire_.fault_at = at;
            {
                Host host(wire_, *channel_);
                host.open(0);
                host.run();
                if (host.peer(0).established()) {
                    host.peer(0).write_message(Bytes(1200, 0x62));
                    host.run();
                }
                for (const auto& message : host.module_got) {
                    ASSERT_EQ(std::string(1200, 0x62), message) << what;
                }
            }
            wire_.fault = Wire::Fault::none;
            ASSERT_NO_FATAL_FAILURE(expect_serves_the_next_host(what));
        }
    }
}

TEST_F(SerialChannelTest, ForgetsASessionWhenItsHostSaysSo) {
    Host host(wire_, *channel_);
    host.open(1, operator_options());
    host.run();
    ASSERT_TRUE(host.peer(1).established());

    host.close(1);
    host.run();

    EXPECT_EQ(firmware::channel::TlsSession::Phase::closed, channel_->session(1).phase());
    host.open(1, operator_options());
    host.run();
    EXPECT_TRUE(host.peer(1).established());
}

TEST_F(SerialChannelTest, TellsAHostThatItsHandshakeFailed) {
    Host host(wire_, *channel_);
    host.open(0, {.secret = Bytes(32, 9)});

    host.run();

    EXPECT_FALSE(host.peer(0).established());
    EXPECT_TRUE(host.was_ended(0));
}

// A half message holds the buffer that the streams share, but only for its time.
TEST_F(SerialChannelTest, TakesTheBufferFromAMessageThatDoesNotEnd) {
    Host host(wire_, *channel_);
    host.open(0);
    host.open(1, operator_options());
    host.run();
    host.peer(1).write(Bytes{0x10, 0x00, 1, 2, 3});
    host.run();
    host.peer(0).write_message(hsm::view_of("waits"));
    host.run();
    EXPECT_TRUE(host.module_got.empty());

    channel_->watch(1000);
    channel_->watch(1000 + SerialChannel::message_ms_max);
    host.run();
    EXPECT_TRUE(host.module_got.empty());
    channel_->watch(1001 + SerialChannel::message_ms_max);
    host.run();

    EXPECT_EQ(std::vector<std::string>{"waits"}, host.module_got);
    EXPECT_TRUE(host.was_ended(1));
    EXPECT_FALSE(host.was_ended(0));
}

TEST_F(SerialChannelTest, SaysHowTheStartBeforeEnded) {
    Host host(wire_, *channel_);

    channel_->announce({firmware::hal::PanicCause::fault, 0x1234});
    host.run();

    EXPECT_EQ((std::vector<std::pair<std::uint32_t, std::uint32_t>>{{2, 0x1234}}), host.restarts);
}

TEST_F(SerialChannelTest, EndsTheStreamsOfAModuleThatRestarts) {
    Host host(wire_, *channel_);
    host.open(0);
    host.run();
    ASSERT_TRUE(host.peer(0).established());

    channel_ = nullptr;
    wire_.to_host.clear();
    channel_ = std::make_unique<SerialChannel>(wire_, *memory_, *server_);
    Host next(wire_, *channel_);
    next.open(0);
    next.run();

    EXPECT_TRUE(next.peer(0).established());
}

// A HELLO may be lost: it is repeated until it is answered.
TEST_F(SerialChannelTest, IsGreetedAgainByAHostThatGotNoAnswer) {
    wire_.fault = Wire::Fault::changed;
    wire_.fault_at = hsm::protocol::frame_preamble_size + 2 * 10 + 3;  // in the HELLO
    Host host(wire_, *channel_);
    host.open(0);
    host.run();
    ASSERT_FALSE(host.peer(0).established());

    host.now += FrameHost::hello_interval;
    host.watch();
    host.run();

    EXPECT_TRUE(host.peer(0).established());
}

// A module that neither answers nor says that it lives is given up.
TEST_F(SerialChannelTest, IsGivenUpByAHostWhenItSaysNothing) {
    Host host(wire_, *channel_);
    host.open(0);
    host.run();
    ASSERT_TRUE(host.peer(0).established());
    wire_.fault = Wire::Fault::cut;
    wire_.fault_at = wire_.host_sent;
    host.peer(0).write_message(hsm::view_of("lost"));
    host.run();

    host.now += FrameHost::silence_max - std::chrono::milliseconds(1);
    host.watch();
    EXPECT_FALSE(host.was_ended(0));
    channel_->send_not_ready();
    host.run();
    host.now += FrameHost::silence_max - std::chrono::milliseconds(1);
    host.watch();
    EXPECT_FALSE(host.was_ended(0));
    host.now += std::chrono::milliseconds(1);
    host.watch();

    EXPECT_TRUE(host.was_ended(0));
}

}  // namespace
