#pragma once

#include <vector>

#include "hsm/client/line.h"
#include "hsm/protocol/port_message.h"

namespace hsm::client {

// A host's end of a line on which a board's port image answers (hsm/protocol/port_message.h). For
// one thread.
class PortImage {
public:
    // The line, with nothing half read on it, outlives this.
    explicit PortImage(Line& line) : line_(line) {}

    struct Answer {
        Status status = Status::ok;
        std::uint32_t ticks = 0;
        std::vector<std::vector<Byte>> fields;
    };

    // All of them: `link_timeout`, after which one may ask again; `link_closed` when the line is
    // gone, `response_wrong` for what is no answer, after which the object is of no use. A refusal
    // by the board is Answer::status.
    Result<Answer> ask(protocol::port::Operation operation,
                       const std::vector<std::vector<Byte>>& fields,
                       Deadline deadline);
    // The second answer to `burst`.
    Result<Answer> next_answer(Deadline deadline);
    // The image's own hello after a reset.
    Result<Answer> next_hello(Deadline deadline);
    // Bytes that are no question.
    Result<void> send(ByteView bytes, Deadline deadline) {
        return line_.write_all(bytes, deadline);
    }

private:
    struct Received {
        std::uint8_t operation = 0;
        std::uint8_t tag = 0;
        Answer answer;
    };
    Result<Answer> expect(protocol::port::Operation operation, std::uint8_t tag, Deadline deadline);
    Result<Received> receive(Deadline deadline);
    Result<void> fill(std::size_t size, Deadline deadline);

    Line& line_;
    std::uint8_t tag_ = 0;
    protocol::port::Operation asked_{};
    std::vector<Byte> unread_;
};

// Of a field: an unsigned number, big-endian.
std::uint64_t number_in(ByteView field);

}  // namespace hsm::client
