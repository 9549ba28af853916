#include <gtest/gtest.h>

#include "tests/hostile/bad_input/right_requests.h"
#include "tests/hostile/bad_input/snapshot.h"

// Right requests at the wrong time: each one refused by name, and nothing has changed.
namespace tests::hostile {
namespace {

namespace wire = hsm::protocol;
using hsm::Status;
using support::BareModule;
using support::encoded;
using support::status_of;
using wire::Role;

class OutOfOrder : public testing::Test {
protected:
    void SetUp() override { module.set_up(people); }

    void refuses(const char* what, const Bytes& request, Status expected, Role role) {
        const Snapshot before(module);
        EXPECT_EQ(status_of(module.send(request, role)), expected) << what;
        EXPECT_TRUE(Snapshot(module) == before) << what;
    }
    template <class Request>
    void refuses(const char* what, const Request& request, Status expected) {
        refuses(what, encoded(request), expected, Role::server);
    }
    template <class Request>
    void accepts(const char* what, const Request& request) {
        EXPECT_EQ(status_of(module.send(encoded(request), Role::server)), Status::ok) << what;
    }

    support::Holder holder() { return *support::enrol(module.as(Role::server), people); }
    support::Signing approved(const support::Holder& of, std::size_t count = 1) {
        return *support::approved_signing(module.as(Role::server), people, of, count);
    }

    support::People people;
    BareModule module;
};

TEST_F(OutOfOrder, StartsOnce) {
    const support::People others;
    BareModule fresh;
    EXPECT_EQ(status_of(fresh.send(right_unlock(), Role::operating)), Status::ok);
    const auto first = right_provision(fresh, people);
    const auto second = right_provision(fresh, others);
    EXPECT_EQ(status_of(fresh.send(right_unlock(), Role::operating)), Status::wrong_state);
    EXPECT_EQ(status_of(fresh.send(first, Role::operating)), Status::ok);

    refuses("unlock again", right_unlock(), Status::wrong_state, Role::operating);
    const Snapshot before(fresh);
    EXPECT_EQ(status_of(fresh.send(first, Role::operating)), Status::wrong_state);
    EXPECT_EQ(status_of(fresh.send(second, Role::operating)), Status::wrong_state);
    EXPECT_TRUE(Snapshot(fresh) == before);
}

TEST_F(OutOfOrder, SignsNothingBeforeItsTurnOrTwice) {
    const auto person = holder();
    const auto batch = approved(person, 2);
    const auto first = batch.request(0);
    const auto challenge = batch.activation.challenge;

    refuses("a result before the signature",
            wire::GetResultRequest{challenge, 0},
            Status::no_such_result);
    accepts("sign", first);
    refuses("the same leaf again", first, Status::activation_spent);
    refuses(
        "a result of the other leaf", wire::GetResultRequest{challenge, 1}, Status::no_such_result);
    refuses("a release of what is not acknowledged",
            wire::AuditReleaseRequest{module.core().log.last_index()},
            Status::busy);
    accepts("acknowledge", support::acknowledgement_of(challenge, 0));
    refuses("a result after it is acknowledged",
            wire::GetResultRequest{challenge, 0},
            Status::no_such_result);
    refuses("the same leaf after it is acknowledged", first, Status::activation_spent);
    accepts("sign the other leaf", batch.request(1));
    refuses("a batch that is used up", batch.request(1), Status::activation_spent);
}

TEST_F(OutOfOrder, BindsOnceAndSignsNothingBefore) {
    const auto person = holder();
    const auto signing = approved(person);

    auto unbound = signing.request();
    unbound.blob = person.unbound;
    refuses("sign with the unbound blob", unbound, Status::blob_unbound);
    refuses("attest the unbound blob",
            wire::AttestKeyRequest{person.unbound, {}},
            Status::blob_unbound);
    refuses("open a signature for the unbound blob",
            wire::OpenActivationRequest{
                person.unbound, wire::Purpose::sign, support::es256, 1, {}, {}, 1000},
            Status::blob_unbound);
    refuses("open a bind of the bound blob",
            wire::OpenActivationRequest{person.blob, wire::Purpose::bind, {}, 1, {}, {}, 1000},
            Status::blob_bound_already);
    wire::BindRequest again{
        person.blob, signing.activation.preimage, signing.activation.mac, {}, 0};
    refuses("bind by a signature's activation", again, Status::activation_purpose_wrong);
    accepts("sign", signing.request());
}

TEST_F(OutOfOrder, RebindsInThreeSteps) {
    const auto person = holder();
    const auto signing = approved(person);
    const auto& activation = signing.activation;

    refuses("finish what was not prepared",
            wire::RebindFinishRequest{person.blob, person.policy, {}, 0},
            Status::rebind_not_prepared);
    refuses("prepare by a signature's activation",
            wire::RebindPrepareRequest{
                person.blob, activation.preimage, activation.mac, {}, person.policy, 0},
            Status::activation_purpose_wrong);

    for (const auto& one : right_requests(module, people)) {
        if (one.command != wire::Command::rebind_finish) {
            continue;
        }
        auto finish = *wire::decode_request_body<wire::RebindFinishRequest>(one.request);
        auto without = finish;
        without.acknowledgements = {};
        refuses("finish without the other member", without, Status::acknowledgement_missing);
        auto twice = finish;
        CHECK(twice.acknowledgements.push_back(finish.acknowledgements[0]));
        refuses("finish with one member twice", twice, Status::acknowledgement_wrong);
        auto other = finish;
        const auto another = holder();
        other.blob = another.blob;
        refuses("finish another key", other, Status::rebind_not_prepared);
        refuses("sign by the version that is gone",
                wire::OpenActivationRequest{
                    finish.blob, wire::Purpose::sign, support::es256, 1, {}, {}, 1000},
                Status::blob_revoked);
        accepts("finish", finish);
    }
}

TEST_F(OutOfOrder, EndsWithAStart) {
    const auto person = holder();
    const auto signing = approved(person);
    accepts("sign", approved(person).request());
    ASSERT_TRUE(module.start());

    refuses("sign while locked", encoded(signing.request()), Status::wrong_state, Role::server);
    ASSERT_EQ(status_of(module.send(right_unlock(), Role::server)), Status::ok);
    refuses("sign by an activation of before", signing.request(), Status::activation_mac_wrong);
    EXPECT_EQ(module.core().results.size(), 1u);
}

}  // namespace
}  // namespace tests::hostile
