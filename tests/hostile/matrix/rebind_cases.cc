#include "hsm/protocol/statement.h"
#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

// A holder with a new phone, and everything on the way to it.
class Change {
public:
    Change(Matrix& matrix, const Target& module)
        : matrix_(matrix),
          module_(module),
          holder(must(
              support::enrol(module, matrix.people, wire::KeyType::p256, wire::KeyKind::person, 2),
              "enrol")) {
        propose({new_key});
    }

    void propose(const std::vector<Passkey>& keys) {
        new_policy = support::policy_of(matrix_.people, {keys, holder.subject_hash});
        open(support::rebind_root(holder.blob, new_policy));
    }
    void open(const Digest& root) {
        activation =
            must(support::open_activation(module_, holder.blob, wire::Purpose::rebind, {}, 1, root),
                 "open");
    }
    Bytes approval(const Passkey& key) const {
        return key.assertion(matrix_.people.form(activation.challenge));
    }
    wire::RebindPrepareRequest request(const std::vector<Bytes>& assertions) const {
        wire::RebindPrepareRequest request{
            holder.blob, activation.preimage, activation.mac, {}, new_policy, 0};
        for (const auto& assertion : assertions) {
            CHECK(request.assertions.push_back(assertion));
        }
        return request;
    }
    // Everybody who has to approves.
    wire::RebindPrepareRequest right() {
        approvals_ = {approval(holder.keys[0]), approval(new_key)};
        return request(approvals_);
    }

private:
    Matrix& matrix_;
    Target module_;
    std::vector<Bytes> approvals_;

public:
    Holder holder;
    const Passkey new_key;
    Bytes new_policy;
    Activation activation;
};

void approvers(Matrix& matrix, Change& change) {
    const auto& people = matrix.people;
    const auto old_one = change.approval(change.holder.keys[0]);
    const auto old_two = change.approval(change.holder.keys[1]);
    const auto new_one = change.approval(change.new_key);
    const auto officer = people.officer_approves(change.activation.challenge);
    const struct {
        const char* name;
        std::vector<Bytes> assertions;
        Status expected;
    } cases[] = {
        {"by nobody", {}, Status::assertion_missing},
        {"without the new key", {old_one}, Status::assertion_missing},
        {"by both old keys", {old_one, old_two}, Status::assertion_missing},
        {"without an old key", {new_one}, Status::assertion_missing},
        {"by the new key twice", {new_one, new_one}, Status::assertion_repeated},
        {"by an officer for the old key", {officer, new_one}, Status::assertion_key_unknown},
        {"by officers", {officer}, Status::assertion_key_unknown},
        {"with the attacker's key",
         {old_one, change.approval(matrix.attacker().keys[0])},
         Status::assertion_key_unknown},
    };
    for (const auto& one : cases) {
        matrix.refused(matrix.target.first.send,
                       std::string("rebind ") + one.name,
                       change.request(one.assertions),
                       {one.expected});
    }
    matrix.refused(matrix.target.second.send,
                   "rebind on the second module",
                   change.request({old_one, new_one}),
                   {Status::activation_mac_wrong});

    const std::vector<Bytes> both_phones = {old_one, new_one};
    auto attackers = change.request(both_phones);
    const auto attackers_policy =
        support::policy_of(people, {{matrix.attacker().keys[0]}, change.holder.subject_hash});
    attackers.new_policy = attackers_policy;
    matrix.refused(matrix.target.first.send,
                   "rebind with the policy exchanged",
                   attackers,
                   {Status::assertion_key_unknown});
    const auto both = support::policy_of(
        people, {{change.new_key, matrix.attacker().keys[0]}, change.holder.subject_hash});
    attackers.new_policy = both;
    matrix.refused(matrix.target.first.send,
                   "rebind with a key added to the policy",
                   attackers,
                   {Status::assertion_missing});
}

void policies(Matrix& matrix, Change& change) {
    const auto& people = matrix.people;
    const auto refused = [&](const char* name, const Bytes& policy, Status expected) {
        change.new_policy = policy;
        change.open(support::rebind_root(change.holder.blob, policy));
        const auto approvals =
            std::vector{change.approval(change.holder.keys[0]), change.approval(change.new_key)};
        matrix.refused(matrix.target.first.send,
                       std::string("rebind to ") + name,
                       change.request(approvals),
                       {expected});
    };
    const auto subject = change.holder.subject_hash;
    refused("the same policy", change.holder.policy, Status::rebind_unchanged);
    refused("another subject",
            support::policy_of(people, {{change.new_key}, support::random_digest()}),
            Status::policy_invalid);
    refused("another backup policy",
            support::policy_of(people, {{change.new_key}, subject, wire::BackupPolicy::allowed}),
            Status::policy_invalid);
    refused("no key", support::policy_of(people, {{}, subject}), Status::policy_invalid);
    refused("an officer's key",
            support::policy_of(people, {{people.officers[2]}, subject}),
            Status::policy_invalid);
    refused("nothing", {}, Status::policy_invalid);
    auto elsewhere = people;
    elsewhere.rp_id = "login.kyso.test";
    refused("another rpId",
            support::policy_of(elsewhere, {{change.new_key}, subject}),
            Status::policy_invalid);
    // An activation for something else, approved by everybody.
    change.propose({change.new_key});
    change.open(support::random_digest());
    matrix.refused(matrix.target.first.send,
                   "rebind with another root",
                   change.right(),
                   {Status::leaf_path_wrong});
    change.open(support::rebind_root(matrix.victim().blob, change.new_policy));
    matrix.refused(matrix.target.first.send,
                   "rebind with another key's root",
                   change.right(),
                   {Status::leaf_path_wrong});
    change.propose({change.new_key});
}

Bytes statement_bytes(const auto& statement, const Digest& mac) {
    Bytes inner(200);
    Bytes outer(200);
    const auto encoded_statement = must(wire::encode_tagged(statement, inner), "encode");
    return copy_of(must(wire::encode_signed({encoded_statement, mac}, outer), "encode"));
}

Digest mac_of(ByteView sealed) {
    Digest mac{};
    std::ranges::copy(must(wire::decode_signed(sealed), "decode").signature, mac.begin());
    return mac;
}

void revocations(Matrix& matrix, const Bytes& revocation, const Change& change) {
    const auto& second = matrix.target.second.send;
    const auto id = must(wire::decode_blob(change.holder.blob), "decode").header.key_id;
    const auto first_id = support::module_id_of(matrix.target.first.send);
    const auto second_id = support::module_id_of(second);
    const auto right = mac_of(revocation);
    const auto refused = [&](const std::string& name, const Bytes& sealed) {
        matrix.refused(second,
                       "revoke with " + name,
                       wire::RevokeRequest{sealed, 0},
                       {Status::acknowledgement_wrong});
    };
    const auto victim = must(wire::decode_blob(matrix.victim().blob), "decode").header.key_id;
    refused("another key", statement_bytes(wire::RevocationStatement{victim, 2, first_id}, right));
    refused("another version", statement_bytes(wire::RevocationStatement{id, 3, first_id}, right));
    refused("another module", statement_bytes(wire::RevocationStatement{id, 2, second_id}, right));
    refused("an acknowledgement's tag",
            statement_bytes(wire::RevokedStatement{id, 2, first_id}, right));
    refused("no MAC", statement_bytes(wire::RevocationStatement{id, 2, first_id}, {}));
    for (std::size_t i = 0; i < revocation.size(); ++i) {
        auto flipped = revocation;
        flipped[i] ^= 0x01;
        refused("byte " + std::to_string(i), flipped);
        refused("only " + std::to_string(i) + " bytes",
                Bytes(revocation.begin(), revocation.begin() + static_cast<std::ptrdiff_t>(i)));
    }
    matrix.refused(matrix.target.first.send,
                   "revoke on the module that prepared",
                   wire::RevokeRequest{revocation, 0},
                   {Status::member_unknown});
}

wire::RebindFinishRequest finish(const Change& change, const std::vector<Bytes>& acknowledgements) {
    wire::RebindFinishRequest request{change.holder.blob, change.new_policy, {}, 0};
    for (const auto& acknowledgement : acknowledgements) {
        CHECK(request.acknowledgements.push_back(acknowledgement));
    }
    return request;
}

void finishes(Matrix& matrix,
              const Change& change,
              const Bytes& revocation,
              const Bytes& acknowledgement) {
    const auto& first = matrix.target.first.send;
    const auto refused = [&](const std::string& name,
                             const std::vector<Bytes>& acknowledgements,
                             Status expected) {
        matrix.refused(first, "finish with " + name, finish(change, acknowledgements), {expected});
    };
    const auto right = mac_of(acknowledgement);
    const auto id = must(wire::decode_blob(change.holder.blob), "decode").header.key_id;
    const auto first_id = support::module_id_of(first);
    refused("no acknowledgement", {}, Status::acknowledgement_missing);
    refused("the revocation itself", {revocation}, Status::acknowledgement_wrong);
    refused("one acknowledgement twice",
            {acknowledgement, acknowledgement},
            Status::acknowledgement_wrong);
    refused("its own acknowledgement",
            {statement_bytes(wire::RevokedStatement{id, 2, first_id}, right)},
            Status::acknowledgement_wrong);
    for (std::size_t i = 0; i < acknowledgement.size(); ++i) {
        auto flipped = acknowledgement;
        flipped[i] ^= 0x01;
        refused("byte " + std::to_string(i), {flipped}, Status::acknowledgement_wrong);
    }
    const std::vector<Bytes> by_second = {acknowledgement};
    auto request = finish(change, by_second);
    const auto other = support::policy_of(
        matrix.people, {{matrix.attacker().keys[0]}, change.holder.subject_hash});
    request.new_policy = other;
    matrix.refused(first, "finish with another policy", request, {Status::rebind_not_prepared});
    request = finish(change, by_second);
    request.blob = matrix.victim().blob;
    matrix.refused(first, "finish for another key", request, {Status::rebind_not_prepared});
    request.blob = change.holder.unbound;
    matrix.refused(first, "finish with the unbound blob", request, {Status::blob_unbound});
    matrix.refused(matrix.target.second.send,
                   "finish on the second module",
                   finish(change, {acknowledgement}),
                   {Status::rebind_not_prepared});
}

// What is left of the old blob, on either module.
void old_blob(Matrix& matrix, const Change& change, const std::string& when) {
    for (const auto* module : {&matrix.target.first, &matrix.target.second}) {
        for (const auto purpose : {wire::Purpose::sign, wire::Purpose::rebind}) {
            const bool sign = purpose == wire::Purpose::sign;
            matrix.refused(module->send,
                           "open the old blob " + when,
                           wire::OpenActivationRequest{change.holder.blob,
                                                       purpose,
                                                       sign ? es256 : wire::Algorithm{},
                                                       1,
                                                       support::random_digest(),
                                                       {},
                                                       60'000},
                           {Status::blob_revoked});
        }
        matrix.refused(module->send,
                       "bind the unbound blob again " + when,
                       wire::OpenActivationRequest{change.holder.unbound,
                                                   wire::Purpose::bind,
                                                   {},
                                                   1,
                                                   support::bind_root(change.holder.unbound),
                                                   {},
                                                   60'000},
                       {Status::blob_revoked});
        matrix.refused(module->send,
                       "attest the old blob " + when,
                       wire::AttestKeyRequest{change.holder.blob, {}},
                       {Status::blob_revoked});
    }
}

}  // namespace

void rebind_cases(Matrix& matrix) {
    const auto& first = matrix.target.first.send;
    const auto& second = matrix.target.second.send;
    Change change(matrix, first);
    approvers(matrix, change);
    policies(matrix, change);

    // Approved on the old phone before the change, and kept for later.
    const auto kept = must(support::approved_signing(first, matrix.people, change.holder), "open");
    const auto kept_elsewhere =
        must(support::approved_signing(second, matrix.people, change.holder), "open");
    matrix.refused(
        first, "finish before prepare", finish(change, {}), {Status::rebind_not_prepared});
    const auto revocation =
        copy_of(must(call(first, change.right()), "the right rebind")->revocation);
    revocations(matrix, revocation, change);
    const auto acknowledgement =
        copy_of(must(call(second, wire::RevokeRequest{revocation, 0}), "revoke")->acknowledgement);
    finishes(matrix, change, revocation, acknowledgement);
    old_blob(matrix, change, "before the new one is out");

    auto renewed = change.holder;
    renewed.blob =
        copy_of(must(call(first, finish(change, {acknowledgement})), "the right finish")->blob);
    old_blob(matrix, change, "after the rebind");
    matrix.refused(first, "sign with the old blob", kept.request(), {Status::blob_revoked});
    matrix.refused(
        second, "sign with it elsewhere", kept_elsewhere.request(), {Status::blob_revoked});
    auto request = kept.request();
    request.blob = renewed.blob;
    matrix.refused(
        first, "an old approval for the new blob", request, {Status::activation_key_mismatch});

    for (const auto* module : {&first, &second}) {
        auto by_old = must(support::approved_signing(*module, matrix.people, renewed), "open");
        matrix.refused(*module,
                       "the old phone for the new blob",
                       by_old.request(),
                       {Status::assertion_key_unknown});
        by_old.assertions = {
            change.new_key.assertion(matrix.people.form(by_old.activation.challenge))};
        matrix.signs(*module, "the new phone signs", by_old.request());
    }
}

}  // namespace tests::hostile
