#pragma once

#include "firmware/command/core.h"

// One function, in one file, for each command of hsm/protocol/command.h. The dispatcher has
// checked state and role and decoded the request; views in a response point into the request's
// message or into the workspace. A refusal leaves everything as it was, except where the command
// says otherwise.
namespace firmware::command {

namespace wire = hsm::protocol;

// Also answers when the module has failed.
Result<wire::GetInfoResponse> get_info(Core& core, const wire::GetInfoRequest& request);
Result<wire::UnlockResponse> unlock(Core& core, const wire::UnlockRequest& request);
Result<wire::ProvisionResponse> provision(Core& core, const wire::ProvisionRequest& request);
Result<wire::SelfTestResponse> self_test(Core& core, const wire::SelfTestRequest& request);

// RSA: `busy` while the pair is being made. The same request (its time may differ) repeated
// collects it; one pair is made at a time, and dropped when it is not asked for within a minute.
Result<wire::InstallHostsResponse> install_hosts(Core& core,
                                                 const wire::InstallHostsRequest& request);
Result<wire::GenerateKeyResponse> generate_key(Core& core, const wire::GenerateKeyRequest& request);
Result<wire::BindResponse> bind(Core& core, const wire::BindRequest& request);
Result<wire::OpenActivationResponse> open_activation(Core& core,
                                                     const wire::OpenActivationRequest& request);

// The order of ARCHITECTURE.md §4: everything is checked before the leaf's bit is set, the bit is
// set before the key is touched. From then on the occurrence is spent, also when the engine fails.
Result<wire::SignResponse> sign(Core& core, const wire::SignRequest& request);

Result<wire::GetResultResponse> get_result(Core& core, const wire::GetResultRequest& request);
Result<wire::AcknowledgeResponse> acknowledge(Core& core, const wire::AcknowledgeRequest& request);

Result<wire::RebindPrepareResponse> rebind_prepare(Core& core,
                                                   const wire::RebindPrepareRequest& request);
Result<wire::RebindFinishResponse> rebind_finish(Core& core,
                                                 const wire::RebindFinishRequest& request);
Result<wire::RevokeResponse> revoke(Core& core, const wire::RevokeRequest& request);

// May be called again with the same blob, and then answers the same revocation.
Result<wire::RevokeKeyResponse> revoke_key(Core& core, const wire::RevokeKeyRequest& request);

Result<wire::AttestKeyResponse> attest_key(Core& core, const wire::AttestKeyRequest& request);
// PROTOCOL.md "Services". `content_wrong` for what this kind of key does not sign,
// `time_not_trusted` for a time-stamp whose time cannot be, `busy` above the rate.
Result<wire::SignServiceResponse> sign_service(Core& core, const wire::SignServiceRequest& request);
// The list that was under way is over, also when a piece is refused.
Result<wire::ListBeginResponse> list_begin(Core& core, const wire::ListBeginRequest& request);
Result<wire::ListWriteResponse> list_write(Core& core, const wire::ListWriteRequest& request);
Result<wire::ListFinishResponse> list_finish(Core& core, const wire::ListFinishRequest& request);

Result<wire::AuditHeadResponse> audit_head(Core& core, const wire::AuditHeadRequest& request);
Result<wire::AuditExportResponse> audit_export(Core& core, const wire::AuditExportRequest& request);
Result<wire::AuditReleaseResponse> audit_release(Core& core,
                                                 const wire::AuditReleaseRequest& request);

// PROTOCOL.md "KEK ceremony". One at a time, in RAM: opening another ends the one before.
Result<wire::CeremonyMakeResponse> ceremony_make(Core& core,
                                                 const wire::CeremonyMakeRequest& request);
Result<wire::CeremonyRestoreResponse> ceremony_restore(Core& core,
                                                       const wire::CeremonyRestoreRequest& request);
Result<wire::CeremonyShareResponse> ceremony_share(Core& core,
                                                   const wire::CeremonyShareRequest& request);
Result<wire::CeremonyFinishResponse> ceremony_finish(Core& core,
                                                     const wire::CeremonyFinishRequest& request);

// PROTOCOL.md "Members" and "Epochs".
Result<wire::TableExportResponse> table_export(Core& core, const wire::TableExportRequest& request);
Result<wire::TableImportResponse> table_import(Core& core, const wire::TableImportRequest& request);
Result<wire::ChangeGroupResponse> change_group(Core& core, const wire::ChangeGroupRequest& request);
// Afterwards the module is tampered.
Result<wire::ZeroiseResponse> zeroise(Core& core, const wire::ZeroiseRequest& request);
Result<wire::ResealResponse> reseal(Core& core, const wire::ResealRequest& request);
// May be repeated: a cut in between leaves what no longer matters.
Result<wire::CloseEpochResponse> close_epoch(Core& core, const wire::CloseEpochRequest& request);

// `not_supported` where no loader starts images. An approval is checked when the update begins and,
// since the group may change its officers meanwhile, counted again when it is finished.
Result<wire::UpdateBeginResponse> update_begin(Core& core, const wire::UpdateBeginRequest& request);
Result<wire::UpdateWriteResponse> update_write(Core& core, const wire::UpdateWriteRequest& request);
Result<wire::UpdateFinishResponse> update_finish(Core& core,
                                                 const wire::UpdateFinishRequest& request);
Result<wire::UpdateStateResponse> update_state(Core& core, const wire::UpdateStateRequest& request);

// What is left to do between requests.
enum class Work : std::uint8_t {
    none,
    waiting,  // for a host, or for another thread: look again within a second
    more      // at once
};

// A slice of the RSA pair that generate_key has begun.
Work work(Core& core);

}  // namespace firmware::command
