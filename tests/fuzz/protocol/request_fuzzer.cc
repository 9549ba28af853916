#include "hsm/protocol/message.h"
#include "tests/fuzz/protocol/same_bytes.h"

namespace {

using namespace hsm::protocol;

template <class Request>
void check(const RequestHead& head, hsm::ByteView message) {
    const auto request = decode_request_body<Request>(message);
    if (!request) {
        return;
    }
    CHECK(head.command_code == static_cast<std::uint64_t>(Request::command));
    fuzz::check_same(encode_request(head.request_id, *request, fuzz::buffer), message);
    CHECK(message.size() <= message_size_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
    const hsm::ByteView message(input, size);
    const auto head = decode_request_head(message);
    if (!head) {
        return 0;
    }
    check<GetInfoRequest>(*head, message);
    check<UnlockRequest>(*head, message);
    check<ProvisionRequest>(*head, message);
    check<InstallHostsRequest>(*head, message);
    check<SelfTestRequest>(*head, message);
    check<GenerateKeyRequest>(*head, message);
    check<BindRequest>(*head, message);
    check<OpenActivationRequest>(*head, message);
    check<SignRequest>(*head, message);
    check<GetResultRequest>(*head, message);
    check<AcknowledgeRequest>(*head, message);
    check<RebindPrepareRequest>(*head, message);
    check<RebindFinishRequest>(*head, message);
    check<RevokeRequest>(*head, message);
    check<AttestKeyRequest>(*head, message);
    check<RevokeKeyRequest>(*head, message);
    check<SignServiceRequest>(*head, message);
    check<ListBeginRequest>(*head, message);
    check<ListWriteRequest>(*head, message);
    check<ListFinishRequest>(*head, message);
    check<AuditHeadRequest>(*head, message);
    check<AuditExportRequest>(*head, message);
    check<AuditReleaseRequest>(*head, message);
    check<UpdateBeginRequest>(*head, message);
    check<UpdateWriteRequest>(*head, message);
    check<UpdateFinishRequest>(*head, message);
    check<UpdateStateRequest>(*head, message);
    return 0;
}
