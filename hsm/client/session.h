#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "hsm/client/psk.h"
#include "hsm/client/reply.h"
#include "hsm/client/socket.h"
#include "hsm/protocol/message_reader.h"

namespace hsm::client {

// One TLS 1.3 connection to a module with an external PSK (psk_dhe_ke, P-256): ARCHITECTURE §3.
// For one thread. After an error the session is dead: destroy it.
class Session {
public:
    // `link_refused`, `link_timeout`, `handshake_failed` when the module does not know the
    // identity, the key is another, or it speaks another TLS; `link_closed` when it hangs up, as
    // it does with a host too many.
    static Result<Session> connect(const Endpoint& endpoint, const Psk& psk, Deadline deadline);

    Session(Session&& other) noexcept;
    Session& operator=(Session&& other) noexcept;
    ~Session();

    // Asks and waits for the answer. A refusal by the module is its Status; the session stays
    // usable after one.
    template <class Request>
    Result<Reply<protocol::ResponseOf<Request>>> call(const Request& request, Deadline deadline);

    // One message, whole, without its prefix. `link_closed` when the module has gone.
    Result<void> send(ByteView message, Deadline deadline);
    // Valid until the next call.
    Result<ByteView> receive(Deadline deadline);

    // The same without waiting, for a thread that polls descriptor() itself.
    int descriptor() const;
    // Encrypts bytes of the message stream (prefixes included) for flush().
    Result<void> write(ByteView stream);
    // True when everything written has left; false: again when the descriptor is writable.
    Result<bool> flush();
    // The next message if it is here, valid until the next call. Call until there is none before
    // polling: bytes may wait inside.
    Result<std::optional<ByteView>> next_message();

    // Says close_notify, as far as that goes without waiting.
    void close();

private:
    struct Tls;
    Session(Socket socket, std::unique_ptr<Tls> tls);
    Result<void> shake_hands(Deadline deadline);

    Socket socket_;
    std::unique_ptr<Tls> tls_;
    std::uint32_t next_request_id_ = 1;
};

template <class Request>
Result<Reply<protocol::ResponseOf<Request>>> Session::call(const Request& request,
                                                           Deadline deadline) {
    std::array<Byte, protocol::message_size_max> buffer;
    const auto request_id = next_request_id_++;
    TRY_ASSIGN(auto message, protocol::encode_request(request_id, request, buffer));
    TRY(send(message, deadline));
    TRY_ASSIGN(auto answer, receive(deadline));
    TRY_ASSIGN(auto head, protocol::decode_response_head(answer));
    if (head.request_id != request_id) {
        return Status::response_wrong;
    }
    return Reply<protocol::ResponseOf<Request>>::from(
        std::vector<Byte>(answer.begin(), answer.end()));
}

}  // namespace hsm::client
