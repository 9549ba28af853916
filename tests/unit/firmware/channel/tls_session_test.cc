#include "firmware/channel/tls_session.h"

#include <random>

#include <gtest/gtest.h>

#include "firmware/engine/psa/initialize.h"
#include "tests/unit/firmware/channel/openssl_peer.h"

namespace {

using firmware::channel::HostSession;
using firmware::channel::HostTable;
using firmware::channel::TlsServer;
using firmware::channel::TlsSession;
using hsm::Byte;
using hsm::ByteView;
using hsm::Status;
using hsm::protocol::Role;
using tests::deliver;
using tests::OpensslPeer;

hsm::Secret<32> secret_of(Byte fill) {
    hsm::Secret<32> secret;
    EXPECT_TRUE(secret.assign(std::vector<Byte>(32, fill)));
    return secret;
}

class ChannelTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(firmware::engine::psa::initialize());
        ASSERT_TRUE(hosts_.add("kyso-server", Role::server, secret_of(7)));
        ASSERT_TRUE(hosts_.add("auditor", Role::auditor, secret_of(8)));
        server_ = std::make_unique<TlsServer>(hosts_);
        session_ = std::make_unique<HostSession>(*server_);
        ASSERT_TRUE(session_->open());
    }

    void expect_refused(OpensslPeer::Options options) {
        session_->close();
        ASSERT_TRUE(session_->open());
        OpensslPeer peer(std::move(options));
        peer.exchange(*session_);
        EXPECT_FALSE(peer.established());
        EXPECT_EQ(TlsSession::Phase::failed, session_->phase());
        EXPECT_EQ(std::vector{Status::handshake_failed}, peer.failures);
    }

    // After whatever came before, the same session serves the next host.
    void expect_next_connection_works() {
        session_->close();
        ASSERT_TRUE(session_->open());
        OpensslPeer peer({});
        peer.exchange(*session_);
        ASSERT_TRUE(peer.established());
        peer.write_message(hsm::view_of("still here"));
        peer.exchange(*session_);
        ASSERT_EQ(1u, peer.messages.size());
        EXPECT_EQ("still here", hsm::text_of(peer.messages[0]));
    }

    HostTable hosts_;
    std::unique_ptr<TlsServer> server_;
    std::unique_ptr<HostSession> session_;
};

std::vector<Byte> pattern(std::size_t size) {
    std::vector<Byte> bytes(size);
    for (std::size_t i = 0; i < size; ++i) {
        bytes[i] = static_cast<Byte>(i * 31 + (i >> 8));
    }
    return bytes;
}

TEST_F(ChannelTest, GivesTheRoleOfTheIdentityWhoseKeyProvedIt) {
    OpensslPeer peer({.identity = "auditor", .secret = std::vector<Byte>(32, 8)});

    peer.exchange(*session_);

    ASSERT_TRUE(peer.established());
    EXPECT_EQ(TlsSession::Phase::established, session_->phase());
    EXPECT_EQ(Role::auditor, session_->role());
    EXPECT_EQ("auditor", session_->host_name());
}

TEST_F(ChannelTest, CarriesMessagesOfEverySizeBothWays) {
    OpensslPeer peer({});
    peer.exchange(*session_);
    ASSERT_TRUE(peer.established());

    for (const std::size_t size : {1u, 2u, 255u, 2045u, 2046u, 2047u, 2048u, 4096u, 8191u, 8192u}) {
        const auto message = pattern(size);
        peer.messages.clear();
        peer.write_message(message);
        peer.exchange(*session_);

        ASSERT_EQ(1u, peer.messages.size()) << size;
        EXPECT_EQ(message, peer.messages[0]);
        const auto answer = peer.read();
        ASSERT_EQ(size + 2, answer.size());
        EXPECT_TRUE(hsm::equal(message, ByteView(answer).subspan(2)));
    }
}

TEST_F(ChannelTest, CarriesManyMessagesAtOnceInOrder) {
    OpensslPeer peer({});
    peer.exchange(*session_);
    std::vector<Byte> expected;
    for (std::size_t i = 0; i < 100; ++i) {
        const auto message = pattern(1 + i * 37);
        peer.write_message(message);
        expected.push_back(static_cast<Byte>(message.size() >> 8));
        expected.push_back(static_cast<Byte>(message.size()));
        expected.insert(expected.end(), message.begin(), message.end());
    }

    peer.exchange(*session_);

    EXPECT_EQ(100u, peer.messages.size());
    EXPECT_EQ(expected, peer.read());
}

TEST_F(ChannelTest, TakesTheStreamByteByByte) {
    OpensslPeer peer({});
    for (int step = 0; step < 4; ++step) {
        for (const auto byte : peer.take_wire()) {
            ASSERT_TRUE(deliver(*session_, {&byte, 1}));
            ASSERT_TRUE(session_->next_message());
        }
        const auto out = session_->bytes_to_send();
        peer.give_wire(out);
        session_->sent(out.size());
    }
    ASSERT_TRUE(peer.established());
    peer.write_message(hsm::view_of("drip"));
    const auto wire = peer.take_wire();
    for (std::size_t i = 0; i + 1 < wire.size(); ++i) {
        ASSERT_TRUE(deliver(*session_, ByteView(wire).subspan(i, 1)));
        auto message = session_->next_message();
        ASSERT_TRUE(message);
        EXPECT_FALSE(message->has_value());
    }
    ASSERT_TRUE(deliver(*session_, ByteView(wire).last(1)));
    auto message = session_->next_message();
    ASSERT_TRUE(message);
    ASSERT_TRUE(message->has_value());
    EXPECT_EQ("drip", hsm::text_of(**message));
}

TEST_F(ChannelTest, RefusesWrongKey) {
    expect_refused({.secret = std::vector<Byte>(32, 9)});
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesKeyOfAnotherIdentity) {
    expect_refused({.secret = std::vector<Byte>(32, 8)});
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesUnknownIdentity) {
    expect_refused({.identity = "kyso-serve"});
    expect_refused({.identity = std::string("kyso-server\0", 12)});
    expect_refused({.identity = std::string(255, 'x')});
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesHostWithoutPsk) {
    expect_refused({.offers_psk = false});
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesTls12) {
    expect_refused({.version_max = TLS1_2_VERSION});
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesOtherGroupsAndCiphers) {
    expect_refused({.groups = "X25519"});
    expect_refused({.groups = "P-384"});
    expect_refused({.ciphersuites = "TLS_CHACHA20_POLY1305_SHA256"});
    expect_next_connection_works();
}

TEST_F(ChannelTest, UsesEphemeralKeysEvenWhenTheHostWouldNot) {
    OpensslPeer peer({.without_ephemeral = true});

    peer.exchange(*session_);

    ASSERT_TRUE(peer.established());
}

TEST_F(ChannelTest, AsksForP256WhenTheHostGuessedAnotherGroup) {
    OpensslPeer peer({.groups = "X25519:P-256"});

    peer.exchange(*session_);

    ASSERT_TRUE(peer.established());
}

TEST_F(ChannelTest, RefusesRecordsOverTheLimit) {
    OpensslPeer peer({.record_size_max = 4096});
    peer.exchange(*session_);
    ASSERT_TRUE(peer.established());

    peer.write_message(pattern(3000));
    peer.exchange(*session_);

    EXPECT_EQ(TlsSession::Phase::failed, session_->phase());
    EXPECT_EQ(std::vector{Status::io_failed}, peer.failures);
    EXPECT_TRUE(peer.messages.empty());
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesMessagesOverTheLimit) {
    OpensslPeer peer({});
    peer.exchange(*session_);

    const Byte prefix[] = {0x20, 0x01};
    peer.write(prefix);
    peer.exchange(*session_);

    EXPECT_EQ(std::vector{Status::message_too_large}, peer.failures);
    EXPECT_EQ(TlsSession::Phase::failed, session_->phase());
    expect_next_connection_works();
}

TEST_F(ChannelTest, RefusesEmptyMessages) {
    OpensslPeer peer({});
    peer.exchange(*session_);

    const Byte prefix[] = {0, 0};
    peer.write(prefix);
    peer.exchange(*session_);

    EXPECT_EQ(std::vector{Status::malformed}, peer.failures);
    expect_next_connection_works();
}

TEST_F(ChannelTest, FailsOnAnyChangedByteOfARecord) {
    for (std::size_t at = 0; at < 40; ++at) {
        session_->close();
        ASSERT_TRUE(session_->open());
        OpensslPeer peer({});
        peer.exchange(*session_);
        peer.write_message(hsm::view_of("twenty bytes of text"));
        auto wire = peer.take_wire();
        ASSERT_GT(wire.size(), at);
        if (at == 3 || at == 4) {
            continue;  // another length: the record is only incomplete, or the next one is garbage
        }
        wire[at] = static_cast<Byte>(wire[at] ^ 0x40);
        ASSERT_TRUE(deliver(*session_, wire));
        const auto message = session_->next_message();
        EXPECT_FALSE(message.has_value()) << at;
    }
    expect_next_connection_works();
}

TEST_F(ChannelTest, FailsOnGarbageAndServesTheNextHost) {
    std::mt19937 random(4711);
    for (int round = 0; round < 200; ++round) {
        session_->close();
        ASSERT_TRUE(session_->open());
        std::vector<Byte> garbage(1 + random() % 3000);
        for (auto& byte : garbage) {
            byte = static_cast<Byte>(random());
        }
        if (round % 2 == 0) {  // let it look like a handshake record
            const Byte header[] = {0x16, 0x03, 0x01, 0x00, 0x40};
            garbage.insert(garbage.begin(), std::begin(header), std::end(header));
        }
        ASSERT_TRUE(deliver(*session_, garbage));
        for (int i = 0; i < 10; ++i) {
            const auto message = session_->next_message();
            ASSERT_TRUE(!message || !*message);
        }
    }
    expect_next_connection_works();
}

TEST_F(ChannelTest, SurvivesAHostThatDiesAtEveryByteOfTheHandshake) {
    const auto first_flight = OpensslPeer({}).take_wire();
    for (std::size_t size = 0; size < first_flight.size(); ++size) {
        session_->close();
        ASSERT_TRUE(session_->open());
        ASSERT_TRUE(deliver(*session_, ByteView(first_flight).first(size)));
        const auto message = session_->next_message();
        ASSERT_TRUE(message.has_value());
        EXPECT_FALSE(message->has_value());
    }
    expect_next_connection_works();
}

TEST_F(ChannelTest, SurvivesAHostThatDiesInTheMiddleOfARecord) {
    for (std::size_t cut = 1; cut < 60; cut += 7) {
        session_->close();
        ASSERT_TRUE(session_->open());
        OpensslPeer peer({});
        peer.exchange(*session_);
        peer.write_message(pattern(64));
        const auto wire = peer.take_wire();
        ASSERT_TRUE(deliver(*session_, ByteView(wire).first(cut)));
        ASSERT_TRUE(session_->next_message());
    }
    expect_next_connection_works();
}

TEST_F(ChannelTest, KnowsThatAMessageIsIncomplete) {
    OpensslPeer peer({});
    peer.exchange(*session_);
    EXPECT_FALSE(session_->in_message());

    peer.write(pattern(1));
    peer.exchange(*session_);

    EXPECT_TRUE(session_->in_message());
}

TEST_F(ChannelTest, EndsWhenTheHostSaysSo) {
    OpensslPeer peer({});
    peer.exchange(*session_);

    peer.close();
    peer.exchange(*session_);

    EXPECT_EQ(std::vector{Status::link_closed}, peer.failures);
    expect_next_connection_works();
}

TEST_F(ChannelTest, TellsTheHostThatItCloses) {
    OpensslPeer peer({});
    peer.exchange(*session_);

    session_->close();
    const auto out = session_->bytes_to_send();
    peer.give_wire(out);

    EXPECT_TRUE(peer.read().empty());
}

TEST_F(ChannelTest, HoldsAnswersUntilTheyAreReleased) {
    OpensslPeer peer({});
    peer.exchange(*session_);
    const auto answer = hsm::view_of("answer");

    std::ranges::copy(answer, session_->answer_space().begin());
    session_->hold_answer(answer.size());
    EXPECT_TRUE(session_->bytes_to_send().empty());
    EXPECT_FALSE(session_->has_unsent());
    session_->drop_answers();
    std::ranges::copy(hsm::view_of("refuse"), session_->answer_space().begin());
    session_->hold_answer(answer.size());
    session_->release_answers();
    EXPECT_TRUE(session_->has_unsent());
    peer.exchange(*session_);

    EXPECT_EQ(std::string("\0\6refuse", 8), hsm::text_of(peer.read()));
}

TEST_F(ChannelTest, StopsAskingWhenAnswersPileUp) {
    OpensslPeer peer({});
    peer.exchange(*session_);
    std::size_t held = 0;
    while (!session_->answer_space_full()) {
        session_->hold_answer(hsm::protocol::message_size_max);
        session_->release_answers();
        ASSERT_LT(++held, 100u);
    }
    EXPECT_GE(held, 1u);

    peer.exchange(*session_);

    EXPECT_EQ(held * (2 + hsm::protocol::message_size_max), peer.read().size());
    EXPECT_FALSE(session_->answer_space_full());
}

TEST(HostTableTest, IsReplacedWhole) {
    HostTable hosts;
    ASSERT_TRUE(hosts.add("stays", Role::server, secret_of(1)));
    ASSERT_TRUE(hosts.add("goes", Role::server, secret_of(2)));
    const auto* stays = hosts.find("stays");
    const auto* goes = hosts.find("goes");
    HostTable wanted;
    ASSERT_TRUE(wanted.add("stays", Role::auditor, secret_of(3)));
    ASSERT_TRUE(wanted.add("comes", Role::server, secret_of(4)));

    ASSERT_TRUE(hosts.replace(wanted));

    EXPECT_EQ(stays, hosts.find("stays")) << "sessions point at it";
    EXPECT_EQ(Role::auditor, stays->role);
    EXPECT_TRUE(hsm::equal(secret_of(3).reveal(), stays->secret.reveal()));
    EXPECT_EQ(nullptr, hosts.find("goes"));
    EXPECT_TRUE(goes->withdrawn);
    EXPECT_EQ(0u, goes->secret.size());
    EXPECT_NE(nullptr, hosts.find("comes"));

    HostTable back;
    ASSERT_TRUE(back.add("goes", Role::operating, secret_of(5)));
    ASSERT_TRUE(hosts.replace(back));
    EXPECT_EQ(goes, hosts.find("goes"));
    EXPECT_FALSE(goes->withdrawn);
    EXPECT_EQ(nullptr, hosts.find("stays"));
}

TEST(HostTableTest, StaysAsItIsWhenTooManyNamesHaveBeenSeen) {
    HostTable hosts;
    for (std::size_t i = 0; i < HostTable::size_max; ++i) {
        ASSERT_TRUE(hosts.add("host" + std::to_string(i), Role::server, secret_of(1)));
    }
    HostTable wanted;
    ASSERT_TRUE(wanted.add("host1", Role::auditor, secret_of(2)));
    ASSERT_TRUE(wanted.add("new", Role::server, secret_of(2)));

    EXPECT_EQ(Status::table_full, hosts.replace(wanted).error());
    EXPECT_EQ(Role::server, hosts.find("host1")->role);
    EXPECT_NE(nullptr, hosts.find("host0"));
}

TEST(HostTableTest, RefusesBadNamesTwinsAndShortKeys) {
    HostTable hosts;
    EXPECT_TRUE(hosts.add("a", Role::server, secret_of(1)));

    EXPECT_EQ(Status::malformed, hosts.add("a", Role::server, secret_of(2)).error());
    EXPECT_EQ(Status::malformed, hosts.add("", Role::server, secret_of(2)).error());
    EXPECT_EQ(Status::malformed, hosts.add("a b", Role::server, secret_of(2)).error());
    EXPECT_EQ(Status::malformed,
              hosts.add(std::string(65, 'a'), Role::server, secret_of(2)).error());
    EXPECT_EQ(Status::malformed, hosts.add("b", Role::server, hsm::Secret<32>()).error());
    for (std::size_t i = hosts.size(); i < HostTable::size_max; ++i) {
        EXPECT_TRUE(hosts.add("host" + std::to_string(i), Role::server, secret_of(1)));
    }
    EXPECT_EQ(Status::table_full, hosts.add("more", Role::server, secret_of(1)).error());
}

}  // namespace
