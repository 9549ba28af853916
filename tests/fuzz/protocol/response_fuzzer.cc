#include "hsm/protocol/message.h"
#include "tests/fuzz/protocol/same_bytes.h"

namespace {

using namespace hsm::protocol;

template <class Request>
void check(std::uint8_t command, const ResponseHead& head, hsm::ByteView message) {
    if (command != static_cast<std::uint8_t>(Request::command)) {
        return;
    }
    const auto response = decode_response_body<ResponseOf<Request>>(message);
    CHECK(!response || head.status == hsm::Status::ok);
    if (response) {
        fuzz::check_same(encode_response(head.request_id, *response, fuzz::buffer), message);
        CHECK(message.size() <= message_size_max);
    }
}

}  // namespace

// The first byte is the command that the rest is said to answer: a response does not name it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const hsm::ByteView message(input + 1, size - 1);
    const auto head = decode_response_head(message);
    if (!head) {
        CHECK(head.error() == hsm::Status::response_wrong);
        return 0;
    }
    if (head->status != hsm::Status::ok) {
        fuzz::check_same(encode_refusal(head->request_id, head->status, fuzz::buffer), message);
    }
    check<GetInfoRequest>(input[0], *head, message);
    check<UnlockRequest>(input[0], *head, message);
    check<SelfTestRequest>(input[0], *head, message);
    check<GenerateKeyRequest>(input[0], *head, message);
    check<OpenActivationRequest>(input[0], *head, message);
    check<SignRequest>(input[0], *head, message);
    check<RebindPrepareRequest>(input[0], *head, message);
    check<RevokeRequest>(input[0], *head, message);
    check<RevokeKeyRequest>(input[0], *head, message);
    check<AttestKeyRequest>(input[0], *head, message);
    check<AuditExportRequest>(input[0], *head, message);
    check<UpdateBeginRequest>(input[0], *head, message);
    check<UpdateWriteRequest>(input[0], *head, message);
    check<UpdateStateRequest>(input[0], *head, message);
    return 0;
}
