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
    CborReader reader(message);
    const auto count = reader.array();
    if (!count || *count != 3) {
        return Status::response_wrong;
    }
    const auto request_id = reader.number(UINT32_MAX);
    if (!request_id) {
        return Status::response_wrong;
    }
    const auto status = reader.number(UINT16_MAX);
    if (!status) {
        return Status::response_wrong;
    }
    return ResponseHead{static_cast<std::uint32_t>(*request_id), static_cast<Status>(*status)};
}

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
