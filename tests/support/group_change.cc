#include "tests/support/group_change.h"

namespace tests::support {

namespace wire = hsm::protocol;
using hsm::Digest;
using hsm::Result;

wire::ChangeGroupRequest GroupChange::request() const {
    wire::ChangeGroupRequest request;
    request.configuration = configuration;
    for (const auto& assertion : assertions) {
        CHECK(request.assertions.push_back(assertion));
    }
    for (const auto& signature : custodian_signatures) {
        CHECK(request.custodian_signatures.push_back(signature));
    }
    for (const auto& receipt : receipts) {
        CHECK(request.receipts.push_back(receipt));
    }
    request.host_time = 1000;
    return request;
}

GroupChange change_of(const Target& module,
                      const People& before,
                      const People& after,
                      std::span<const Digest> members) {
    const auto info = call(module, wire::GetInfoRequest{});
    CHECK(info.has_value());
    const auto group = wire::decode_tagged<wire::GroupConfiguration>((*info)->configuration);
    CHECK(group.has_value());

    GroupChange change;
    change.configuration = configuration_of(after, group->assurance_class, members);
    Bytes buffer(256);
    const auto challenge = wire::tagged_hash(
        wire::ChangeStatement{
            group->group_id, sha256_of((*info)->configuration), sha256_of(change.configuration)},
        buffer,
        sha256);
    CHECK(challenge.has_value());
    change.challenge = *challenge;
    for (std::size_t i = 0; i < before.officers_needed; ++i) {
        change.assertions.push_back(before.officer_approves(change.challenge, i));
    }
    for (std::size_t i = 0; i < after.officers.size(); ++i) {
        const auto is_known = [&](const wire::Point& point) {
            return std::ranges::find(group->officers, point) != group->officers.end();
        };
        if (!is_known(after.officers[i].point())) {
            change.assertions.push_back(after.officer_approves(change.challenge, i));
        }
    }
    return change;
}

void let_custodians_sign(GroupChange& change, const People& before) {
    change.custodian_signatures.assign(before.custodians.size(), {});
    for (std::size_t i = 0; i < before.custodians_needed; ++i) {
        change.custodian_signatures[i] = before.custodians[i].sign(change.challenge);
    }
}

hsm::Status status_of_change(const Target& operating, const GroupChange& change) {
    const auto reply = call(operating, change.request());
    return reply ? hsm::Status::ok : reply.error();
}

Digest zeroise_challenge(const Target& module) {
    const auto info = call(module, wire::GetInfoRequest{});
    CHECK(info.has_value());
    Bytes buffer(256);
    const auto hash = wire::tagged_hash(
        wire::ZeroiseStatement{(*info)->module_id, (*info)->provisioning_nonce}, buffer, sha256);
    CHECK(hash.has_value());
    return *hash;
}

Result<Bytes> zeroise(const Target& operating, const People& people) {
    const auto challenge = zeroise_challenge(operating);
    std::vector<Bytes> assertions;
    for (std::size_t i = 0; i < people.officers_needed; ++i) {
        assertions.push_back(people.officer_approves(challenge, i));
    }
    wire::ZeroiseRequest request;
    for (const auto& assertion : assertions) {
        CHECK(request.assertions.push_back(assertion));
    }
    TRY_ASSIGN(const auto reply, call(operating, request));
    return copy_of(reply->receipt);
}

Result<std::vector<Bytes>> export_table(const Target& from, const Target& into) {
    TRY_ASSIGN(const auto info, call(into, wire::GetInfoRequest{}));
    std::vector<Bytes> pages;
    wire::TableExportRequest request{info->module_id, info->provisioning_nonce, 0};
    do {
        TRY_ASSIGN(const auto reply, call(from, request));
        pages.push_back(copy_of(reply->page));
        request.cursor = reply->next;
    } while (request.cursor != 0);
    return pages;
}

Result<wire::State> import_table(const Target& operating, std::span<const Bytes> pages) {
    auto state = wire::State::provisioned;
    for (const auto& page : pages) {
        TRY_ASSIGN(const auto reply, call(operating, wire::TableImportRequest{page, 1000}));
        state = reply->state;
    }
    return state;
}

}  // namespace tests::support
