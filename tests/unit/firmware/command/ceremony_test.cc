#include "hsm/protocol/audit_record.h"
#include "tests/support/ceremony_site.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Status;
using wire::LiveMember;
using wire::State;

class KekCeremony : public testing::Test {
protected:
    KekCeremony() : maker_(site_.add_module("maker")), other_(site_.add_module("other")) {
        members_ = {maker_.id(), other_.id()};
        CHECK(site_.provision(maker_, members_).has_value());
    }

    static State state(const CeremonyModule& module) { return module.module->module().state(); }

    CeremonySite site_;
    CeremonyModule maker_;
    CeremonyModule other_;
    std::vector<hsm::Digest> members_;
};

TEST_F(KekCeremony, BringsAKekThatCameOutOfItsShares) {
    EXPECT_EQ(state(maker_), State::provisioned);
    const auto made = site_.make(maker_);
    ASSERT_EQ(status(made), Status::ok);
    EXPECT_EQ(made->shares.size(), 3u);
    EXPECT_EQ(status(site_.finish(maker_)), Status::shares_missing);

    for (const std::size_t i : {2u, 0u}) {
        const auto share = site_.carry(i, *made, made->papers);
        ASSERT_TRUE(share) << share.error().text;
        const auto taken = site_.give(maker_, *share);
        ASSERT_EQ(status(taken), Status::ok);
        EXPECT_EQ(taken->needed, 2);
    }
    const auto finished = site_.finish(maker_);

    ASSERT_EQ(status(finished), Status::ok);
    EXPECT_EQ(*finished, State::operational);
    ASSERT_TRUE(enrol(maker_.serving(), site_.people));
    maker_.module->restart();
    EXPECT_EQ(state(maker_), State::operational);
    EXPECT_TRUE(enrol(maker_.serving(), site_.people));
}

TEST_F(KekCeremony, IsOnRecord) {
    const auto made = site_.make_whole(maker_);

    const auto records = export_log(maker_.serving());
    const auto last = wire::decode<wire::AuditRecord>(records.back());
    ASSERT_TRUE(last);
    ASSERT_EQ(last->type, wire::RecordType::ceremony_finished);
    const auto details = wire::decode<wire::CeremonyFinishedDetails>(last->details);
    ASSERT_TRUE(details);
    EXPECT_EQ(details->share_set, sha256_of(made.papers.share_set));
    ASSERT_EQ(details->custodians.size(), 2u);
    EXPECT_EQ(details->custodians[1], site_.people.custodians[1].thumbprint());
}

TEST_F(KekCeremony, RestoresTheSameKekIntoAnotherModule) {
    const auto made = site_.make_whole(maker_);
    const auto holder = enrol(maker_.serving(), site_.people);
    ASSERT_TRUE(holder);
    ASSERT_TRUE(site_.provision(other_, members_));

    site_.restore_whole(other_, made);

    EXPECT_EQ(state(other_), State::operational);
    const auto signing = approved_signing(other_.serving(), site_.people, *holder);
    ASSERT_EQ(status(signing), Status::ok);
    EXPECT_EQ(status(call(other_.serving(), signing->request())), Status::ok);
}

// A restored member that nobody has told what was revoked signs nothing.
TEST_F(KekCeremony, LeavesARestoredMemberProvisionedWhileAMemberLives) {
    const auto made = site_.make_whole(maker_);
    ASSERT_TRUE(site_.provision(other_, members_));

    site_.restore_whole(other_, made, LiveMember::exists);

    for (int start = 0; start < 2; ++start) {
        EXPECT_EQ(state(other_), State::provisioned);
        EXPECT_EQ(status(call(other_.serving(), wire::GenerateKeyRequest{})), Status::wrong_state);
        EXPECT_EQ(status(site_.make(other_, 2)), Status::wrong_state);
        other_.module->restart();
    }
}

TEST_F(KekCeremony, NeedsEachGiverToSayThatNoMemberLives) {
    const auto made = site_.make_whole(maker_);
    ASSERT_TRUE(site_.provision(other_, members_));
    const auto into = site_.restore(other_, made.papers.share_set);
    ASSERT_TRUE(into);
    ASSERT_TRUE(site_.give(other_, *site_.carry(0, made, *into, LiveMember::none)));
    ASSERT_TRUE(site_.give(other_, *site_.carry(1, made, *into, LiveMember::exists)));

    const auto finished = site_.finish(other_);

    ASSERT_EQ(status(finished), Status::ok);
    EXPECT_EQ(*finished, State::provisioned);
}

TEST_F(KekCeremony, EndsWithTheModulesStart) {
    const auto made = site_.make(maker_);
    ASSERT_TRUE(made);
    const auto share = site_.carry(0, *made, made->papers);
    ASSERT_TRUE(share);

    maker_.module->restart();

    EXPECT_EQ(state(maker_), State::provisioned);
    EXPECT_EQ(status(site_.give(maker_, *share)), Status::ceremony_not_open);
    EXPECT_EQ(status(site_.finish(maker_)), Status::ceremony_not_open);
    site_.make_whole(maker_);
    EXPECT_EQ(state(maker_), State::operational);
}

TEST_F(KekCeremony, EndsWithTheNext) {
    const auto first = site_.make(maker_);
    ASSERT_TRUE(first);
    const auto share = site_.carry(0, *first, first->papers);
    ASSERT_TRUE(share);

    const auto second = site_.make(maker_);

    ASSERT_TRUE(second);
    EXPECT_NE(first->papers.share_set, second->papers.share_set);
    EXPECT_EQ(status(site_.give(maker_, *share)), Status::transcript_wrong);
}

// The power fails after the engine has kept the KEK and before the store knows of it.
TEST_F(KekCeremony, GoesOnWithAKekThatTheEngineHasKept) {
    const auto made = site_.make(maker_);
    ASSERT_TRUE(made);
    for (const std::size_t i : {0u, 1u}) {
        ASSERT_TRUE(site_.give(maker_, *site_.carry(i, *made, made->papers)));
    }
    maker_.module->break_flash();
    ASSERT_FALSE(site_.finish(maker_));
    maker_.module->restart();
    ASSERT_EQ(state(maker_), State::provisioned);
    ASSERT_TRUE(maker_.module->engine().join_epoch(1));
    EXPECT_EQ(status(site_.make(maker_)), Status::wrong_state);

    site_.restore_whole(maker_, *made);

    EXPECT_EQ(state(maker_), State::operational);
    EXPECT_TRUE(enrol(maker_.serving(), site_.people));
}

TEST_F(KekCeremony, IsTheOnlyWayForHardware) {
    auto hardware = site_.add_module("hardware", wire::AssuranceClass::hardware);
    const std::vector<hsm::Digest> members{hardware.id()};
    const auto configuration =
        configuration_of(site_.people, wire::AssuranceClass::hardware, members);
    for (const auto mode : {wire::EpochMode::make, wire::EpochMode::join}) {
        EXPECT_EQ(status(provision(hardware.operating(), site_.people, configuration, mode)),
                  Status::not_supported);
    }
    EXPECT_EQ(state(hardware), State::blank);
    EXPECT_TRUE(site_.provision(hardware, members));
}

TEST(KekCeremonySize, FitsEightOfEight) {
    CeremonySite site;
    site.people.custodians = std::vector<Passkey>(8);
    site.people.custodians_needed = 8;
    site.people.officers = std::vector<Passkey>(4);
    const auto module = site.add_module("module");
    ASSERT_TRUE(site.provision(module, {module.id()}));

    const auto made = site.make_whole(module);

    EXPECT_EQ(made.shares.size(), 8u);
    EXPECT_EQ(module.module->module().state(), State::operational);
}

}  // namespace
