#include "server/cli/bringup/rehearsal_people.h"

#include "cloudsign/random.h"
#include "hsm/openssl/digest.h"
#include "hsm/protocol/statement.h"

namespace server::cli::bringup {

namespace wire = hsm::protocol;
using hsm::Bytes;
using hsm::ByteView;
using hsm::custodian::Key;
using hsm::softphone::Passkey;

namespace {

constexpr std::string_view rp_id = "approve.bringup.test";
constexpr std::string_view origin = "https://approve.bringup.test";

Bytes bytes_of(const hsm::Result<ByteView>& encoded) {
    CHECK(encoded.has_value());
    return {encoded->begin(), encoded->end()};
}

}  // namespace

RehearsalPeople::RehearsalPeople()
    : custodians_{Key::make(), Key::make(), Key::make()}, subject_hash_(cloudsign::random_32()) {}

Bytes RehearsalPeople::approve(const Passkey& by, const hsm::Digest& challenge) const {
    const auto assertion = by.make_assertion(challenge, {rp_id, origin});
    std::array<hsm::Byte, wire::assertion_size_max> buffer;
    return bytes_of(wire::encode_assertion(assertion.view(), buffer));
}

Bytes RehearsalPeople::group(wire::AssuranceClass assurance_class,
                             const hsm::Digest& member) const {
    wire::GroupConfiguration group;
    const auto id = cloudsign::random_32();
    std::ranges::copy(std::span(id).first(group.group_id.size()), group.group_id.begin());
    group.assurance_class = assurance_class;
    group.rp_id = rp_id;
    group.origin = origin;
    CHECK(group.officers.push_back(officer_.point()));
    CHECK(group.officers_backup_eligible.push_back(0));
    CHECK(group.officers_persons.push_back(1));
    group.custodians_needed = custodians_needed;
    for (const auto& custodian : custodians_) {
        CHECK(group.custodians.push_back(custodian.point()));
    }
    CHECK(group.members.push_back(member));
    std::array<hsm::Byte, wire::configuration_size_max> buffer;
    return bytes_of(wire::encode_tagged(group, buffer));
}

Bytes RehearsalPeople::policy() const {
    wire::Policy policy;
    policy.rp_id = rp_id;
    policy.origin = origin;
    policy.subject_hash = subject_hash_;
    CHECK(policy.points.push_back(signer_.point()));
    CHECK(policy.backup_eligible.push_back(0));
    std::array<hsm::Byte, wire::policy_size_max> buffer;
    return bytes_of(wire::encode(policy, buffer));
}

hsm::Result<hsm::Digest> RehearsalPeople::bind_root(ByteView unbound) const {
    TRY_ASSIGN(const auto blob, wire::decode_blob(unbound));
    wire::BindStatement statement;
    statement.kind = blob.header.kind;
    statement.key_id = blob.header.key_id;
    statement.policy = blob.header.policy;
    statement.subject_hash = subject_hash_;
    CHECK(statement.thumbprints.push_back(signer_.thumbprint()));
    std::array<hsm::Byte, 2048> buffer;
    TRY_ASSIGN(const auto encoded, wire::encode_tagged(statement, buffer));
    return wire::statement_root(wire::BindStatement::tag, encoded, hsm::sha256);
}

}  // namespace server::cli::bringup
