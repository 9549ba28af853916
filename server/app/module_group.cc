#include "server/app/module_group.h"

#include <algorithm>

#include "cloudsign/module_error.h"

namespace server::app {
namespace {

using cloudsign::Bytes;
using cloudsign::bytes_of;
using hsm::Digest;
using hsm::Status;
using hsm::client::after;
using hsm::client::Link;

constexpr auto call_time = std::chrono::seconds(15);
constexpr auto info_time = std::chrono::seconds(3);
constexpr auto silence_max = std::chrono::seconds(30);
constexpr auto generate_time = std::chrono::seconds(120);  // RSA-4096 takes what it takes
constexpr auto ask_again_time = std::chrono::milliseconds(50);

cloudsign::ModuleInfo to_info(const hsm::protocol::GetInfoResponse& body) {
    cloudsign::ModuleInfo info;
    info.module_id = body.module_id;
    info.state = body.state;
    info.assurance_class = body.assurance_class;
    info.firmware_hash = body.firmware_hash;
    info.boot_counter = body.boot_counter;
    info.epoch = body.epoch;
    info.identity_spki = bytes_of(body.identity_spki);
    info.device_certificate = bytes_of(body.device_certificate);
    info.configuration = bytes_of(body.configuration);
    info.first_log_index = body.first_log_index;
    info.next_log_index = body.next_log_index;
    info.log_fill_percent = body.log_fill_percent;
    info.engine = std::string(body.engine);
    info.separated = body.separated == 1;
    info.self_tests = body.self_tests;
    if (body.failed_self_test != 0) {
        info.failed_self_test =
            self_test_name(static_cast<hsm::protocol::SelfTest>(body.failed_self_test));
        info.self_test_failed_at = body.self_test_failed_at;
    }
    return info;
}

hsm::Result<hsm::protocol::Assertions> to_list(const std::vector<Bytes>& assertions) {
    hsm::protocol::Assertions list;
    for (const auto& assertion : assertions) {
        if (!list.push_back(assertion)) {
            return Status::message_too_large;
        }
    }
    return list;
}

hsm::Result<hsm::protocol::SignRequest> to_request(const cloudsign::SignCall& call,
                                                   std::uint64_t host_time) {
    hsm::protocol::SignRequest request;
    request.blob = call.blob;
    request.preimage = call.preimage;
    request.mac = call.mac;
    TRY_ASSIGN(request.assertions, to_list(call.assertions));
    request.leaf_index = call.leaf_index;
    request.hash = call.hash;
    request.label_hash = call.label_hash;
    request.path = call.path;
    request.host_time = host_time;
    return request;
}

hsm::Result<cloudsign::Signed> to_signed(
    const hsm::Result<hsm::client::Reply<hsm::protocol::SignResponse>>& reply) {
    if (!reply) {
        return reply.error();
    }
    return cloudsign::Signed{bytes_of((*reply)->signature), bytes_of((*reply)->receipt)};
}

// An RSA pair takes its time: the module answers that it is busy, and is asked again until it has
// the pair. It answers others meanwhile.
hsm::Result<Bytes> collect_key(Link& link, const hsm::protocol::GenerateKeyRequest& request) {
    const auto deadline = after(generate_time);
    auto not_before = hsm::client::Deadline::min();
    while (true) {
        const auto reply = link.call(request, std::min(deadline, after(call_time)), not_before);
        if (reply) {
            return bytes_of((*reply)->blob);
        }
        not_before = after(ask_again_time);
        if (reply.error() != Status::busy || not_before >= deadline) {
            return reply.error();
        }
    }
}

}  // namespace

ModuleGroup::ModuleGroup(std::vector<hsm::client::LinkSettings> links,
                         const cloudsign::Clock& clock)
    : clock_(clock) {
    for (auto& settings : links) {
        members_.emplace_back().link = std::make_unique<Link>(std::move(settings));
    }
}

void ModuleGroup::stop(hsm::client::Deadline patience) {
    const std::lock_guard lock(stop_mutex_);
    for (auto& member : members_) {
        {
            const std::lock_guard members_lock(mutex_);
            tell_acknowledged(member);
        }
        member.link->stop(patience);
    }
}

std::vector<cloudsign::ModuleInfo> ModuleGroup::members() {
    std::vector<cloudsign::ModuleInfo> infos;
    for (auto& member : members_) {
        {
            const std::lock_guard lock(mutex_);
            tell_acknowledged(member);
        }
        const auto reply = member.link->call(hsm::protocol::GetInfoRequest{}, after(info_time));
        auto info = reply ? hsm::Result<cloudsign::ModuleInfo>(to_info(**reply)) : reply.error();
        note(member, info);
        if (info) {
            infos.push_back(*std::move(info));
        }
    }
    return infos;
}

void ModuleGroup::note(Member& member, const hsm::Result<cloudsign::ModuleInfo>& answer) {
    const std::lock_guard lock(mutex_);
    member.silent = !answer && answer.error() == Status::link_timeout;
    if (answer) {
        member.module_id = answer->module_id;
        member.operational = answer->state == hsm::protocol::State::operational;
        member.answered = Clock::now();
    } else if (!member.silent) {
        member.operational = false;
    }
}

std::size_t ModuleGroup::operational() const {
    const std::lock_guard lock(mutex_);
    const auto now = Clock::now();
    return static_cast<std::size_t>(std::ranges::count_if(members_, [&](const Member& member) {
        return member.operational && now - member.answered < silence_max;
    }));
}

std::vector<ModuleGroup::Member*> ModuleGroup::in_turn() {
    std::vector<Member*> order;
    const auto first = next_++;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        order.push_back(&members_[(first + i) % members_.size()]);
    }
    const std::lock_guard lock(mutex_);
    std::stable_partition(
        order.begin(), order.end(), [](const Member* member) { return !member->silent; });
    return order;
}

Link* ModuleGroup::link_of(const Digest& module_id) {
    const auto find = [&]() -> Link* {
        const std::lock_guard lock(mutex_);
        for (auto& member : members_) {
            if (member.module_id == module_id) {
                return member.link.get();
            }
        }
        return nullptr;
    };
    auto* link = find();
    if (link == nullptr) {
        members();
        link = find();
    }
    return link;
}

template <class Ask>
auto ModuleGroup::ask_any(Ask ask) -> decltype(ask(std::declval<Link&>())) {
    hsm::Status last = Status::link_refused;
    for (auto* member : in_turn()) {
        auto answer = ask(*member->link);
        if (!answer && answer.error() == Status::link_timeout) {
            note(*member, answer.error());
        }
        const bool elsewhere =
            !answer &&
            (cloudsign::outcome_unknown(answer.error()) || answer.error() == Status::link_refused ||
             answer.error() == Status::handshake_failed || answer.error() == Status::wrong_state ||
             answer.error() == Status::busy ||
             // While the group changes its KEK, some hold the next one already.
             answer.error() == Status::blob_epoch_unknown);
        if (!elsewhere) {
            return answer;
        }
        last = answer.error();
    }
    return last;
}

template <class Request>
hsm::Result<hsm::client::Reply<hsm::protocol::ResponseOf<Request>>> ModuleGroup::ask(
    const Digest& module_id, const Request& request) {
    auto* link = link_of(module_id);
    if (link == nullptr) {
        return Status::link_refused;
    }
    return link->call(request, after(call_time));
}

hsm::Result<void> ModuleGroup::self_test(const Digest& module_id) {
    TRY(ask(module_id, hsm::protocol::SelfTestRequest{}));
    return {};
}

hsm::Result<Bytes> ModuleGroup::generate_key(hsm::protocol::KeyKind kind,
                                             hsm::protocol::KeyType type,
                                             const Bytes& policy) {
    return ask_any([&](Link& link) -> hsm::Result<Bytes> {
        hsm::protocol::GenerateKeyRequest request;
        request.kind = kind;
        request.key_type = type;
        request.policy = policy;
        request.host_time = host_time();
        return collect_key(link, request);
    });
}

hsm::Result<cloudsign::OpenedActivation> ModuleGroup::open_activation(
    const cloudsign::OpenCall& call) {
    return ask_any([&](Link& link) -> hsm::Result<cloudsign::OpenedActivation> {
        hsm::protocol::OpenActivationRequest request;
        request.blob = call.blob;
        request.purpose = call.purpose;
        request.algorithm = call.algorithm;
        request.leaf_count = call.leaf_count;
        request.root = call.root;
        request.context_hash = call.context_hash;
        request.lifetime_ms = call.lifetime_ms;
        TRY_ASSIGN(auto reply, link.call(request, after(call_time)));
        const auto preimage =
            hsm::protocol::decode_tagged<hsm::protocol::ChallengePreimage>(reply->preimage);
        if (!preimage) {
            return Status::response_wrong;
        }
        return cloudsign::OpenedActivation{
            preimage->module_id, bytes_of(reply->preimage), reply->mac, reply->challenge};
    });
}

hsm::Result<Bytes> ModuleGroup::bind(const Digest& module_id,
                                     const Bytes& blob,
                                     const Bytes& preimage,
                                     const Digest& mac,
                                     const std::vector<Bytes>& assertions) {
    hsm::protocol::BindRequest request;
    request.blob = blob;
    request.preimage = preimage;
    request.mac = mac;
    TRY_ASSIGN(request.assertions, to_list(assertions));
    request.host_time = host_time();
    TRY_ASSIGN(auto reply, ask(module_id, request));
    return bytes_of(reply->blob);
}

std::vector<hsm::Result<cloudsign::Signed>> ModuleGroup::sign(
    const Digest& module_id, const std::vector<cloudsign::SignCall>& calls) {
    auto* link = link_of(module_id);
    if (link == nullptr) {
        return {calls.size(), hsm::Result<cloudsign::Signed>(Status::link_refused)};
    }
    std::vector<hsm::Result<cloudsign::Signed>> results(
        calls.size(), hsm::Result<cloudsign::Signed>(Status::link_closed));
    hsm::sync::Latch all_answered(calls.size());
    const auto deadline = after(call_time);
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const auto request = to_request(calls[i], host_time());
        if (!request) {
            results[i] = request.error();
            all_answered.count_down();
            continue;
        }
        using Answer = hsm::Result<hsm::client::Reply<hsm::protocol::SignResponse>>;
        link->submit(*request, deadline, [&results, &all_answered, i](const Answer& answer) {
            results[i] = to_signed(answer);
            all_answered.count_down();
        });
    }
    all_answered.wait();
    return results;
}

hsm::Result<cloudsign::Signed> ModuleGroup::get_result(const Digest& module_id,
                                                       const Digest& challenge,
                                                       std::uint32_t leaf_index) {
    hsm::protocol::GetResultRequest request;
    request.challenge = challenge;
    request.leaf_index = leaf_index;
    return to_signed(ask(module_id, request));
}

void ModuleGroup::acknowledge(const Digest& module_id,
                              const Digest& challenge,
                              std::uint32_t leaf_index) {
    const std::lock_guard lock(mutex_);
    const auto member = std::ranges::find(members_, module_id, &Member::module_id);
    if (member == members_.end()) {
        return;
    }
    auto& gathered = member->acknowledged.occurrences;
    CHECK(gathered.push_back(hsm::protocol::to_bytes({challenge, leaf_index})));
    if (gathered.size() == gathered.size_max) {
        tell_acknowledged(*member);
    }
}

void ModuleGroup::tell_acknowledged(Member& member) {
    if (member.acknowledged.occurrences.empty()) {
        return;
    }
    using Answer = hsm::Result<hsm::client::Reply<hsm::protocol::AcknowledgeResponse>>;
    member.link->submit(member.acknowledged, after(call_time), [](const Answer&) {});
    member.acknowledged.occurrences.clear();
}

hsm::Result<Bytes> ModuleGroup::rebind(const Digest& module_id,
                                       const Bytes& blob,
                                       const Bytes& preimage,
                                       const Digest& mac,
                                       const std::vector<Bytes>& assertions,
                                       const Bytes& new_policy) {
    hsm::protocol::RebindPrepareRequest prepare;
    prepare.blob = blob;
    prepare.preimage = preimage;
    prepare.mac = mac;
    TRY_ASSIGN(prepare.assertions, to_list(assertions));
    prepare.new_policy = new_policy;
    prepare.host_time = host_time();
    TRY_ASSIGN(auto prepared, ask(module_id, prepare));

    hsm::protocol::RebindFinishRequest finish;
    finish.blob = blob;
    finish.new_policy = new_policy;
    finish.host_time = host_time();
    TRY_ASSIGN(const auto acknowledgements, revoke_elsewhere(module_id, prepared->revocation));
    for (const auto& acknowledgement : acknowledgements) {
        if (!finish.acknowledgements.push_back(acknowledgement)) {
            return Status::message_too_large;
        }
    }
    TRY_ASSIGN(auto finished, ask(module_id, finish));
    return bytes_of(finished->blob);
}

hsm::Result<Bytes> ModuleGroup::sign_service(const cloudsign::ServiceCall& call) {
    return ask_any([&](Link& link) -> hsm::Result<Bytes> {
        hsm::protocol::SignServiceRequest request;
        request.blob = call.blob;
        request.algorithm = call.algorithm;
        request.content = call.content;
        request.attributes = call.attributes;
        request.host_time = host_time();
        TRY_ASSIGN(auto reply, link.call(request, after(call_time)));
        return bytes_of(reply->signature);
    });
}

hsm::Result<Bytes> ModuleGroup::sign_list(const Bytes& blob,
                                          const hsm::protocol::Algorithm& algorithm,
                                          const Bytes& list) {
    if (list.size() > hsm::protocol::list_size_max) {
        return Status::message_too_large;
    }
    const std::lock_guard lock(list_mutex_);
    return ask_any([&](Link& link) -> hsm::Result<Bytes> {
        hsm::protocol::ListBeginRequest begin;
        begin.size = static_cast<std::uint32_t>(list.size());
        TRY(link.call(begin, after(call_time)));
        for (std::size_t at = 0; at < list.size(); at += hsm::protocol::list_piece_size_max) {
            hsm::protocol::ListWriteRequest write;
            write.offset = static_cast<std::uint32_t>(at);
            write.piece = hsm::ByteView(list).subspan(
                at, std::min(hsm::protocol::list_piece_size_max, list.size() - at));
            TRY(link.call(write, after(call_time)));
        }
        hsm::protocol::ListFinishRequest finish;
        finish.blob = blob;
        finish.algorithm = algorithm;
        finish.host_time = host_time();
        TRY_ASSIGN(auto reply, link.call(finish, after(call_time)));
        return bytes_of(reply->signature);
    });
}

hsm::Result<void> ModuleGroup::revoke_key(const Digest& module_id,
                                          const Bytes& blob,
                                          const Bytes& preimage,
                                          const Digest& mac,
                                          const std::vector<Bytes>& assertions) {
    hsm::protocol::RevokeKeyRequest request;
    request.blob = blob;
    request.preimage = preimage;
    request.mac = mac;
    TRY_ASSIGN(request.assertions, to_list(assertions));
    request.host_time = host_time();
    TRY_ASSIGN(auto revoked, ask(module_id, request));
    TRY(revoke_elsewhere(module_id, revoked->revocation));
    return {};
}

hsm::Result<std::vector<Bytes>> ModuleGroup::revoke_elsewhere(const Digest& module_id,
                                                              hsm::ByteView revocation) {
    std::vector<Bytes> acknowledgements;
    for (const auto& member : members()) {
        if (member.module_id == module_id) {
            continue;
        }
        hsm::protocol::RevokeRequest revoke;
        revoke.revocation = revocation;
        revoke.host_time = host_time();
        TRY_ASSIGN(auto revoked, ask(member.module_id, revoke));
        acknowledgements.push_back(bytes_of(revoked->acknowledgement));
    }
    return acknowledgements.size() + 1 < members_.size()
               ? hsm::Result<std::vector<Bytes>>(Status::acknowledgement_missing)
               : acknowledgements;
}

hsm::Result<Bytes> ModuleGroup::attest_key(const Bytes& blob, const hsm::protocol::Nonce& nonce) {
    return ask_any([&](Link& link) -> hsm::Result<Bytes> {
        hsm::protocol::AttestKeyRequest request;
        request.blob = blob;
        request.nonce = nonce;
        TRY_ASSIGN(auto reply, link.call(request, after(call_time)));
        return bytes_of(reply->signed_statement);
    });
}

hsm::Result<Bytes> ModuleGroup::reseal(const Bytes& blob) {
    return ask_any([&](Link& link) -> hsm::Result<Bytes> {
        TRY_ASSIGN(auto reply, link.call(hsm::protocol::ResealRequest{blob}, after(call_time)));
        return bytes_of(reply->blob);
    });
}

hsm::Result<Bytes> ModuleGroup::audit_head(const Digest& module_id,
                                           const hsm::protocol::Nonce& challenge) {
    hsm::protocol::AuditHeadRequest request;
    request.challenge = challenge;
    request.host_time = host_time();
    TRY_ASSIGN(auto reply, ask(module_id, request));
    return bytes_of(reply->signed_statement);
}

hsm::Result<std::vector<Bytes>> ModuleGroup::audit_export(const Digest& module_id,
                                                          std::uint64_t from_index) {
    hsm::protocol::AuditExportRequest request;
    request.from_index = from_index;
    TRY_ASSIGN(auto reply, ask(module_id, request));
    std::vector<Bytes> records;
    for (const auto& record : reply->records) {
        records.push_back(bytes_of(record));
    }
    return records;
}

hsm::Result<void> ModuleGroup::audit_release(const Digest& module_id, std::uint64_t up_to_index) {
    hsm::protocol::AuditReleaseRequest request;
    request.up_to_index = up_to_index;
    TRY(ask(module_id, request));
    return {};
}

}  // namespace server::app
