#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

Bytes with_assertions(const Signing& signing, const std::vector<Bytes>& assertions) {
    auto other = signing;
    other.assertions = assertions;
    return encoded(other.request());
}

// The victim's own key signs each of these: a phone that was made to, in another place, at another
// time, or for another purpose.
class Forms {
public:
    Forms(Matrix& matrix, const Signing& signing, const Passkey& key)
        : matrix_(matrix), signing_(signing), key_(key) {}

    AssertionForm right() const { return matrix_.people.form(signing_.activation.challenge); }
    void refused(const std::string& name, const AssertionForm& form, const Statuses& expected) {
        matrix_.refused(matrix_.target.first.send,
                        name,
                        with_assertions(signing_, {key_.assertion(form)}),
                        expected);
    }

private:
    Matrix& matrix_;
    const Signing& signing_;
    const Passkey& key_;
};

void flags(Forms forms) {
    constexpr unsigned ignored = 0x02 | 0x20;  // reserved in WebAuthn §6.1
    for (unsigned flags = 0; flags < 256; ++flags) {
        if ((flags & ~ignored) == (support::user_present | support::user_verified)) {
            continue;
        }
        auto form = forms.right();
        form.flags = static_cast<Byte>(flags);
        forms.refused("flags " + std::to_string(flags),
                      form,
                      {Status::assertion_flags_wrong, Status::assertion_backup_wrong});
    }
    auto no_user_verified = forms.right();
    no_user_verified.flags = support::user_present;
    forms.refused("UV cleared", no_user_verified, {Status::assertion_flags_wrong});
    auto no_user_present = forms.right();
    no_user_present.flags = support::user_verified;
    forms.refused("UP cleared", no_user_present, {Status::assertion_flags_wrong});
    auto synced = forms.right();
    synced.flags = synced.flags | support::backup_eligible | support::backed_up;
    forms.refused("BE set after enrolment", synced, {Status::assertion_backup_wrong});
}

void relying_parties(Forms forms, const People& people) {
    const std::string right = people.rp_id;
    const std::string others[] = {"",
                                  "login.kyso.test",
                                  "kyso.test",
                                  "test",
                                  "x." + right,
                                  right + ".evil.test",
                                  right + ".",
                                  "Approve.kyso.test",
                                  right + ":443",
                                  people.origin,
                                  right + std::string(1, '\0'),
                                  " " + right};
    for (const auto& other : others) {
        auto form = forms.right();
        form.rp_id = other;
        forms.refused("rpId '" + other + "'", form, {Status::assertion_rp_id_wrong});
    }
}

void authenticator_data_sizes(Matrix& matrix, const Signing& signing, const Passkey& key) {
    const auto form = matrix.people.form(signing.activation.challenge);
    const auto right = support::authenticator_data(form);
    for (std::size_t size = 0; size < 80; ++size) {
        if (size == right.size()) {
            continue;
        }
        auto wrong = right;
        wrong.resize(size);
        matrix.refused(
            matrix.target.first.send,
            "authData of " + std::to_string(size) + " bytes",
            with_assertions(signing, {key.assertion_over(wrong, support::client_data_json(form))}),
            {Status::assertion_malformed});
    }
}

struct Der {
    std::string what;
    Bytes encoded;
};

Bytes der_sequence(const Bytes& r, const Bytes& s) {
    Bytes inner;
    for (const auto* integer : {&r, &s}) {
        inner.push_back(0x02);
        inner.push_back(static_cast<Byte>(integer->size()));
        inner.insert(inner.end(), integer->begin(), integer->end());
    }
    Bytes sequence{0x30, static_cast<Byte>(inner.size())};
    sequence.insert(sequence.end(), inner.begin(), inner.end());
    return sequence;
}

// RFC 3279 §2.2.3 Ecdsa-Sig-Value, in encodings that only a lenient parser takes.
std::vector<Der> der_forms(const Bytes& right) {
    const Bytes r(right.begin() + 4, right.begin() + 4 + right[3]);
    const Bytes s(right.begin() + 6 + right[3], right.end());
    const Bytes order = {0x00, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
                         0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7,
                         0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    const auto padded = [](Bytes integer) {
        integer.insert(integer.begin(), 0x00);
        return integer;
    };
    auto long_form = right;
    long_form.insert(long_form.begin() + 1, 0x81);
    auto trailing = right;
    trailing.push_back(0x00);
    auto trailing_inside = right;
    trailing_inside.push_back(0x00);
    ++trailing_inside[1];
    auto endless = right;
    endless[1] = 0x80;
    endless.insert(endless.end(), {0x00, 0x00});
    Bytes raw;
    for (const auto* integer : {&r, &s}) {
        Bytes fixed(integer->begin() + (integer->size() > 32 ? 1 : 0), integer->end());
        raw.insert(raw.end(), 32 - fixed.size(), 0x00);
        raw.insert(raw.end(), fixed.begin(), fixed.end());
    }
    return {{"r with a leading zero", der_sequence(padded(padded(r)), s)},
            {"s with a leading zero", der_sequence(r, padded(padded(s)))},
            {"r and s swapped", der_sequence(s, r)},
            {"r = 0", der_sequence({0x00}, s)},
            {"s = 0", der_sequence(r, {0x00})},
            {"r = s = 0", der_sequence({0x00}, {0x00})},
            {"r = s = 1", der_sequence({0x01}, {0x01})},
            {"r empty", der_sequence({}, s)},
            {"s empty", der_sequence(r, {})},
            {"r = order", der_sequence(order, s)},
            {"s = order", der_sequence(r, order)},
            {"r negative", der_sequence({0x80}, s)},
            {"long form of a short length", long_form},
            {"a byte after the end", trailing},
            {"a byte after s", trailing_inside},
            {"endless sequence", endless},
            {"raw r and s", raw},
            {"a set",
             [&] {
                 auto set = right;
                 set[0] = 0x31;
                 return set;
             }()},
            {"nothing", {}}};
}

void signatures(Matrix& matrix, const Signing& signing, const Passkey& key) {
    const auto right =
        copy_of(must(wire::decode_assertion(signing.assertions[0]), "decode").signature);
    const auto assertion = must(wire::decode_assertion(signing.assertions[0]), "decode");
    const auto refused = [&](const std::string& what, ByteView signature) {
        Bytes buffer(wire::assertion_size_max);
        auto other = assertion;
        other.signature = signature;
        const auto form = must(wire::encode_assertion(other, buffer), "encode");
        matrix.refused(matrix.target.first.send,
                       "assertion signature: " + what,
                       with_assertions(signing, {copy_of(form)}),
                       {Status::assertion_signature_wrong});
    };
    for (const auto& form : der_forms(right)) {
        refused(form.what, form.encoded);
    }
    for (std::size_t size = 0; size < right.size(); ++size) {
        refused("cut to " + std::to_string(size), ByteView(right).first(size));
    }
    refused("over the challenge alone", key.sign(signing.activation.challenge));
    refused("over the client data hash alone",
            key.sign(support::sha256_of(assertion.client_data_json)));
    refused("over the authenticator data alone",
            key.sign(support::sha256_of(assertion.authenticator_data)));
}

void other_people(Matrix& matrix, const Signing& signing) {
    const auto& people = matrix.people;
    const auto form = people.form(signing.activation.challenge);
    const auto& victim = matrix.victim().keys[0];
    const auto& attacker = matrix.attacker().keys[0];
    const Passkey stranger;
    const auto& module = matrix.target.first.send;
    const auto own = victim.assertion(form);
    const auto renamed = [&](const Bytes& assertion, const Digest& thumbprint) {
        auto other = must(wire::decode_assertion(assertion), "decode");
        other.thumbprint = thumbprint;
        Bytes buffer(wire::assertion_size_max);
        return copy_of(must(wire::encode_assertion(other, buffer), "encode"));
    };
    const struct {
        const char* name;
        std::vector<Bytes> assertions;
        Status expected;
    } cases[] = {
        {"nobody", {}, Status::assertion_missing},
        {"another signer", {attacker.assertion(form)}, Status::assertion_key_unknown},
        {"a stranger", {stranger.assertion(form)}, Status::assertion_key_unknown},
        {"an officer", {people.officers[0].assertion(form)}, Status::assertion_key_unknown},
        {"the custodian", {people.custodians[0].assertion(form)}, Status::assertion_key_unknown},
        {"another signer under the victim's name",
         {renamed(attacker.assertion(form), victim.thumbprint())},
         Status::assertion_signature_wrong},
        {"the victim under another signer's name",
         {renamed(own, attacker.thumbprint())},
         Status::assertion_key_unknown},
        {"the victim twice", {own, own}, Status::assertion_repeated},
        {"the victim twice, signed twice",
         {own, victim.assertion(form)},
         Status::assertion_repeated},
        {"the victim and a stranger",
         {own, stranger.assertion(form)},
         Status::assertion_key_unknown},
        {"a stranger and the victim",
         {stranger.assertion(form), own},
         Status::assertion_key_unknown},
        {"all officers",
         {people.officer_approves(form.challenge, 0),
          people.officer_approves(form.challenge, 1),
          people.officer_approves(form.challenge, 2)},
         Status::assertion_key_unknown},
        {"no CBOR", {Bytes{0x00}}, Status::assertion_malformed},
        {"an empty string", {Bytes{}}, Status::assertion_malformed},
        {"an empty array", {Bytes{0x80}}, Status::assertion_malformed},
    };
    for (const auto& one : cases) {
        matrix.refused(module,
                       std::string("approved by ") + one.name,
                       with_assertions(signing, one.assertions),
                       {one.expected});
    }
}

// A synced passkey was enrolled, and now says that it is none.
void synced_passkey(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    Holder holder;
    holder.keys = {Passkey(Passkey::Backup::eligible)};
    holder.policy = support::policy_of(
        people, {holder.keys, support::random_digest(), wire::BackupPolicy::allowed});
    const auto generated = must(
        call(
            module,
            wire::GenerateKeyRequest{wire::KeyKind::person, wire::KeyType::p256, holder.policy, 0}),
        "generate");
    const auto opened = must(support::open_activation(module,
                                                      generated->blob,
                                                      wire::Purpose::bind,
                                                      {},
                                                      1,
                                                      support::bind_root(generated->blob)),
                             "open");
    const auto by_officer = people.officer_approves(opened.challenge);
    const auto refuse_and_bind = [&](Byte flags) {
        auto form = people.form(opened.challenge);
        form.flags = flags;
        const auto data = support::authenticator_data(form);
        const auto assertion = holder.keys[0].assertion_over(data, support::client_data_json(form));
        wire::BindRequest request{generated->blob, opened.preimage, opened.mac, {}, 0};
        CHECK(request.assertions.push_back(assertion));
        CHECK(request.assertions.push_back(by_officer));
        return encoded(request);
    };
    matrix.refused(module,
                   "a synced passkey without BE",
                   refuse_and_bind(support::user_present | support::user_verified),
                   {Status::assertion_backup_wrong});
    matrix.refused(
        module,
        "a synced passkey with BS and no BE",
        refuse_and_bind(support::user_present | support::user_verified | support::backed_up),
        {Status::assertion_backup_wrong});
    EXPECT_EQ(support::status_of(module(refuse_and_bind(
                  support::user_present | support::user_verified | support::backup_eligible))),
              Status::ok);
}

}  // namespace

void assertion_cases(Matrix& matrix) {
    const auto signing = matrix.approved(matrix.victim());
    const auto& key = matrix.victim().keys[0];

    flags({matrix, signing, key});
    relying_parties({matrix, signing, key}, matrix.people);
    authenticator_data_sizes(matrix, signing, key);
    signatures(matrix, signing, key);
    other_people(matrix, signing);
    synced_passkey(matrix);

    matrix.signs(matrix.target.first.send, "assertion untouched", signing.request());
}

}  // namespace tests::hostile
