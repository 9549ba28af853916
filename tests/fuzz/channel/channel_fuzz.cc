#include <cstdlib>
#include <memory>

#include "firmware/channel/tls_session.h"
#include "firmware/engine/psa/initialize.h"

// Whatever a stranger sends: to the framing inside TLS when the first byte is even, to TLS itself
// when it is odd. The second byte says in what pieces it comes.
namespace {

using firmware::channel::HostSession;
using firmware::channel::HostTable;
using firmware::channel::TlsServer;
using firmware::channel::TlsSession;
using hsm::ByteView;
using hsm::protocol::MessageReader;

struct Channel {
    Channel() {
        CHECK(firmware::engine::psa::initialize());
        hsm::Secret<hsm::protocol::psk_size> secret;
        secret.resize(hsm::protocol::psk_size);
        CHECK(hosts.add("host", hsm::protocol::Role::server, std::move(secret)));
        server = std::make_unique<TlsServer>(hosts);
        session = std::make_unique<HostSession>(*server);
    }

    HostTable hosts;
    std::unique_ptr<TlsServer> server;
    std::unique_ptr<HostSession> session;
};

void read_messages(ByteView stream, std::size_t piece) {
    MessageReader reader;
    std::size_t total = 0;
    while (!stream.empty()) {
        const auto space = reader.wanted();
        CHECK(!space.empty());
        const auto part = stream.first(std::min({stream.size(), space.size(), piece}));
        std::ranges::copy(part, space.begin());
        if (!reader.received(part.size())) {
            return;
        }
        total += part.size();
        stream = stream.subspan(part.size());
        if (const auto message = reader.message()) {
            CHECK(!message->empty() && message->size() <= hsm::protocol::message_size_max);
            CHECK(message->size() + hsm::protocol::message_prefix_size <= total);
            reader.next();
            total = 0;
        }
    }
}

// Nobody has the key: no bytes may ever get further than the handshake.
void shake_hands(TlsSession& session, ByteView stream, std::size_t piece) {
    CHECK(session.open());
    while (!stream.empty()) {
        const auto space = session.receive_space();
        if (space.empty()) {
            CHECK(session.phase() == TlsSession::Phase::failed);
            break;
        }
        const auto part = stream.first(std::min({stream.size(), space.size(), piece}));
        std::ranges::copy(part, space.begin());
        session.received(part.size());
        stream = stream.subspan(part.size());
        const auto message = session.next_message();
        CHECK(!message || !*message);
        session.sent(session.bytes_to_send().size());
    }
    CHECK(session.phase() != TlsSession::Phase::established);
    session.close();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    static Channel channel;
    if (size < 2) {
        return 0;
    }
    const ByteView stream(input + 2, size - 2);
    const std::size_t piece = 1u + input[1];
    if (input[0] % 2 == 0) {
        read_messages(stream, piece);
    } else {
        shake_hands(*channel.session, stream, piece);
    }
    return 0;
}
