#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

struct Binding {
    Holder holder;
    Activation activation;

    wire::BindRequest request(const std::vector<Bytes>& assertions) const {
        wire::BindRequest request{holder.unbound, activation.preimage, activation.mac, {}, 0};
        for (const auto& assertion : assertions) {
            CHECK(request.assertions.push_back(assertion));
        }
        return request;
    }
};

Binding new_binding(Matrix& matrix, std::size_t key_count) {
    const auto& module = matrix.target.first.send;
    Binding binding;
    binding.holder.keys = std::vector<Passkey>(key_count);
    binding.holder.policy =
        support::policy_of(matrix.people, {binding.holder.keys, support::random_digest()});
    const wire::GenerateKeyRequest generate{
        wire::KeyKind::person, wire::KeyType::p256, binding.holder.policy, 0};
    binding.holder.unbound = copy_of(must(call(module, generate), "generate")->blob);
    binding.activation = must(support::open_activation(module,
                                                       binding.holder.unbound,
                                                       wire::Purpose::bind,
                                                       {},
                                                       1,
                                                       support::bind_root(binding.holder.unbound)),
                              "open");
    return binding;
}

void approvers(Matrix& matrix) {
    const auto& people = matrix.people;
    const auto binding = new_binding(matrix, 2);
    const auto form = people.form(binding.activation.challenge);
    const auto one = binding.holder.keys[0].assertion(form);
    const auto two = binding.holder.keys[1].assertion(form);
    const auto officer = people.officer_approves(form.challenge);
    const auto other_officer = people.officer_approves(form.challenge, 1);
    const auto stranger = Passkey().assertion(form);
    const auto attacker = matrix.attacker().keys[0].assertion(form);
    const auto custodian = people.custodians[0].assertion(form);
    const auto late_officer = people.officer_approves(support::random_digest());
    auto no_uv = form;
    no_uv.flags = support::user_present;
    const auto careless_officer = people.officers[0].assertion(no_uv);
    auto sign_in = form;
    sign_in.origin = "https://login.kyso.test";
    sign_in.rp_id = "login.kyso.test";
    const auto signed_in_officer = people.officers[0].assertion(sign_in);

    const struct {
        const char* name;
        std::vector<Bytes> assertions;
        Statuses expected;
    } cases[] = {
        {"by nobody", {}, {Status::assertion_missing}},
        {"without the officer", {one, two}, {Status::assertion_missing}},
        {"without the phones", {officer}, {Status::assertion_missing}},
        {"without the first phone", {two, officer}, {Status::assertion_missing}},
        {"without the second phone", {one, officer}, {Status::assertion_missing}},
        {"by officers only", {officer, other_officer}, {Status::assertion_missing}},
        {"with the officer twice", {officer, officer}, {Status::assertion_repeated}},
        {"with all and the officer twice",
         {one, two, officer, officer},
         {Status::assertion_repeated}},
        {"with a phone twice", {one, one, officer}, {Status::assertion_repeated}},
        {"with a stranger for the officer", {one, two, stranger}, {Status::assertion_key_unknown}},
        {"with the custodian for the officer",
         {one, two, custodian},
         {Status::assertion_key_unknown}},
        {"with another signer for a phone",
         {one, attacker, officer},
         {Status::assertion_key_unknown}},
        {"with an officer's other approval",
         {one, two, late_officer},
         {Status::assertion_client_data_wrong}},
        {"with an officer who was not verified",
         {one, two, careless_officer},
         {Status::assertion_flags_wrong}},
        {"with an officer's sign-in",
         {one, two, signed_in_officer},
         {Status::assertion_client_data_wrong, Status::assertion_rp_id_wrong}},
    };
    for (const auto& one_case : cases) {
        matrix.refused(matrix.target.first.send,
                       std::string("bind ") + one_case.name,
                       binding.request(one_case.assertions),
                       one_case.expected);
    }
    matrix.refused(matrix.target.second.send,
                   "bind on the second module",
                   binding.request({one, two, officer}),
                   {Status::activation_mac_wrong});

    const auto bound = call(matrix.target.first.send, binding.request({officer, two, one}));
    EXPECT_TRUE(bound) << "the right bind: " << hsm::base::status_name(bound.error());
    matrix.refused(matrix.target.first.send,
                   "the same bind again",
                   binding.request({one, two, officer}),
                   {Status::activation_spent});
}

// An activation whose root is not the statement of this blob.
void statements(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    auto binding = new_binding(matrix, 1);
    const auto other = new_binding(matrix, 1);
    const auto refused = [&](const std::string& name, const Digest& root) {
        binding.activation =
            must(support::open_activation(
                     module, binding.holder.unbound, wire::Purpose::bind, {}, 1, root),
                 "open");
        const auto form = people.form(binding.activation.challenge);
        matrix.refused(module,
                       "bind with " + name,
                       binding.request({binding.holder.keys[0].assertion(form),
                                        people.officer_approves(form.challenge)}),
                       {Status::leaf_path_wrong});
    };
    refused("the statement of another blob", support::bind_root(other.holder.unbound));
    refused("a root of zeros", {});
    refused("a random root", support::random_digest());
    refused("a rebind's statement",
            support::rebind_root(binding.holder.unbound, binding.holder.policy));
    const auto hashes = support::some_hashes(1);
    refused("a document's leaf", support::root_of(hashes, wire::DigestAlgorithm::sha256));

    const auto form = people.form(other.activation.challenge);
    const std::vector<Bytes> approvals = {other.holder.keys[0].assertion(form),
                                          people.officer_approves(form.challenge)};
    auto request = other.request(approvals);
    request.blob = binding.holder.unbound;
    matrix.refused(
        module, "one key's bind for another key", request, {Status::activation_key_mismatch});
    request.blob = matrix.victim().blob;
    matrix.refused(module, "bind of a bound blob", request, {Status::blob_bound_already});
}

// A host that generates keys may ask for nonsense.
void policies(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    const std::vector<Passkey> keys(2);
    const auto refused =
        [&](const std::string& name, const Bytes& policy, wire::KeyKind kind, Status expected) {
            matrix.refused(module,
                           "generate with " + name,
                           wire::GenerateKeyRequest{kind, wire::KeyType::p256, policy, 0},
                           {expected});
        };
    const auto person = wire::KeyKind::person;
    const auto right = support::policy_of(people, {keys, {}});
    refused("an OCSP key's activation key", right, wire::KeyKind::ocsp, Status::policy_invalid);
    refused("a TSA key's activation key", right, wire::KeyKind::tsa, Status::policy_invalid);
    refused("an issuer's activation key", right, wire::KeyKind::issuer, Status::policy_invalid);
    refused(
        "no activation key", support::policy_of(people, {{}, {}}), person, Status::policy_invalid);
    refused("one key twice",
            support::policy_of(people, {{keys[0], keys[0]}, {}}),
            person,
            Status::policy_invalid);
    refused("an officer's key",
            support::policy_of(people, {{people.officers[1]}, {}}),
            person,
            Status::policy_invalid);
    refused("a synced key where none is allowed",
            support::policy_of(people, {{Passkey(Passkey::Backup::eligible)}, {}}),
            person,
            Status::policy_invalid);
    People elsewhere = people;
    elsewhere.rp_id = "login.kyso.test";
    refused(
        "another rpId", support::policy_of(elsewhere, {keys, {}}), person, Status::policy_invalid);
    elsewhere = people;
    elsewhere.origin = "https://login.kyso.test";
    refused("another origin",
            support::policy_of(elsewhere, {keys, {}}),
            person,
            Status::policy_invalid);
    refused("no policy", {}, person, Status::policy_invalid);
    for (std::size_t size = 1; size < right.size(); size += 7) {
        auto cut = right;
        cut.resize(size);
        refused("a policy cut to " + std::to_string(size), cut, person, Status::policy_invalid);
    }
}

}  // namespace

void bind_cases(Matrix& matrix) {
    approvers(matrix);
    statements(matrix);
    policies(matrix);
}

}  // namespace tests::hostile
