#include "hsm/cli/first_start.h"

#include <chrono>

#include <openssl/rand.h>

#include "hsm/cli/device_certificate.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/statement.h"

namespace hsm::cli {
namespace {

using client::Session;
using protocol::GetInfoResponse;
using protocol::State;
using InfoReply = client::Reply<GetInfoResponse>;

// Making a KEK in SoftHSM takes its time, on a busy machine more.
constexpr std::chrono::seconds patience{30};

std::vector<Byte> copy_of(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

std::uint64_t host_time_ms() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

Result<std::vector<InfoReply>> read_modules(std::span<Session* const> modules) {
    std::vector<InfoReply> replies;
    for (auto* module : modules) {
        TRY_ASSIGN(auto reply, module->call(protocol::GetInfoRequest{}, client::after(patience)));
        if (reply->state != State::blank && reply->state != State::operational) {
            return Status::wrong_state;
        }
        replies.push_back(std::move(reply));
        if (replies.back()->assurance_class != replies.front()->assurance_class) {
            return Status::configuration_wrong;
        }
    }
    return replies;
}

// That of the members who have one; empty when all are blank.
Result<std::vector<Byte>> present_configuration(const std::vector<InfoReply>& modules) {
    std::vector<Byte> configuration;
    for (const auto& module : modules) {
        if (module->state != State::operational) {
            continue;
        }
        if (!configuration.empty() && !equal(configuration, module->configuration)) {
            return Status::configuration_wrong;
        }
        configuration = copy_of(module->configuration);
    }
    return configuration;
}

Result<std::vector<Byte>> make_configuration(const GroupPlan& plan,
                                             const P256Key& custodian,
                                             const std::vector<InfoReply>& modules) {
    protocol::GroupConfiguration group;
    CHECK(::RAND_bytes(group.group_id.data(), static_cast<int>(group.group_id.size())) == 1);
    group.assurance_class = modules.front()->assurance_class;
    group.rp_id = plan.rp_id;
    group.origin = plan.origin;
    group.officers_needed = plan.officers_needed;
    CHECK(group.custodians.push_back(custodian.point()));
    for (const auto& officer : plan.officers) {
        if (!group.officers.push_back(officer.point) ||
            !group.officers_backup_eligible.push_back(officer.backup_eligible ? 1 : 0) ||
            !group.officers_persons.push_back(officer.person)) {
            return Status::configuration_wrong;
        }
    }
    for (const auto& module : modules) {
        if (!group.members.push_back(module->module_id)) {
            return Status::configuration_wrong;
        }
    }
    std::array<Byte, protocol::configuration_size_max> buffer;
    TRY_ASSIGN(auto encoded, protocol::encode_tagged(group, buffer));
    return copy_of(encoded);
}

// One module's ceremony; the people and things that take part in it.
struct Ceremony {
    const GroupPlan& plan;
    const P256Key& custodian;
    const P256Key& root;
    const ApproveAsOfficer& approve;
    ByteView configuration;
};

Result<void> provision(Session& session,
                       const GetInfoResponse& module,
                       const Ceremony& ceremony,
                       protocol::EpochMode mode,
                       ByteView device_certificate) {
    const ByteView configuration_parts[] = {ceremony.configuration};
    const protocol::ProvisionStatement statement{
        module.module_id, module.provisioning_nonce, sha256(configuration_parts)};
    std::array<Byte, 256> buffer;
    TRY_ASSIGN(auto encoded, protocol::encode_tagged(statement, buffer));
    const ByteView statement_parts[] = {encoded};
    const auto challenge = sha256(statement_parts);

    if (!is_device_certificate(
            ceremony.root, device_certificate, module.identity_spki, module.assurance_class)) {
        return Status::certificate_wrong;
    }
    const auto custodian_signature = ceremony.custodian.sign(encoded);
    std::vector<std::vector<Byte>> assertions;
    for (std::size_t i = 0; i < ceremony.plan.officers.size(); ++i) {
        TRY_ASSIGN(auto assertion, ceremony.approve(i, challenge));
        assertions.push_back(std::move(assertion));
    }

    protocol::ProvisionRequest request;
    request.configuration = ceremony.configuration;
    request.device_certificate = device_certificate;
    CHECK(request.custodian_signatures.push_back(custodian_signature));
    for (const auto& assertion : assertions) {
        if (!request.assertions.push_back(assertion)) {
            return Status::configuration_wrong;
        }
    }
    request.mode = mode;
    request.host_time = host_time_ms();
    auto provisioned = session.call(request, client::after(patience));
    // The epoch exists: an earlier ceremony broke off after making it.
    if (!provisioned && provisioned.error() == Status::wrong_state &&
        mode == protocol::EpochMode::make) {
        request.mode = protocol::EpochMode::join;
        provisioned = session.call(request, client::after(patience));
    }
    return provisioned ? Result<void>() : Result<void>(provisioned.error());
}

}  // namespace

Result<ProvisionedGroup> provision_group(std::span<Session* const> modules,
                                         const GroupPlan& plan,
                                         const P256Key& custodian,
                                         const P256Key& root,
                                         const ApproveAsOfficer& approve) {
    if (modules.empty()) {
        return Status::configuration_wrong;
    }
    TRY_ASSIGN(const auto replies, read_modules(modules));
    ProvisionedGroup group;
    group.assurance_class = replies.front()->assurance_class;
    TRY_ASSIGN(group.configuration, present_configuration(replies));
    auto mode = protocol::EpochMode::join;
    if (group.configuration.empty()) {
        mode = protocol::EpochMode::make;
        TRY_ASSIGN(group.configuration, make_configuration(plan, custodian, replies));
    }

    const Ceremony ceremony{plan, custodian, root, approve, group.configuration};
    for (std::size_t i = 0; i < modules.size(); ++i) {
        const auto& module = *replies[i];
        group.module_ids.push_back(module.module_id);
        if (module.state == State::operational) {
            group.device_certificates.push_back(copy_of(module.device_certificate));
            continue;
        }
        TRY_ASSIGN(auto certificate,
                   issue_device_certificate(root, module.identity_spki, module.assurance_class));
        TRY(provision(*modules[i], module, ceremony, mode, certificate));
        group.device_certificates.push_back(std::move(certificate));
        mode = protocol::EpochMode::join;
    }
    return group;
}

}  // namespace hsm::cli
