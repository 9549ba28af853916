#include "hsm/protocol/message.h"

namespace hsm::protocol {

Result<RequestHead> decode_request_head(ByteView message) {
    CborReader reader(message);
    TRY_ASSIGN(auto count, reader.array());
    if (count != 3) {
        return Status::malformed;
    }
    RequestHead head;
    TRY_ASSIGN(head.command_code, reader.number(UINT8_MAX));
    TRY_ASSIGN(auto request_id, reader.number(UINT32_MAX));
    head.request_id = static_cast<std::uint32_t>(request_id);
    return head;
}

Result<ResponseHead> decode_response_head(ByteView message) {
    const auto parse = [&]() -> Result<ResponseHead> {
        CborReader reader(message);
        TRY_ASSIGN(auto count, reader.array());
        if (count != 3) {
            return Status::malformed;
        }
        TRY_ASSIGN(auto request_id, reader.number(UINT32_MAX));
        TRY_ASSIGN(auto word, reader.number(UINT16_MAX));
        const auto status = static_cast<Status>(word);
        if (status != Status::ok) {
            Empty nothing;
            TRY(read_map(reader, nothing));
            TRY(reader.end());
            TRY(reader.finish());
        }
        return ResponseHead{static_cast<std::uint32_t>(request_id), status};
    };
    auto head = parse();
    if (!head) {
        return Status::response_wrong;
    }
    return head;
}

namespace codec {

Result<void> read_request_body(ByteView message,
                               Command command,
                               std::span<const Rule> rules,
                               void* const* members) {
    CborReader reader(message);
    TRY_ASSIGN(auto count, reader.array());
    if (count != 3) {
        return Status::malformed;
    }
    TRY_ASSIGN(auto code, reader.number(UINT8_MAX));
    if (code != static_cast<std::uint64_t>(command)) {
        return Status::malformed;
    }
    TRY(reader.number(UINT32_MAX));
    TRY(read_members(reader, Form::map, {}, rules, members));
    TRY(reader.end());
    return reader.finish();
}

Result<void> read_response_body(ByteView message,
                                std::span<const Rule> rules,
                                void* const* members) {
    CborReader reader(message);
    TRY_ASSIGN(auto count, reader.array());
    if (count != 3) {
        return Status::malformed;
    }
    TRY(reader.number(UINT32_MAX));
    TRY_ASSIGN(auto status, reader.number(UINT16_MAX));
    if (status != static_cast<std::uint64_t>(Status::ok)) {
        return Status::malformed;
    }
    TRY(read_members(reader, Form::map, {}, rules, members));
    TRY(reader.end());
    return reader.finish();
}

}  // namespace codec

Result<ByteView> encode_signed(const SignedBytes& bytes, MutableBytes buffer) {
    CborWriter writer(buffer);
    writer.array(2);
    writer.bytes(bytes.statement);
    writer.bytes(bytes.signature);
    writer.end();
    return writer.finish();
}

Result<SignedBytes> decode_signed(ByteView bytes) {
    SignedBytes decoded;
    CborReader reader(bytes);
    TRY_ASSIGN(auto count, reader.array());
    if (count != 2) {
        return Status::malformed;
    }
    TRY_ASSIGN(decoded.statement, reader.bytes(record_size_max));
    TRY_ASSIGN(decoded.signature, reader.bytes(signature_size_max));
    TRY(reader.end());
    TRY(reader.finish());
    return decoded;
}

}  // namespace hsm::protocol
