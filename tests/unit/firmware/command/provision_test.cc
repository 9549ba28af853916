#include "hsm/protocol/statement.h"
#include "tests/support/module_fixture.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;

class Provision : public testing::Test {
protected:
    Provision() : module_(folder_.path(), "module", clock_) {
        people_.officers = std::vector<Passkey>(2);
        configuration_ = configuration_of(people_,
                                          wire::AssuranceClass::software,
                                          std::vector<hsm::Digest>{module_id_of(module_.target())});
        challenge_ = statement_hash();
    }

    hsm::Digest statement_hash() {
        const auto info = call(module_.target(), wire::GetInfoRequest{});
        Bytes buffer(256);
        return *wire::tagged_hash(
            wire::ProvisionStatement{
                (*info)->module_id, (*info)->provisioning_nonce, sha256_of(configuration_)},
            buffer,
            sha256);
    }
    Status provision(const std::vector<Bytes>& assertions,
                     const Bytes& custodian_signature,
                     hsm::ByteView certificate = hsm::view_of("certificate")) {
        wire::ProvisionRequest request;
        request.configuration = configuration_;
        request.device_certificate = certificate;
        CHECK(request.custodian_signatures.push_back(custodian_signature));
        for (const auto& assertion : assertions) {
            CHECK(request.assertions.push_back(assertion));
        }
        return status(call(module_.target(wire::Role::operating), request));
    }
    std::vector<Bytes> all_officers(const hsm::Digest& challenge) const {
        return {people_.officer_approves(challenge, 0), people_.officer_approves(challenge, 1)};
    }

    TemporaryFolder folder_;
    TestClock clock_;
    InProcessModule module_;
    People people_;
    Bytes configuration_;
    hsm::Digest challenge_{};
};

TEST_F(Provision, NeedsTheCustodianAndEveryOfficer) {
    const auto signature = people_.custodians[0].sign(challenge_);
    const auto officers = all_officers(challenge_);

    EXPECT_EQ(provision(officers, people_.officers[0].sign(challenge_)), Status::custodian_wrong);
    EXPECT_EQ(provision(officers, people_.custodians[0].sign(random_digest())),
              Status::custodian_wrong);
    EXPECT_EQ(provision({}, signature), Status::assertion_missing);
    EXPECT_EQ(provision({officers[0]}, signature), Status::assertion_missing);
    EXPECT_EQ(provision({officers[0], officers[0]}, signature), Status::assertion_repeated);
    EXPECT_EQ(provision({officers[0], Passkey().assertion(people_.form(challenge_))}, signature),
              Status::assertion_key_unknown);
    EXPECT_EQ(provision(all_officers(random_digest()), signature),
              Status::assertion_client_data_wrong);
    EXPECT_EQ(provision(officers, signature, {}), Status::certificate_wrong);
    EXPECT_EQ(module_.module().state(), wire::State::blank);

    EXPECT_EQ(provision(officers, signature), Status::ok);
    EXPECT_EQ(module_.module().state(), wire::State::operational);
    EXPECT_EQ(provision(officers, signature), Status::wrong_state);
}

TEST_F(Provision, LastsAndIsShownInInfo) {
    ASSERT_EQ(provision(all_officers(challenge_), people_.custodians[0].sign(challenge_)),
              Status::ok);

    module_.restart();

    EXPECT_EQ(module_.module().state(), wire::State::operational);
    const auto info = call(module_.target(), wire::GetInfoRequest{});
    ASSERT_TRUE(info);
    EXPECT_EQ(copy_of((*info)->configuration), configuration_);
    EXPECT_EQ(hsm::text_of((*info)->device_certificate), "certificate");
    EXPECT_EQ((*info)->epoch, 1u);
    EXPECT_EQ((*info)->boot_counter, 2u);
    EXPECT_EQ((*info)->engine, "psa");
}

// Each start has another nonce: what was signed for one ceremony is of no use in the next.
TEST_F(Provision, IsForOneStartOnly) {
    const auto signature = people_.custodians[0].sign(challenge_);
    const auto officers = all_officers(challenge_);

    module_.restart();

    EXPECT_EQ(provision(officers, signature), Status::custodian_wrong);
    challenge_ = statement_hash();
    EXPECT_EQ(provision(all_officers(challenge_), people_.custodians[0].sign(challenge_)),
              Status::ok);
}

// The store of one module under the identity of another.
TEST_F(Provision, DoesNotStartWithAStoreOfAnotherIdentity) {
    ASSERT_EQ(provision(all_officers(challenge_), people_.custodians[0].sign(challenge_)),
              Status::ok);
    module_.stop();
    InProcessModule other(folder_.path(), "other", clock_);
    other.stop();
    std::filesystem::copy_file(module_.store_file(),
                               other.store_file(),
                               std::filesystem::copy_options::overwrite_existing);

    other.start();

    EXPECT_EQ(other.module().state(), wire::State::failed);
    EXPECT_EQ(status(call(other.target(), wire::AuditHeadRequest{})), Status::wrong_state);
}

// A hostile operator provisions a blank module of the same token with officers of their own.
TEST(RogueMember, DoesNotIssueWithTheGroupsKey) {
    TemporaryFolder folder;
    TestClock clock;
    const People people;
    const People rogues;
    InProcessModule module(folder.path(), "module", clock);
    InProcessModule rogue(folder.path(), "rogue", clock);
    const auto join = [&](InProcessModule& who, const People& by, wire::EpochMode mode) {
        const std::vector<hsm::Digest> members{module_id_of(who.target())};
        return status(
            tests::support::provision(who.target(wire::Role::operating),
                                      by,
                                      configuration_of(by, wire::AssuranceClass::software, members),
                                      mode));
    };
    ASSERT_EQ(join(module, people, wire::EpochMode::make), Status::ok);
    ASSERT_EQ(join(rogue, rogues, wire::EpochMode::join), Status::ok);
    const auto issuer = enrol(module.target(), people, wire::KeyType::p256, wire::KeyKind::issuer);
    const auto person = enrol(module.target(), people);
    ASSERT_TRUE(issuer && person);

    const auto issuing = approved_signing(rogue.target(), rogues, *issuer);
    ASSERT_TRUE(issuing);
    EXPECT_EQ(status(call(rogue.target(), issuing->request())), Status::configuration_wrong);
    auto signing = approved_signing(rogue.target(), rogues, *person);
    ASSERT_TRUE(signing);
    signing->assertions = {rogues.officer_approves(signing->activation.challenge)};
    EXPECT_EQ(status(call(rogue.target(), signing->request())), Status::assertion_key_unknown);
    EXPECT_EQ(count_signatures(rogue.target()), 0u);
}

}  // namespace
