#include "tests/support/in_process_modules.h"

#include <algorithm>

namespace tests::support {

namespace wire = hsm::protocol;
using cloudsign::Signed;
using hsm::Digest;
using hsm::Result;
using hsm::Status;

namespace {

wire::Assertions list_of(const std::vector<Bytes>& assertions) {
    wire::Assertions list;
    for (const auto& assertion : assertions) {
        CHECK(list.push_back(assertion));
    }
    return list;
}

Result<Signed> to_signed(const ReplyTo<wire::SignRequest>& reply) {
    if (!reply) {
        return reply.error();
    }
    return Signed{copy_of((*reply)->signature), copy_of((*reply)->receipt)};
}

}  // namespace

InProcessModules::InProcessModules(ModuleGroup& group, std::size_t count) : group_(group) {
    for (std::size_t i = 0; i < count; ++i) {
        ids_.push_back(module_id_of(group_.target(i)));
    }
}

Target InProcessModules::member(std::size_t index) {
    return group_.target(index);
}

std::optional<std::size_t> InProcessModules::index_of(const Digest& module_id) {
    const auto found = std::ranges::find(ids_, module_id);
    if (found == ids_.end()) {
        return std::nullopt;
    }
    return static_cast<std::size_t>(found - ids_.begin());
}

Result<Target> InProcessModules::member_named(const Digest& module_id) {
    const auto index = index_of(module_id);
    if (!index || down.contains(*index)) {
        return Status::link_refused;
    }
    return member(*index);
}

Result<Target> InProcessModules::any_member() {
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        const auto index = (first + i) % ids_.size();
        if (!down.contains(index)) {
            return member(index);
        }
    }
    return Status::link_refused;
}

bool InProcessModules::loses_answer() {
    if (answers_lost == 0) {
        return false;
    }
    --answers_lost;
    return true;
}

std::vector<cloudsign::ModuleInfo> InProcessModules::members() {
    const std::lock_guard lock(mutex_);
    std::vector<cloudsign::ModuleInfo> infos;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
        const auto reply = down.contains(i) ? ReplyTo<wire::GetInfoRequest>(Status::link_refused)
                                            : call(member(i), wire::GetInfoRequest{});
        if (!reply) {
            continue;
        }
        const auto& body = **reply;
        cloudsign::ModuleInfo info;
        info.module_id = body.module_id;
        info.state = body.state;
        info.assurance_class = body.assurance_class;
        info.firmware_hash = body.firmware_hash;
        info.boot_counter = body.boot_counter;
        info.epoch = body.epoch;
        info.identity_spki = copy_of(body.identity_spki);
        info.device_certificate = copy_of(body.device_certificate);
        info.configuration = copy_of(body.configuration);
        info.first_log_index = body.first_log_index;
        info.next_log_index = body.next_log_index;
        info.log_fill_percent = body.log_fill_percent;
        info.engine = std::string(body.engine);
        infos.push_back(std::move(info));
    }
    return infos;
}

Result<void> InProcessModules::self_test(const Digest& module_id) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    TRY(call(target, wire::SelfTestRequest{}));
    return {};
}

Result<Bytes> InProcessModules::generate_key(wire::KeyKind kind,
                                             wire::KeyType type,
                                             const Bytes& policy) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, any_member());
    return tests::support::generate_key(target, kind, type, policy);
}

Result<cloudsign::OpenedActivation> InProcessModules::open_activation(
    const cloudsign::OpenCall& open) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, any_member());
    const wire::OpenActivationRequest request{open.blob,
                                              open.purpose,
                                              open.algorithm,
                                              open.leaf_count,
                                              open.root,
                                              open.context_hash,
                                              open.lifetime_ms};
    TRY_ASSIGN(auto reply, call(target, request));
    const auto preimage = wire::decode_tagged<wire::ChallengePreimage>(reply->preimage);
    CHECK(preimage.has_value());
    return cloudsign::OpenedActivation{
        preimage->module_id, copy_of(reply->preimage), reply->mac, reply->challenge};
}

Result<Bytes> InProcessModules::bind(const Digest& module_id,
                                     const Bytes& blob,
                                     const Bytes& preimage,
                                     const Digest& mac,
                                     const std::vector<Bytes>& assertions) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    const wire::BindRequest request{blob, preimage, mac, list_of(assertions), 0};
    TRY_ASSIGN(auto reply, call(target, request));
    if (loses_answer()) {
        return Status::link_closed;
    }
    return copy_of(reply->blob);
}

std::vector<Result<Signed>> InProcessModules::sign(const Digest& module_id,
                                                   const std::vector<cloudsign::SignCall>& calls) {
    if (before_sign) {
        before_sign();
    }
    const std::lock_guard lock(mutex_);
    std::vector<Result<Signed>> answers;
    for (const auto& one : calls) {
        const auto target = member_named(module_id);
        if (!target) {
            answers.emplace_back(target.error());
            continue;
        }
        wire::SignRequest request;
        request.blob = one.blob;
        request.preimage = one.preimage;
        request.mac = one.mac;
        request.assertions = list_of(one.assertions);
        request.leaf_index = one.leaf_index;
        request.hash = one.hash;
        request.label_hash = one.label_hash;
        request.path = one.path;
        auto answer = to_signed(call(*target, request));
        answers.push_back(loses_answer() ? Result<Signed>(Status::link_closed) : std::move(answer));
    }
    if (gone_after_sign.exchange(false)) {
        down.insert(*index_of(module_id));
        answers.assign(calls.size(), Result<Signed>(Status::link_closed));
    }
    return answers;
}

Result<Signed> InProcessModules::get_result(const Digest& module_id,
                                            const Digest& challenge,
                                            std::uint32_t leaf_index) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    return to_signed(call(target, wire::GetResultRequest{challenge, leaf_index}));
}

void InProcessModules::acknowledge(const Digest& module_id,
                                   const Digest& challenge,
                                   std::uint32_t leaf_index) {
    const std::lock_guard lock(mutex_);
    const auto target = member_named(module_id);
    if (target && !acknowledgements_lost) {
        (void)call(*target, acknowledgement_of(challenge, leaf_index));
    }
}

Result<Bytes> InProcessModules::rebind(const Digest& module_id,
                                       const Bytes& blob,
                                       const Bytes& preimage,
                                       const Digest& mac,
                                       const std::vector<Bytes>& assertions,
                                       const Bytes& new_policy) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    const wire::RebindPrepareRequest prepare{
        blob, preimage, mac, list_of(assertions), new_policy, 0};
    TRY_ASSIGN(auto prepared, call(target, prepare));
    TRY_ASSIGN(const auto acknowledgements, revoke_elsewhere(module_id, prepared->revocation));
    wire::RebindFinishRequest finish;
    finish.blob = blob;
    finish.new_policy = new_policy;
    for (const auto& acknowledgement : acknowledgements) {
        CHECK(finish.acknowledgements.push_back(acknowledgement));
    }
    TRY_ASSIGN(auto finished, call(target, finish));
    return copy_of(finished->blob);
}

Result<Bytes> InProcessModules::sign_service(const cloudsign::ServiceCall& one) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, any_member());
    const wire::SignServiceRequest request{one.blob, one.algorithm, one.content, one.attributes, 0};
    TRY_ASSIGN(auto reply, call(target, request));
    return copy_of(reply->signature);
}

Result<Bytes> InProcessModules::sign_list(const Bytes& blob,
                                          const wire::Algorithm& algorithm,
                                          const Bytes& list) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, any_member());
    TRY(call(target, wire::ListBeginRequest{static_cast<std::uint32_t>(list.size())}));
    for (std::size_t at = 0; at < list.size(); at += wire::list_piece_size_max) {
        const auto piece =
            hsm::ByteView(list).subspan(at, std::min(wire::list_piece_size_max, list.size() - at));
        TRY(call(target, wire::ListWriteRequest{static_cast<std::uint32_t>(at), piece}));
    }
    TRY_ASSIGN(auto reply, call(target, wire::ListFinishRequest{blob, algorithm, 0}));
    return copy_of(reply->signature);
}

Result<void> InProcessModules::revoke_key(const Digest& module_id,
                                          const Bytes& blob,
                                          const Bytes& preimage,
                                          const Digest& mac,
                                          const std::vector<Bytes>& assertions) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    TRY_ASSIGN(auto revoked,
               call(target, wire::RevokeKeyRequest{blob, preimage, mac, list_of(assertions), 0}));
    TRY(revoke_elsewhere(module_id, revoked->revocation));
    return {};
}

Result<std::vector<Bytes>> InProcessModules::revoke_elsewhere(const Digest& module_id,
                                                              hsm::ByteView revocation) {
    std::vector<Bytes> acknowledgements;
    for (const auto& id : ids_) {
        if (id != module_id) {
            TRY_ASSIGN(auto target, member_named(id));
            TRY_ASSIGN(auto revoked, call(target, wire::RevokeRequest{revocation, 0}));
            acknowledgements.push_back(copy_of(revoked->acknowledgement));
        }
    }
    return acknowledgements;
}

Result<Bytes> InProcessModules::attest_key(const Bytes& blob, const wire::Nonce& nonce) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, any_member());
    TRY_ASSIGN(auto reply, call(target, wire::AttestKeyRequest{blob, nonce}));
    return copy_of(reply->signed_statement);
}

Result<Bytes> InProcessModules::audit_head(const Digest& module_id, const wire::Nonce& challenge) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    TRY_ASSIGN(auto reply, call(target, wire::AuditHeadRequest{challenge, 0}));
    return copy_of(reply->signed_statement);
}

Result<std::vector<Bytes>> InProcessModules::audit_export(const Digest& module_id,
                                                          std::uint64_t from_index) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    TRY_ASSIGN(auto reply, call(target, wire::AuditExportRequest{from_index}));
    std::vector<Bytes> records;
    for (const auto record : reply->records) {
        records.push_back(copy_of(record));
    }
    return records;
}

Result<void> InProcessModules::audit_release(const Digest& module_id, std::uint64_t up_to_index) {
    const std::lock_guard lock(mutex_);
    TRY_ASSIGN(auto target, member_named(module_id));
    TRY(call(target, wire::AuditReleaseRequest{up_to_index}));
    return {};
}

}  // namespace tests::support
