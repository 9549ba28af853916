#include "tests/faults/attempt.h"

#include "firmware/engine/digest.h"
#include "firmware/keystore/key_blob.h"
#include "firmware/keystore/policy.h"
#include "hsm/protocol/merkle_tree.h"
#include "tests/faults/signing_watch.h"

namespace tests::faults {
namespace {

namespace engine = firmware::engine;
namespace keystore = firmware::keystore;
namespace wire = hsm::protocol;
using hsm::Byte;
using hsm::ByteView;
using hsm::Digest;
using hsm::Result;
using wire::Purpose;

void forge(Mac mac, Digest& bytes) {
    if (mac == Mac::zeros) {
        bytes.fill(0);
    } else if (mac == Mac::other) {
        bytes[0] ^= 0x80;
    }
}

Digest filled(Byte byte) {
    Digest digest;
    digest.fill(byte);
    return digest;
}

Digest leaf_of(std::uint32_t index, Byte hash) {
    const auto leaf = wire::leaf_hash(
        index, wire::DigestAlgorithm::sha256, filled(hash), Digest{}, engine::sha256);
    CHECK(leaf.has_value());
    return *leaf;
}

const Phone& holder_of(const Plan& plan) {
    return plan.policy_of != nullptr ? *plan.policy_of : world().signer;
}

template <class Statement>
Digest root_over(const Statement& statement) {
    std::array<Byte, 1024> scratch;
    const auto encoded = wire::encode_tagged(statement, scratch);
    CHECK(encoded.has_value());
    const auto root = wire::statement_root(Statement::tag, *encoded, engine::sha256);
    CHECK(root.has_value());
    return *root;
}

template <class T>
hsm::Status status_of(const Result<T>& answer) {
    return answer ? hsm::Status::ok : refusal(answer.error());
}

}  // namespace

Digest Attempt::seal_blob(const Plan& plan) {
    auto& module = world();
    wire::KeyHeader header;
    header.epoch = 1;
    const ByteView spki[] = {module.key.spki};
    header.key_id = engine::sha256(spki);
    header.version = plan.version;
    encoded_policy_ = encode_policy(holder_of(plan).point(), policy_);
    header.policy = encoded_policy_;
    header.spki = module.key.spki;
    if (plan.version != 0) {
        header.officer = module.officer.thumbprint();
    }
    key_id_ = header.key_id;
    const auto sealed = keystore::seal_blob(module.core.engine, header, module.key.wrapped, blob_);
    CHECK(sealed.has_value());
    // The MAC is the blob's end.
    Digest mac;
    std::ranges::copy(sealed->last(mac.size()), mac.begin());
    forge(plan.blob_mac, mac);
    std::ranges::copy(mac, blob_.begin() + sealed->size() - mac.size());
    request_.blob = *sealed;
    return keystore::policy_hash(header.policy);
}

Digest Attempt::batch_root(std::uint32_t leaf_count) {
    std::array<Digest, leaf_count_max> leaves;
    for (std::uint32_t i = 0; i < leaf_count; ++i) {
        leaves[i] = leaf_of(i, i == leaf_count - 1 ? approved_byte : Byte{0x44});
    }
    const auto used = std::span(leaves).first(leaf_count);
    const auto path = wire::tree_path(used, leaf_count - 1, engine::sha256);
    const auto root = wire::tree_root(used, engine::sha256);
    CHECK(path.has_value() && root.has_value());
    auto end = path_.begin();
    for (const auto& sibling : *path) {
        end = std::ranges::copy(sibling, end).out;
    }
    request_.path = ByteView(path_).first(static_cast<std::size_t>(end - path_.begin()));
    request_.leaf_index = leaf_count - 1;
    return *root;
}

Digest Attempt::root_of(const Plan& plan) {
    if (plan.purpose == Purpose::rebind) {
        encoded_new_policy_ = encode_policy(plan.successor->point(), new_policy_);
        return root_over(wire::RebindStatement{key_id_, plan.version, encoded_new_policy_});
    }
    if (plan.purpose == Purpose::bind) {
        const auto& holder = plan.stated_for != nullptr ? *plan.stated_for : holder_of(plan);
        std::array<Byte, policy_room> policy;
        wire::BindStatement statement;
        statement.key_id = key_id_;
        statement.policy = encode_policy(holder.point(), policy);
        CHECK(statement.thumbprints.push_back(holder.thumbprint()));
        return root_over(statement);
    }
    if (plan.purpose == Purpose::revoke) {
        const auto version = plan.stated_version != 0 ? plan.stated_version : plan.version;
        return root_over(wire::RevokeKeyStatement{key_id_, version});
    }
    return batch_root(plan.leaf_count);
}

void Attempt::open_activation(const Plan& plan, const Digest& policy_hash) {
    auto& core = world().core;
    wire::ChallengePreimage preimage;
    preimage.purpose = plan.purpose;
    preimage.module_id = core.identity.module_id;
    preimage.boot_counter = plan.boot_counter;
    preimage.expiry_tick_ms = plan.expiry_tick_ms;
    preimage.key_id = key_id_;
    preimage.blob_version = plan.version;
    preimage.policy_hash = policy_hash;
    if (plan.purpose == Purpose::sign) {
        preimage.algorithm = {wire::Scheme::ecdsa, wire::DigestAlgorithm::sha256, 0};
    }
    preimage.leaf_count = plan.leaf_count;
    preimage.root = root_of(plan);
    const auto now_ms = core.clock.tick_ms();
    const auto sequence = core.ledger.open(now_ms, plan.expiry_tick_ms);
    CHECK(sequence.has_value());
    preimage.sequence = *sequence;
    const auto opened = core.boot_key.seal(preimage, preimage_);
    CHECK(opened.has_value());
    request_.preimage = opened->preimage;
    request_.mac = opened->mac;
    forge(plan.activation_mac, request_.mac);
    challenge_ = opened->challenge;
    if (plan.is_spent) {
        const firmware::activation::Occurrence occurrence{
            *sequence, plan.expiry_tick_ms, request_.leaf_index, plan.leaf_count};
        const auto place = core.ledger.find(occurrence, now_ms);
        CHECK(place.has_value());
        core.ledger.spend(*place, occurrence);
    }
}

void Attempt::add_assertion(const Plan& plan, const Phone& by, const Phone& claimed) {
    auto text = plan.text;
    text.challenge = plan.challenge_is_another ? filled(0x77) : challenge_;
    auto& room = assertions_[request_.assertions.size()];
    CHECK(request_.assertions.push_back(by.assertion(text, claimed.thumbprint(), room)));
}

void Attempt::make(const Plan& plan) {
    request_ = {};
    purpose_ = plan.purpose;
    is_in_order_ = plan.is_in_order;
    version_ = plan.version;
    auto opened_for = seal_blob(plan);
    if (plan.opened_for != nullptr) {
        std::array<Byte, policy_room> policy;
        opened_for = keystore::policy_hash(encode_policy(plan.opened_for->point(), policy));
    }
    open_activation(plan, opened_for);
    const auto& by = plan.by != nullptr ? *plan.by : world().signer;
    if (plan.has_assertion) {
        add_assertion(plan, by, plan.claimed != nullptr ? *plan.claimed : by);
    }
    if (plan.and_by != nullptr) {
        add_assertion(plan, *plan.and_by, *plan.and_by);
    }
    hash_ = filled(plan.asked);
    request_.hash = hash_;
}

hsm::Status Attempt::send() {
    switch (purpose_) {
        case Purpose::bind:
            return send_bind();
        case Purpose::rebind:
            return send_rebind();
        case Purpose::revoke:
            return send_revoke();
        default:
            return send_sign();
    }
}

hsm::Status Attempt::send_sign() {
    watch_signing(is_in_order_);
    const auto answer = status_of(firmware::command::sign(world().core, request_));
    return judge_signing(answer);
}

hsm::Status Attempt::send_bind() {
    const auto answer = firmware::command::bind(
        world().core, {request_.blob, request_.preimage, request_.mac, request_.assertions, 0});
    if (!answer) {
        return refusal(answer.error());
    }
    return has_policy(answer->blob, encoded_policy_) ? hsm::Status::ok
                                                     : hsm::Status::blob_malformed;
}

hsm::Status Attempt::send_rebind() {
    auto& core = world().core;
    const auto answer = status_of(firmware::command::rebind_prepare(core,
                                                                    {request_.blob,
                                                                     request_.preimage,
                                                                     request_.mac,
                                                                     request_.assertions,
                                                                     encoded_new_policy_,
                                                                     0}));
    // What counts is what rebind_finish would find.
    const auto entry = core.revocations.find(key_id_);
    if (entry && entry->prepared_policy == keystore::policy_hash(encoded_new_policy_)) {
        return hsm::Status::ok;
    }
    return answer == hsm::Status::ok ? hsm::Status::rebind_not_prepared : answer;
}

hsm::Status Attempt::send_revoke() {
    auto& core = world().core;
    const auto answer = status_of(firmware::command::revoke_key(
        core, {request_.blob, request_.preimage, request_.mac, request_.assertions, 0}));
    // What counts is whether the key is dead.
    const auto entry = core.revocations.find(key_id_);
    if (entry && entry->minimum_version > version_ && !entry->prepared_policy) {
        return hsm::Status::ok;
    }
    return refusal(answer);
}

hsm::Status refusal(hsm::Status status) {
    return status == hsm::Status::ok ? hsm::Status::malformed : status;
}

bool has_policy(ByteView blob, ByteView policy) {
    const auto decoded = wire::decode_blob(blob);
    return decoded && hsm::equal(decoded->header.policy, policy);
}

}  // namespace tests::faults
