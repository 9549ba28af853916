#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

class Rebind : public testing::Test {
protected:
    Rebind() : holder_(*enrol(group_.target(0), group_.people)) {}

    // Prepares on `module` for a new phone, everybody approving.
    hsm::Result<Bytes> prepare(std::size_t module, const Passkey& new_key) {
        const auto policy = policy_for(new_key);
        TRY_ASSIGN(auto activation,
                   open_activation(group_.target(module),
                                   holder_.blob,
                                   wire::Purpose::rebind,
                                   {},
                                   1,
                                   rebind_root(holder_.blob, policy)));
        const auto form = group_.people.form(activation.challenge);
        const auto by_old = holder_.keys[0].assertion(form);
        const auto by_new = new_key.assertion(form);
        wire::RebindPrepareRequest request{
            holder_.blob, activation.preimage, activation.mac, {}, policy, 0};
        CHECK(request.assertions.push_back(by_old));
        CHECK(request.assertions.push_back(by_new));
        TRY_ASSIGN(auto reply, call(group_.target(module), request));
        return copy_of(reply->revocation);
    }
    hsm::Result<Bytes> revoke(std::size_t module, const Bytes& revocation) {
        TRY_ASSIGN(auto reply, call(group_.target(module), wire::RevokeRequest{revocation, 0}));
        return copy_of(reply->acknowledgement);
    }
    hsm::Result<Bytes> finish(std::size_t module,
                              const Passkey& new_key,
                              const std::vector<Bytes>& acknowledgements) {
        const auto policy = policy_for(new_key);
        wire::RebindFinishRequest request{holder_.blob, policy, {}, 0};
        for (const auto& acknowledgement : acknowledgements) {
            CHECK(request.acknowledgements.push_back(acknowledgement));
        }
        TRY_ASSIGN(auto reply, call(group_.target(module), request));
        return copy_of(reply->blob);
    }
    Bytes policy_for(const Passkey& key) const {
        return policy_of(group_.people, {{key}, holder_.subject_hash});
    }

    ModuleGroup group_{2};
    const Holder holder_;
    const Passkey new_key_;
};

TEST_F(Rebind, MovesTheKeyToTheNewPhoneOnBothModules) {
    const auto revocation = prepare(0, new_key_);
    ASSERT_EQ(status(revocation), Status::ok);
    const auto acknowledgement = revoke(1, *revocation);
    ASSERT_EQ(status(acknowledgement), Status::ok);
    const auto blob = finish(0, new_key_, {*acknowledgement});
    ASSERT_EQ(status(blob), Status::ok);

    auto renewed = holder_;
    renewed.keys = {new_key_};
    renewed.blob = *blob;
    for (const std::size_t module : {0, 1}) {
        EXPECT_EQ(status(approved_signing(group_.target(module), group_.people, holder_)),
                  Status::blob_revoked);
        const auto signing = approved_signing(group_.target(module), group_.people, renewed);
        ASSERT_EQ(status(signing), Status::ok);
        EXPECT_EQ(status(call(group_.target(module), signing->request())), Status::ok);
    }
    const auto old_header = wire::decode_blob(holder_.blob);
    const auto new_header = wire::decode_blob(*blob);
    EXPECT_EQ(new_header->header.key_id, old_header->header.key_id);
    EXPECT_EQ(new_header->header.version, 2u);
    EXPECT_EQ(new_header->header.officer, old_header->header.officer);
    EXPECT_EQ(copy_of(new_header->wrapped), copy_of(old_header->wrapped));
}

// The host may crash between any two steps, and the modules too.
TEST_F(Rebind, GoesOnWhereItWasAfterRestarts) {
    const auto revocation = prepare(0, new_key_);
    ASSERT_TRUE(revocation);
    group_[0].restart();

    // The first answer was lost, the activation with the restart: the same question, the same
    // answer, and nothing approved anew.
    const auto policy = policy_for(new_key_);
    const wire::RebindPrepareRequest again{holder_.blob, {}, {}, {}, policy, 0};
    const auto repeated = call(group_.target(0), again);
    ASSERT_EQ(status(repeated), Status::ok);
    EXPECT_EQ(copy_of((*repeated)->revocation), *revocation);
    const auto others = policy_for(Passkey());
    const wire::RebindPrepareRequest other{holder_.blob, {}, {}, {}, others, 0};
    EXPECT_EQ(status(call(group_.target(0), other)), Status::activation_mac_wrong);

    const auto acknowledgement = revoke(1, *revocation);
    ASSERT_TRUE(acknowledgement);
    group_[1].restart();
    EXPECT_EQ(*revoke(1, *revocation), *acknowledgement);

    const auto blob = finish(0, new_key_, {*acknowledgement});
    ASSERT_TRUE(blob);
    group_[0].restart();
    EXPECT_EQ(*finish(0, new_key_, {*acknowledgement}), *blob);
    for (const std::size_t module : {0, 1}) {
        EXPECT_EQ(status(approved_signing(group_.target(module), group_.people, holder_)),
                  Status::blob_revoked);
    }
}

TEST_F(Rebind, CountsAcknowledgementsOfOneStepOnly) {
    const auto first = prepare(0, new_key_);
    const auto first_acknowledgement = revoke(1, *first);
    const auto renewed_blob = finish(0, new_key_, {*first_acknowledgement});
    ASSERT_TRUE(renewed_blob);

    auto renewed = holder_;
    renewed.blob = *renewed_blob;
    const Passkey newest;
    const auto policy = policy_for(newest);
    const auto activation = open_activation(group_.target(0),
                                            renewed.blob,
                                            wire::Purpose::rebind,
                                            {},
                                            1,
                                            rebind_root(renewed.blob, policy));
    ASSERT_TRUE(activation);
    const auto form = group_.people.form(activation->challenge);
    const auto by_old = new_key_.assertion(form);
    const auto by_new = newest.assertion(form);
    wire::RebindPrepareRequest request{
        renewed.blob, activation->preimage, activation->mac, {}, policy, 0};
    CHECK(request.assertions.push_back(by_old));
    CHECK(request.assertions.push_back(by_new));
    ASSERT_EQ(status(call(group_.target(0), request)), Status::ok);

    wire::RebindFinishRequest with_old_acknowledgement{renewed.blob, policy, {}, 0};
    CHECK(with_old_acknowledgement.acknowledgements.push_back(*first_acknowledgement));
    EXPECT_EQ(status(call(group_.target(0), with_old_acknowledgement)),
              Status::acknowledgement_wrong);
}

// The holder approved two different phones on two modules: at most one gets the key.
TEST_F(Rebind, ReleasesOneBlobWhenTwoModulesPreparedTheSameStep) {
    const Passkey one;
    const Passkey two;
    const auto by_first = prepare(0, one);
    const auto by_second = prepare(1, two);
    ASSERT_TRUE(by_first);
    ASSERT_TRUE(by_second);

    const auto from_second = revoke(1, *by_first);
    const auto from_first = revoke(0, *by_second);

    EXPECT_NE(status(from_first) == Status::ok, status(from_second) == Status::ok);
    const bool first_wins = status(from_second) == Status::ok;
    EXPECT_EQ(status(finish(
                  0, one, first_wins ? std::vector<Bytes>{*from_second} : std::vector<Bytes>{})),
              first_wins ? Status::ok : Status::rebind_not_prepared);
    EXPECT_EQ(
        status(finish(1, two, first_wins ? std::vector<Bytes>{} : std::vector<Bytes>{*from_first})),
        first_wins ? Status::rebind_not_prepared : Status::ok);
}

TEST_F(Rebind, AddsAndRemovesPhonesWithOneOldOne) {
    ModuleGroup alone;
    auto holder =
        enrol(alone.target(), alone.people, wire::KeyType::p256, wire::KeyKind::person, 3);
    ASSERT_TRUE(holder);
    const auto policy = policy_of(alone.people, {{holder->keys[2]}, holder->subject_hash});
    const auto activation = open_activation(alone.target(),
                                            holder->blob,
                                            wire::Purpose::rebind,
                                            {},
                                            1,
                                            rebind_root(holder->blob, policy));
    ASSERT_TRUE(activation);
    const auto by_old = holder->keys[2].assertion(alone.people.form(activation->challenge));
    wire::RebindPrepareRequest request{
        holder->blob, activation->preimage, activation->mac, {}, policy, 0};
    CHECK(request.assertions.push_back(by_old));
    ASSERT_EQ(status(call(alone.target(), request)), Status::ok);
    EXPECT_EQ(status(call(alone.target(), wire::RebindFinishRequest{holder->blob, policy, {}, 0})),
              Status::ok);
}

}  // namespace
