#include "firmware/app/dispatcher.h"

#include "firmware/command/commands.h"

namespace firmware::app {
namespace {

namespace wire = hsm::protocol;
using command::Core;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

// Decodes the body, runs the command, encodes its response into `out`.
using Handler = Result<ByteView> (*)(Core&, std::uint32_t, ByteView, MutableBytes);

template <class Request, Result<wire::ResponseOf<Request>> (*run)(Core&, const Request&)>
Result<ByteView> handle(Core& core, std::uint32_t request_id, ByteView message, MutableBytes out) {
    TRY_ASSIGN(auto request, wire::decode_request_body<Request>(message));
    TRY_ASSIGN(auto response, run(core, request));
    return wire::encode_response(request_id, response, out);
}

struct Entry {
    wire::Command command;
    Handler handler;
};

template <class Request, Result<wire::ResponseOf<Request>> (*run)(Core&, const Request&)>
constexpr Entry entry() {
    return {Request::command, handle<Request, run>};
}

// In the order of wire::command_rules.
constexpr Entry entries[] = {
    entry<wire::GetInfoRequest, command::get_info>(),
    entry<wire::UnlockRequest, command::unlock>(),
    entry<wire::ProvisionRequest, command::provision>(),
    entry<wire::SelfTestRequest, command::self_test>(),
    entry<wire::InstallHostsRequest, command::install_hosts>(),
    entry<wire::GenerateKeyRequest, command::generate_key>(),
    entry<wire::BindRequest, command::bind>(),
    entry<wire::OpenActivationRequest, command::open_activation>(),
    entry<wire::SignRequest, command::sign>(),
    entry<wire::GetResultRequest, command::get_result>(),
    entry<wire::AcknowledgeRequest, command::acknowledge>(),
    entry<wire::RebindPrepareRequest, command::rebind_prepare>(),
    entry<wire::RebindFinishRequest, command::rebind_finish>(),
    entry<wire::RevokeRequest, command::revoke>(),
    entry<wire::AttestKeyRequest, command::attest_key>(),
    entry<wire::SignServiceRequest, command::sign_service>(),
    entry<wire::ListBeginRequest, command::list_begin>(),
    entry<wire::ListWriteRequest, command::list_write>(),
    entry<wire::ListFinishRequest, command::list_finish>(),
    entry<wire::RevokeKeyRequest, command::revoke_key>(),
    entry<wire::AuditHeadRequest, command::audit_head>(),
    entry<wire::AuditExportRequest, command::audit_export>(),
    entry<wire::AuditReleaseRequest, command::audit_release>(),
    entry<wire::CeremonyMakeRequest, command::ceremony_make>(),
    entry<wire::CeremonyRestoreRequest, command::ceremony_restore>(),
    entry<wire::CeremonyShareRequest, command::ceremony_share>(),
    entry<wire::CeremonyFinishRequest, command::ceremony_finish>(),
    entry<wire::TableExportRequest, command::table_export>(),
    entry<wire::TableImportRequest, command::table_import>(),
    entry<wire::ChangeGroupRequest, command::change_group>(),
    entry<wire::ZeroiseRequest, command::zeroise>(),
    entry<wire::ResealRequest, command::reseal>(),
    entry<wire::CloseEpochRequest, command::close_epoch>(),
    entry<wire::UpdateBeginRequest, command::update_begin>(),
    entry<wire::UpdateWriteRequest, command::update_write>(),
    entry<wire::UpdateFinishRequest, command::update_finish>(),
    entry<wire::UpdateStateRequest, command::update_state>(),
};

constexpr bool each_rule_has_its_handler() {
    if (std::size(entries) != std::size(wire::command_rules)) {
        return false;
    }
    for (std::size_t i = 0; i < std::size(entries); ++i) {
        if (entries[i].command != wire::command_rules[i].command) {
            return false;
        }
    }
    return true;
}
static_assert(each_rule_has_its_handler());

Result<ByteView> run(Core& core,
                     const wire::RequestHead& head,
                     ByteView request,
                     wire::Role role,
                     MutableBytes response) {
    const auto* rule = wire::find_rule(head.command_code);
    if (rule == nullptr) {
        return Status::unknown_command;
    }
    if (!rule->allows(core.state)) {
        return Status::wrong_state;
    }
    if (!rule->allows(role)) {
        return Status::wrong_role;
    }
    const auto handler = entries[rule - std::begin(wire::command_rules)].handler;
    return handler(core, head.request_id, request, response);
}

// After an error of the store nobody knows what it holds, and after one of the cryptography what it
// computes: only a new start does.
bool is_fatal(Status status) {
    return status == Status::storage_failed || status == Status::storage_corrupt ||
           status == Status::self_test_failed || status == Status::rng_failed;
}

std::size_t refuse(std::uint32_t request_id, Status status, MutableBytes response) {
    const auto refusal = wire::encode_refusal(request_id, status, response);
    CHECK(refusal.has_value());
    return refusal->size();
}

}  // namespace

std::size_t dispatch(Core& core, ByteView request, wire::Role role, MutableBytes response) {
    CHECK(response.size() >= wire::message_size_max);
    response = response.first(wire::message_size_max);
    if (request.size() > wire::message_size_max) {
        return refuse(0, Status::message_too_large, response);
    }
    const auto head = wire::decode_request_head(request);
    if (!head) {
        return refuse(0, Status::malformed, response);
    }
    const auto answered = run(core, *head, request, role, response);
    if (answered) {
        return answered->size();
    }
    if (answered.error() == Status::rng_failed) {
        (void)core.self_tests.failed(wire::SelfTest::noise);
    }
    if (is_fatal(answered.error())) {
        core.state = wire::State::failed;
    }
    return refuse(head->request_id, answered.error(), response);
}

}  // namespace firmware::app
