#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {
namespace {

// Signed rightly by the victim's key, so that only the text decides.
class ClientData {
public:
    ClientData(Matrix& matrix, const Signing& signing) : matrix_(matrix), signing_(signing) {}

    AssertionForm right() const { return matrix_.people.form(signing_.activation.challenge); }

    Bytes request(std::string_view text) const {
        auto other = signing_;
        other.assertions = {
            matrix_.victim().keys[0].assertion_over(support::authenticator_data(right()), text)};
        return encoded(other.request());
    }
    void refused(const std::string& name, std::string_view text) {
        matrix_.refused(matrix_.target.first.send,
                        "client data: " + name,
                        request(text),
                        {Status::assertion_client_data_wrong});
    }
    void refused(const std::string& name, const AssertionForm& form) {
        refused(name, support::client_data_json(form));
    }

private:
    Matrix& matrix_;
    const Signing& signing_;
};

void types(ClientData data) {
    for (const auto* type : {"webauthn.create",
                             "webauthn.Get",
                             "webauthn.get ",
                             "webauthn.get\\u0000",
                             "webauthn",
                             "payment.get",
                             "navigator.id.getAssertion",
                             ""}) {
        auto form = data.right();
        form.type = type;
        data.refused(std::string("type ") + type, form);
    }
}

void origins(ClientData data, const People& people) {
    const std::string right = people.origin;
    const std::string others[] = {"",
                                  "null",
                                  "https://login.kyso.test",
                                  "https://kyso.test",
                                  "http://approve.kyso.test",
                                  "https://Approve.kyso.test",
                                  "https://x.approve.kyso.test",
                                  right + "/",
                                  right + ".",
                                  right + ":443",
                                  right + ":8443",
                                  right + ".evil.test",
                                  right + "@evil.test",
                                  "https://evil.test/" + right,
                                  "https:\\/\\/approve.kyso.test",
                                  "android:apk-key-hash:abc",
                                  " " + right};
    for (const auto& other : others) {
        auto form = data.right();
        form.origin = other;
        data.refused("origin " + other, form);
    }
}

void cross_origin(ClientData data) {
    for (const auto* value : {"true",
                              "null",
                              "0",
                              "\"false\"",
                              "False",
                              "FALSE",
                              " false",
                              "falsey",
                              "false0",
                              "[false]",
                              "true,\"crossOrigin\":false",
                              ""}) {
        auto form = data.right();
        form.cross_origin = value;
        data.refused(std::string("crossOrigin ") + value, form);
    }
    auto absent = data.right();
    absent.cross_origin.reset();
    data.refused("crossOrigin absent", absent);
    absent.more = R"(,"topOrigin":"https://evil.test")";
    data.refused("crossOrigin absent, topOrigin there", absent);
    auto after = data.right();
    after.cross_origin.reset();
    after.more = R"(,"x":1,"crossOrigin":false)";
    data.refused("crossOrigin after another member", after);
}

void challenges(ClientData data, Matrix& matrix) {
    const auto other = matrix.approved(matrix.victim());
    auto form = data.right();
    form.challenge = other.activation.challenge;
    data.refused("the challenge of another activation", form);
    form.challenge = {};
    data.refused("a challenge of zeros", form);
    form.challenge = support::random_digest();
    data.refused("a random challenge", form);

    const auto right = support::client_data_json(data.right());
    const std::string member = R"("challenge":")";
    const auto at = right.find(member) + member.size();
    auto padded = right;
    padded.insert(at + 43, "=");
    data.refused("a padded challenge", padded);
    auto longer = right;
    longer.insert(at + 43, "A");
    data.refused("a longer challenge", longer);
    auto empty = right;
    empty.erase(at, 43);
    data.refused("no challenge", empty);
    auto second = right;
    second.insert(at - member.size(), R"("challenge":"x",)");
    data.refused("two challenges", second);
    // The last character of 32 bytes carries two bits that decoders ignore.
    auto bits = right;
    bits[at + 42] = bits[at + 42] == 'B' ? 'C' : 'B';
    data.refused("other bits in the last character", bits);
}

void texts(ClientData data) {
    const auto right = support::client_data_json(data.right());
    for (std::size_t i = 0; i < right.size(); ++i) {
        const auto where = " at " + std::to_string(i);
        auto spaced = right;
        spaced.insert(i, " ");
        data.refused("a space" + where, spaced);
        auto flipped = right;
        flipped[i] = static_cast<char>(flipped[i] ^ 0x20);
        data.refused("another letter" + where, flipped);
        auto doubled = right;
        doubled.insert(i, 1, right[i]);
        data.refused("a doubled letter" + where, doubled);
        data.refused("cut" + where, right.substr(0, i));
        if (i + 1 < right.size()) {
            data.refused("closed" + where, right.substr(0, i) + "}");
        }
        auto escaped = right;
        escaped.replace(i,
                        1,
                        "\\u00" + std::string(1, "0123456789abcdef"[right[i] >> 4 & 0xf]) +
                            std::string(1, "0123456789abcdef"[right[i] & 0xf]));
        data.refused("an escaped letter" + where, escaped);
    }
    const auto open = right.substr(0, right.size() - 1);
    data.refused("no end", open);
    data.refused("text after the end", right + " ");
    data.refused("a second object", right + right);
    data.refused("a member without end", open + R"(,"x":1)");
    data.refused("only a comma", open + ",");
    data.refused("a byte order mark", "\xef\xbb\xbf" + right);
    data.refused("nothing", "");
}

}  // namespace

void client_data_cases(Matrix& matrix) {
    const auto signing = matrix.approved(matrix.victim());
    const ClientData data(matrix, signing);

    types(data);
    origins(data, matrix.people);
    cross_origin(data);
    challenges(data, matrix);
    texts(data);

    // A whole sign-in: other relying party, other origin, right challenge.
    AssertionForm sign_in = data.right();
    sign_in.rp_id = "login.kyso.test";
    sign_in.origin = "https://login.kyso.test";
    auto other = signing;
    other.assertions = {matrix.victim().keys[0].assertion(sign_in)};
    matrix.refused(matrix.target.first.send,
                   "a sign-in used as approval",
                   other.request(),
                   {Status::assertion_client_data_wrong, Status::assertion_rp_id_wrong});
    sign_in.type = "webauthn.create";
    other.assertions = {matrix.victim().keys[0].assertion(sign_in)};
    matrix.refused(matrix.target.first.send,
                   "a registration used as approval",
                   other.request(),
                   {Status::assertion_client_data_wrong, Status::assertion_rp_id_wrong});
    auto too_long = data.right();
    too_long.more = R"(,"x":")" + std::string(900, 'x') + '"';
    other.assertions = {matrix.victim().keys[0].assertion(too_long)};
    matrix.refused(matrix.target.first.send,
                   "client data over 1,024 bytes",
                   other.request(),
                   {Status::assertion_malformed, Status::malformed});

    // "…what follows is ignored": a browser may add members.
    auto more = data.right();
    more.more = R"(,"other_keys_can_be_added_here":"do not compare clientDataJSON")";
    other.assertions = {matrix.victim().keys[0].assertion(more)};
    matrix.signs(matrix.target.first.send, "client data with another member", other.request());
}

}  // namespace tests::hostile
