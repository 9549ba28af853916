#include "tests/support/module_target.h"

#include <chrono>
#include <thread>

#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/merkle_tree.h"
#include "hsm/protocol/statement.h"

namespace tests::support {

namespace wire = hsm::protocol;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using hsm::Status;

Status status_of(ByteView response) {
    const auto head = wire::decode_response_head(response);
    return head ? head->status : head.error();
}

Bytes configuration_of(const People& people,
                       wire::AssuranceClass assurance_class,
                       std::span<const Digest> members) {
    wire::GroupConfiguration group;
    group.group_id = {1, 2, 3};
    group.assurance_class = assurance_class;
    group.rp_id = people.rp_id;
    group.origin = people.origin;
    group.officers_needed = people.officers_needed;
    group.revision = people.revision;
    for (std::size_t i = 0; i < people.officers.size(); ++i) {
        const auto& officer = people.officers[i];
        CHECK(group.officers.push_back(officer.point()));
        CHECK(group.officers_backup_eligible.push_back(officer.is_backup_eligible() ? 1 : 0));
        CHECK(group.officers_persons.push_back(people.officers_persons.empty()
                                                   ? static_cast<std::uint8_t>(i + 1)
                                                   : people.officers_persons[i]));
    }
    for (const auto& former : people.former_officers) {
        CHECK(group.former_officers.push_back(former));
    }
    group.custodians_needed = people.custodians_needed;
    for (const auto& custodian : people.custodians) {
        CHECK(group.custodians.push_back(custodian.point()));
    }
    for (const auto& member : members) {
        CHECK(group.members.push_back(member));
    }
    Bytes buffer(wire::configuration_size_max);
    const auto encoded_group = wire::encode_tagged(group, buffer);
    CHECK(encoded_group.has_value());
    return copy_of(*encoded_group);
}

Result<void> provision(const Target& module,
                       const People& people,
                       ByteView configuration,
                       wire::EpochMode mode) {
    TRY_ASSIGN(auto info, call(module, wire::GetInfoRequest{}));
    const wire::ProvisionStatement statement{
        info->module_id, info->provisioning_nonce, sha256_of(configuration)};
    Bytes buffer(256);
    TRY_ASSIGN(auto hash, wire::tagged_hash(statement, buffer, sha256));

    std::vector<Bytes> assertions;
    wire::ProvisionRequest request;
    for (std::size_t i = 0; i < people.officers.size(); ++i) {
        assertions.push_back(people.officer_approves(hash, i));
    }
    for (const auto& assertion : assertions) {
        CHECK(request.assertions.push_back(assertion));
    }
    std::vector<Bytes> signatures;
    for (const auto& custodian : people.custodians) {
        signatures.push_back(custodian.sign(hash));
    }
    for (const auto& signature : signatures) {
        CHECK(request.custodian_signatures.push_back(signature));
    }
    request.configuration = configuration;
    request.device_certificate = info->identity_spki;  // any bytes: verifiers check it, not modules
    request.mode = mode;
    TRY(call(module, request));
    return {};
}

Bytes policy_of(const People& people, const PolicyForm& form) {
    wire::Policy policy;
    policy.rp_id = people.rp_id;
    policy.origin = people.origin;
    policy.backup = form.backup;
    policy.subject_hash = form.subject_hash;
    for (const auto& key : form.keys) {
        CHECK(policy.points.push_back(key.point()));
        CHECK(policy.backup_eligible.push_back(key.is_backup_eligible() ? 1 : 0));
    }
    Bytes buffer(wire::policy_size_max);
    const auto encoded_policy = wire::encode(policy, buffer);
    CHECK(encoded_policy.has_value());
    return copy_of(*encoded_policy);
}

std::vector<Hash> some_hashes(std::size_t count, std::size_t hash_size) {
    std::vector<Hash> hashes;
    for (std::size_t i = 0; i < count; ++i) {
        Hash hash{{}, random_digest()};
        while (hash.hash.size() < hash_size) {
            const auto more = random_digest();
            hash.hash.insert(hash.hash.end(), more.begin(), more.end());
        }
        hash.hash.resize(hash_size);
        hashes.push_back(hash);
    }
    return hashes;
}

namespace {

std::vector<Digest> leaves_of(std::span<const Hash> hashes, wire::DigestAlgorithm digest) {
    std::vector<Digest> leaves;
    for (std::uint32_t i = 0; i < hashes.size(); ++i) {
        const auto leaf = wire::leaf_hash(i, digest, hashes[i].hash, hashes[i].label_hash, sha256);
        CHECK(leaf.has_value());
        leaves.push_back(*leaf);
    }
    return leaves;
}

}  // namespace

Digest root_of(std::span<const Hash> hashes, wire::DigestAlgorithm digest) {
    const auto root = wire::tree_root(leaves_of(hashes, digest), sha256);
    CHECK(root.has_value());
    return *root;
}

Bytes path_of(std::span<const Hash> hashes, std::size_t index, wire::DigestAlgorithm digest) {
    const auto path = wire::tree_path(leaves_of(hashes, digest), index, sha256);
    CHECK(path.has_value());
    Bytes bytes;
    for (const auto& sibling : *path) {
        bytes.insert(bytes.end(), sibling.begin(), sibling.end());
    }
    return bytes;
}

Result<Activation> open_activation(const Target& module,
                                   ByteView blob,
                                   wire::Purpose purpose,
                                   const wire::Algorithm& algorithm,
                                   std::uint32_t leaf_count,
                                   const Digest& root,
                                   std::uint64_t lifetime_ms) {
    const wire::OpenActivationRequest request{
        blob, purpose, algorithm, leaf_count, root, random_digest(), lifetime_ms};
    TRY_ASSIGN(auto opened, call(module, request));
    return Activation{copy_of(opened->preimage), opened->mac, opened->challenge};
}

Digest bind_root(ByteView unbound_blob) {
    const auto blob = wire::decode_blob(unbound_blob);
    CHECK(blob.has_value());
    const auto policy = wire::decode<wire::Policy>(blob->header.policy);
    CHECK(policy.has_value());
    wire::BindStatement statement;
    statement.kind = blob->header.kind;
    statement.key_id = blob->header.key_id;
    statement.policy = blob->header.policy;
    statement.subject_hash = policy->subject_hash;
    for (const auto& point : policy->points) {
        CHECK(statement.thumbprints.push_back(wire::thumbprint(point, sha256)));
    }
    Bytes buffer(2048);
    const auto encoded_statement = wire::encode_tagged(statement, buffer);
    CHECK(encoded_statement.has_value());
    return *wire::statement_root(wire::BindStatement::tag, *encoded_statement, sha256);
}

Digest rebind_root(ByteView blob, ByteView new_policy) {
    const auto decoded = wire::decode_blob(blob);
    CHECK(decoded.has_value());
    const wire::RebindStatement statement{
        decoded->header.key_id, decoded->header.version, new_policy};
    Bytes buffer(2048);
    const auto encoded_statement = wire::encode_tagged(statement, buffer);
    CHECK(encoded_statement.has_value());
    return *wire::statement_root(wire::RebindStatement::tag, *encoded_statement, sha256);
}

Digest revoke_root(ByteView blob) {
    const auto decoded = wire::decode_blob(blob);
    CHECK(decoded.has_value());
    const wire::RevokeKeyStatement statement{decoded->header.key_id, decoded->header.version};
    Bytes buffer(128);
    const auto encoded_statement = wire::encode_tagged(statement, buffer);
    CHECK(encoded_statement.has_value());
    return *wire::statement_root(wire::RevokeKeyStatement::tag, *encoded_statement, sha256);
}

Result<Bytes> generate_key(const Target& module,
                           wire::KeyKind kind,
                           wire::KeyType type,
                           hsm::ByteView policy) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (true) {
        const auto made = call(module, wire::GenerateKeyRequest{kind, type, policy, 0});
        if (made) {
            return copy_of((*made)->blob);
        }
        if (made.error() != Status::busy || std::chrono::steady_clock::now() > deadline) {
            return made.error();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

Result<Holder> enrol(const Target& module,
                     const People& people,
                     wire::KeyType type,
                     wire::KeyKind kind,
                     std::size_t key_count) {
    Holder holder;
    holder.kind = kind;
    holder.subject_hash = random_digest();
    const bool attended = kind == wire::KeyKind::person || kind == wire::KeyKind::organisation;
    holder.keys = std::vector<Passkey>(attended ? key_count : 0);
    holder.policy = policy_of(people, {holder.keys, holder.subject_hash});
    TRY_ASSIGN(holder.unbound, generate_key(module, kind, type, holder.policy));

    TRY_ASSIGN(auto activation,
               open_activation(
                   module, holder.unbound, wire::Purpose::bind, {}, 1, bind_root(holder.unbound)));
    std::vector<Bytes> assertions;
    for (const auto& key : holder.keys) {
        assertions.push_back(key.assertion(people.form(activation.challenge)));
    }
    const std::size_t officers = attended ? std::size_t{1} : people.officers_needed;
    for (std::size_t i = 0; i < officers; ++i) {
        assertions.push_back(people.officer_approves(activation.challenge, i));
    }
    wire::BindRequest request{holder.unbound, activation.preimage, activation.mac, {}, 0};
    for (const auto& assertion : assertions) {
        CHECK(request.assertions.push_back(assertion));
    }
    TRY_ASSIGN(auto bound, call(module, request));
    holder.blob = copy_of(bound->blob);
    return holder;
}

wire::SignRequest Signing::request(std::uint32_t leaf_index) const {
    path_ = path_of(hashes, leaf_index, algorithm.digest);
    wire::SignRequest request;
    request.blob = blob;
    request.preimage = activation.preimage;
    request.mac = activation.mac;
    for (const auto& assertion : assertions) {
        CHECK(request.assertions.push_back(assertion));
    }
    request.leaf_index = leaf_index;
    request.hash = hashes[leaf_index].hash;
    request.label_hash = hashes[leaf_index].label_hash;
    request.path = path_;
    request.host_time = 1'700'000'000'000;
    return request;
}

wire::AcknowledgeRequest acknowledgement_of(const hsm::Digest& challenge,
                                            std::uint32_t leaf_index) {
    wire::AcknowledgeRequest request;
    CHECK(request.occurrences.push_back(wire::to_bytes({challenge, leaf_index})));
    return request;
}

Result<Signing> approved_signing(const Target& module,
                                 const People& people,
                                 const Holder& holder,
                                 std::size_t count,
                                 const wire::Algorithm& algorithm,
                                 std::uint64_t lifetime_ms) {
    Signing signing;
    signing.blob = holder.blob;
    signing.algorithm = algorithm;
    signing.hashes = some_hashes(count, wire::digest_length(algorithm.digest));
    const bool issuer = holder.kind == wire::KeyKind::issuer;
    TRY_ASSIGN(signing.activation,
               open_activation(module,
                               holder.blob,
                               issuer ? wire::Purpose::issue : wire::Purpose::sign,
                               algorithm,
                               static_cast<std::uint32_t>(count),
                               root_of(signing.hashes, algorithm.digest),
                               lifetime_ms));
    if (!issuer) {
        signing.assertions.push_back(
            holder.keys[0].assertion(people.form(signing.activation.challenge)));
        return signing;
    }
    for (std::size_t i = 0; i < people.officers_needed; ++i) {
        signing.assertions.push_back(people.officer_approves(signing.activation.challenge, i));
    }
    return signing;
}

Digest module_id_of(const Target& module) {
    const auto info = call(module, wire::GetInfoRequest{});
    CHECK(info.has_value());
    return (*info)->module_id;
}

std::vector<Bytes> export_log(const Target& module) {
    const auto info = call(module, wire::GetInfoRequest{});
    CHECK(info.has_value());
    std::vector<Bytes> records;
    for (auto next = (*info)->first_log_index; next < (*info)->next_log_index;) {
        const auto part = call(module, wire::AuditExportRequest{next});
        CHECK(part.has_value() && !(*part)->records.empty());
        for (const auto record : (*part)->records) {
            records.push_back(copy_of(record));
        }
        next += (*part)->records.size();
    }
    return records;
}

std::size_t count_signatures(const Target& module) {
    const auto records = export_log(module);
    return static_cast<std::size_t>(std::ranges::count_if(records, [](const Bytes& bytes) {
        const auto record = wire::decode<wire::AuditRecord>(bytes);
        CHECK(record.has_value());
        return record->type == wire::RecordType::signed_leaf;
    }));
}

}  // namespace tests::support
