#include "hsm/client/port_image.h"

namespace hsm::client {

namespace port = protocol::port;

// Until that much has come and is not used up.
Result<void> PortImage::fill(std::size_t size, Deadline deadline) {
    std::array<Byte, 4096> buffer;
    while (unread_.size() < size) {
        TRY_ASSIGN(const auto got, line_.read(buffer));
        unread_.insert(
            unread_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(got));
        if (got == 0) {
            TRY(line_.wait(Readiness::readable, deadline));
        }
    }
    return {};
}

Result<PortImage::Received> PortImage::receive(Deadline deadline) {
    TRY(fill(port::size_prefix, deadline));
    const std::size_t size = std::size_t{unread_[0]} << 8 | unread_[1];
    if (size < port::answer_head_size || size > port::message_size_max) {
        return Status::response_wrong;
    }
    TRY(fill(port::size_prefix + size, deadline));
    Received received;
    ByteReader reader(ByteView(unread_).subspan(port::size_prefix, size));
    TRY_ASSIGN(received.operation, reader.u8());
    TRY_ASSIGN(received.tag, reader.u8());
    TRY_ASSIGN(const auto status, reader.u32());
    received.answer.status = static_cast<Status>(status);
    TRY_ASSIGN(received.answer.ticks, reader.u32());
    while (!reader.at_end()) {
        const auto field = port::take_field(reader);
        if (!field) {
            return Status::response_wrong;
        }
        received.answer.fields.emplace_back(field->begin(), field->end());
    }
    unread_.erase(unread_.begin(),
                  unread_.begin() + static_cast<std::ptrdiff_t>(port::size_prefix + size));
    return received;
}

Result<PortImage::Answer> PortImage::expect(port::Operation operation,
                                            std::uint8_t tag,
                                            Deadline deadline) {
    for (;;) {
        TRY_ASSIGN(auto received, receive(deadline));
        if (received.operation == static_cast<std::uint8_t>(operation) && received.tag == tag) {
            return std::move(received.answer);
        }
    }
}

Result<PortImage::Answer> PortImage::ask(port::Operation operation,
                                         const std::vector<std::vector<Byte>>& fields,
                                         Deadline deadline) {
    tag_ = static_cast<std::uint8_t>(tag_ == 0xff ? 1 : tag_ + 1);
    asked_ = operation;
    std::array<Byte, port::message_size_max> question;
    ByteWriter writer(MutableBytes(question).subspan(port::size_prefix));
    writer.u8(static_cast<std::uint8_t>(operation));
    writer.u8(tag_);
    for (const auto& field : fields) {
        port::put_field(writer, field);
    }
    CHECK(writer.ok());
    ByteWriter prefix(MutableBytes(question).first(port::size_prefix));
    prefix.u16(static_cast<std::uint16_t>(writer.size()));
    TRY(send(ByteView(question).first(port::size_prefix + writer.size()), deadline));
    return expect(operation, tag_, deadline);
}

Result<PortImage::Answer> PortImage::next_answer(Deadline deadline) {
    return expect(asked_, tag_, deadline);
}

Result<PortImage::Answer> PortImage::next_hello(Deadline deadline) {
    return expect(port::Operation::hello, 0, deadline);
}

std::uint64_t number_in(ByteView field) {
    std::uint64_t number = 0;
    for (const auto byte : field) {
        number = number << 8 | byte;
    }
    return number;
}

}  // namespace hsm::client
