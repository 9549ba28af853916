#include "tests/hostile/matrix/matrix.h"

namespace tests::hostile {

// A certificate is a signature by an issuer's key over SHA-256(TBSCertificate): two of three
// officers have to want it.
void issue_cases(Matrix& matrix) {
    const auto& module = matrix.target.first.send;
    const auto& people = matrix.people;
    auto signing = matrix.approved(matrix.issuer(), 2);
    const auto right = signing.assertions;
    const auto form = people.form(signing.activation.challenge);
    const auto one = people.officer_approves(form.challenge, 0);
    const auto two = people.officer_approves(form.challenge, 1);
    auto careless = form;
    careless.flags = support::user_present;
    auto elsewhere = form;
    elsewhere.origin = "https://login.kyso.test";

    const struct {
        const char* name;
        std::vector<Bytes> assertions;
        Status expected;
    } cases[] = {
        {"nobody", {}, Status::assertion_missing},
        {"one officer of two", {one}, Status::assertion_missing},
        {"one officer twice", {one, one}, Status::assertion_repeated},
        {"one officer twice, signed twice",
         {one, people.officer_approves(form.challenge, 0)},
         Status::assertion_repeated},
        {"the person to be certified",
         {matrix.attacker().keys[0].assertion(form)},
         Status::assertion_key_unknown},
        {"an officer and the person",
         {one, matrix.attacker().keys[0].assertion(form)},
         Status::assertion_key_unknown},
        {"an officer and a stranger",
         {one, Passkey().assertion(form)},
         Status::assertion_key_unknown},
        {"an officer and the custodian",
         {one, people.custodians[0].assertion(form)},
         Status::assertion_key_unknown},
        {"an officer and one for another batch",
         {one, people.officer_approves(support::random_digest(), 1)},
         Status::assertion_client_data_wrong},
        {"an officer and one who was not verified",
         {one, people.officers[1].assertion(careless)},
         Status::assertion_flags_wrong},
        {"an officer and one in another place",
         {one, people.officers[1].assertion(elsewhere)},
         Status::assertion_client_data_wrong},
    };
    for (const auto& one_case : cases) {
        for (const std::uint32_t leaf : {0u, 1u}) {
            signing.assertions = one_case.assertions;
            matrix.refused(module,
                           std::string("issue by ") + one_case.name,
                           signing.request(leaf),
                           {one_case.expected});
        }
    }
    signing.assertions = {one, two};
    auto request = signing.request(0);
    const auto certificate_of_the_host = support::random_digest();
    request.hash = certificate_of_the_host;
    matrix.refused(module, "issue another certificate", request, {Status::leaf_path_wrong});
    request = signing.request(0);
    request.blob = matrix.victim().blob;
    matrix.refused(module, "issue with a person's key", request, {Status::blob_kind_wrong});
    matrix.refused(matrix.target.second.send,
                   "issue on the second module",
                   signing.request(0),
                   {Status::activation_mac_wrong});

    signing.assertions = {two, people.officer_approves(form.challenge, 2)};
    matrix.signs(module, "issue by two officers", signing.request(0));
    signing.assertions = right;
    matrix.signs(module, "issue the second certificate", signing.request(1));
    matrix.refused(module, "issue again", signing.request(1), {Status::activation_spent});
}

}  // namespace tests::hostile
