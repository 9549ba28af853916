#include "hsm/protocol/audit_record.h"
#include "tests/support/group_change.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using hsm::Digest;
using hsm::Status;
using wire::LiveMember;
using wire::State;

// A group of two whose officers are two of three.
class ChangeGroup : public testing::Test {
protected:
    ChangeGroup() : first_(site_.add_module("first")), second_(site_.add_module("second")) {
        site_.people.officers = std::vector<Passkey>(3);
        site_.people.officers_needed = 2;
        members_ = {first_.id(), second_.id()};
        CHECK(site_.provision(first_, members_).has_value());
        made_ = site_.make_whole(first_);
        CHECK(site_.provision(second_, members_).has_value());
        site_.restore_whole(second_, made_);
        after_ = site_.people;
        after_.revision = 2;
    }

    GroupChange change() const { return change_to(after_, members_); }
    GroupChange change_to(const People& after, std::span<const Digest> members) const {
        return change_of(first_.serving(), site_.people, after, members);
    }
    Status on(const CeremonyModule& module, const GroupChange& change) const {
        return status_of_change(module.operating(), change);
    }
    static Bytes configuration(const CeremonyModule& module) {
        const auto info = call(module.serving(), wire::GetInfoRequest{});
        CHECK(info.has_value());
        return copy_of((*info)->configuration);
    }

    CeremonySite site_;
    CeremonyModule first_;
    CeremonyModule second_;
    std::vector<Digest> members_;
    MadeShares made_;
    People after_;
};

TEST_F(ChangeGroup, TakesTheNextRevisionOnEachMemberOnce) {
    after_.officers.emplace_back();
    const auto change = this->change();

    for (auto* member : {&first_, &second_}) {
        ASSERT_EQ(on(*member, change), Status::ok);
        EXPECT_EQ(on(*member, change), Status::configuration_wrong);
        EXPECT_EQ(configuration(*member), change.configuration);
        member->module->restart();
        EXPECT_EQ(member->module->module().state(), State::operational);
        EXPECT_EQ(configuration(*member), change.configuration);
    }
}

TEST_F(ChangeGroup, IsOnRecord) {
    const auto change = this->change();
    ASSERT_EQ(on(first_, change), Status::ok);

    const auto records = export_log(first_.serving());
    const auto last = wire::decode<wire::AuditRecord>(records.back());
    ASSERT_TRUE(last);
    ASSERT_EQ(last->type, wire::RecordType::group_changed);
    const auto details = wire::decode<wire::GroupChangedDetails>(last->details);
    ASSERT_TRUE(details);
    EXPECT_EQ(copy_of(details->configuration), change.configuration);
    EXPECT_EQ(details->challenge, change.challenge);
    ASSERT_EQ(details->thumbprints.size(), 2u);
    EXPECT_EQ(details->thumbprints[1], site_.people.officers[1].thumbprint());
}

TEST_F(ChangeGroup, NeedsOfficersOfBeforeAndEachNewOne) {
    after_.officers.emplace_back();
    const auto before = configuration(first_);
    const auto right = change();
    ASSERT_EQ(right.assertions.size(), 3u);

    for (std::size_t left_out = 0; left_out < 3; ++left_out) {
        auto fewer = right;
        fewer.assertions.erase(fewer.assertions.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_EQ(on(first_, fewer), Status::assertion_missing) << left_out;
    }
    auto other = right;
    other.assertions[0] = Passkey().assertion(site_.people.form(right.challenge));
    EXPECT_EQ(on(first_, other), Status::assertion_key_unknown);
    other.assertions[0] = site_.people.officer_approves(random_digest());
    EXPECT_EQ(on(first_, other), Status::assertion_client_data_wrong);
    other.assertions[0] = right.assertions[1];
    EXPECT_EQ(on(first_, other), Status::assertion_repeated);
    EXPECT_EQ(configuration(first_), before);

    EXPECT_EQ(on(first_, right), Status::ok);
}

TEST_F(ChangeGroup, IsOfTheSameGroupOneRevisionOn) {
    const auto refused = [&](const People& after, std::span<const Digest> members) {
        auto change = change_to(after, members);
        let_custodians_sign(change, site_.people);
        return on(first_, change);
    };
    const auto with = [&](auto alter) {
        auto after = after_;
        alter(after);
        return refused(after, members_);
    };
    EXPECT_EQ(with([](People& after) { after.revision = 1; }), Status::configuration_wrong);
    EXPECT_EQ(with([](People& after) { after.revision = 3; }), Status::configuration_wrong);
    EXPECT_EQ(with([](People& after) { after.rp_id = "elsewhere.test"; }),
              Status::configuration_wrong);
    EXPECT_EQ(with([](People& after) { after.origin = "https://elsewhere.test"; }),
              Status::configuration_wrong);
    EXPECT_EQ(with([](People& after) { after.officers_needed = 4; }), Status::configuration_wrong);
    EXPECT_EQ(with([](People& after) { after.former_officers = {random_digest()}; }),
              Status::configuration_wrong);
    EXPECT_EQ(refused(after_, std::vector<Digest>{members_[1]}), Status::configuration_wrong);

    auto other_class = change();
    other_class.configuration = configuration_of(after_, wire::AssuranceClass::emulated, members_);
    EXPECT_EQ(on(first_, other_class), Status::configuration_wrong);
    EXPECT_EQ(refused(after_, members_), Status::ok);
}

// Custodians hold the KEK's shares: officers alone cannot put others in their place.
TEST_F(ChangeGroup, NeedsCustodiansForOtherCustodians) {
    for (const bool others : {true, false}) {
        auto after = after_;
        if (others) {
            after.custodians[2] = Passkey();
        } else {
            after.custodians_needed = 3;
        }
        auto change = change_to(after, members_);
        EXPECT_EQ(on(first_, change), Status::custodian_wrong);
        let_custodians_sign(change, site_.people);
        auto wrong = change;
        wrong.custodian_signatures[0].clear();
        EXPECT_EQ(on(first_, wrong), Status::custodian_wrong);
        wrong.custodian_signatures[0] = site_.people.custodians[0].sign(random_digest());
        EXPECT_EQ(on(first_, wrong), Status::custodian_wrong);
        wrong = change;
        std::swap(wrong.custodian_signatures[0], wrong.custodian_signatures[1]);
        EXPECT_EQ(on(first_, wrong), Status::custodian_wrong);
        wrong = change;
        wrong.custodian_signatures.pop_back();
        EXPECT_EQ(on(first_, wrong), Status::custodian_wrong);
        wrong = change;
        wrong.custodian_signatures[1] = {};
        wrong.custodian_signatures[2] = after.custodians[2].sign(change.challenge);
        EXPECT_EQ(on(first_, wrong), others ? Status::custodian_wrong : Status::ok);
        if (others) {
            EXPECT_EQ(on(second_, change), Status::ok);
        }
    }
}

// A member that lives on with the KEK, unasked, would accept what the others revoke.
TEST_F(ChangeGroup, DropsAMemberOnItsReceiptOrTheCustodiansWord) {
    const std::vector<Digest> alone = {members_[0]};
    auto change = change_to(after_, alone);
    EXPECT_EQ(on(first_, change), Status::custodian_wrong);

    auto by_custodians = change;
    let_custodians_sign(by_custodians, site_.people);
    const auto receipt = zeroise(second_.operating(), site_.people);
    ASSERT_EQ(status(receipt), Status::ok);
    change.receipts = {*receipt};
    for (std::size_t at = 0; at < receipt->size(); ++at) {
        auto damaged = change;
        damaged.receipts[0][at] ^= 0x01;
        EXPECT_NE(on(first_, damaged), Status::ok) << at;
    }
    auto gone = site_.add_module("gone");
    ASSERT_TRUE(site_.provision(gone, {gone.id()}));
    auto others = change;
    others.receipts = {*zeroise(gone.operating(), site_.people)};
    EXPECT_EQ(on(first_, others), Status::custodian_wrong);
    others.receipts.push_back(*receipt);
    EXPECT_EQ(on(first_, others), Status::ok);
    EXPECT_EQ(configuration(first_), change.configuration);
}

TEST_F(ChangeGroup, DropsAMemberOnTheCustodiansWordAlone) {
    auto change = change_to(after_, std::vector<Digest>{members_[0]});
    let_custodians_sign(change, site_.people);
    EXPECT_EQ(on(first_, change), Status::ok);
}

TEST_F(ChangeGroup, EndsAnOpenCeremony) {
    ASSERT_TRUE(site_.make(first_, 2));
    ASSERT_EQ(on(first_, change()), Status::ok);
    EXPECT_EQ(status(site_.finish(first_)), Status::ceremony_not_open);
}

class Zeroise : public ChangeGroup {
protected:
    Status asked(const std::vector<Bytes>& assertions) const {
        wire::ZeroiseRequest request;
        for (const auto& assertion : assertions) {
            CHECK(request.assertions.push_back(assertion));
        }
        return status(call(first_.operating(), request));
    }
};

TEST_F(Zeroise, NeedsOfficersNow) {
    const auto challenge = zeroise_challenge(first_.serving());
    const auto by = [&](std::size_t officer) {
        return site_.people.officer_approves(challenge, officer);
    };
    EXPECT_EQ(asked({}), Status::assertion_missing);
    EXPECT_EQ(asked({by(0)}), Status::assertion_missing);
    EXPECT_EQ(asked({by(0), by(0)}), Status::assertion_repeated);
    EXPECT_EQ(asked({by(0), Passkey().assertion(site_.people.form(challenge))}),
              Status::assertion_key_unknown);
    // What was meant for the other member.
    const auto others = zeroise_challenge(second_.serving());
    EXPECT_EQ(
        asked({site_.people.officer_approves(others, 0), site_.people.officer_approves(others, 1)}),
        Status::assertion_client_data_wrong);
    const std::vector<Bytes> stale = {by(0), by(1)};
    first_.module->restart();
    EXPECT_EQ(asked(stale), Status::assertion_client_data_wrong);
    EXPECT_EQ(first_.module->module().state(), State::operational);
    EXPECT_TRUE(enrol(first_.serving(), site_.people));
}

TEST_F(Zeroise, LeavesAReceiptAndALogAndNoKey) {
    const auto holder = enrol(first_.serving(), site_.people);
    ASSERT_TRUE(holder);
    const auto signing = approved_signing(first_.serving(), site_.people, *holder);
    ASSERT_TRUE(signing);
    const auto info = call(first_.serving(), wire::GetInfoRequest{});
    const auto identity = copy_of((*info)->identity_spki);

    const auto receipt = zeroise(first_.operating(), site_.people);

    ASSERT_EQ(status(receipt), Status::ok);
    const auto bytes = wire::decode_signed(*receipt);
    ASSERT_TRUE(bytes);
    const auto said = wire::decode_tagged<wire::ZeroisedStatement>(bytes->statement);
    ASSERT_TRUE(said);
    const auto spki = wire::p256_spki(said->identity);
    EXPECT_EQ(Bytes(spki.begin(), spki.end()), identity);
    EXPECT_EQ(said->epoch, 1u);
    for (int start = 0; start < 2; ++start) {
        EXPECT_EQ(first_.module->module().state(), State::tampered);
        EXPECT_EQ(status(call(first_.serving(), signing->request())), Status::wrong_state);
        EXPECT_EQ(status(call(first_.serving(), wire::GenerateKeyRequest{})), Status::wrong_state);
        EXPECT_FALSE(first_.module->engine().join_epoch(1));
        EXPECT_EQ(status(zeroise(first_.operating(), site_.people)), Status::wrong_state);
        const auto records = export_log(first_.serving());
        ASSERT_EQ(records.size(), said->last_index);
        EXPECT_EQ(wire::decode<wire::AuditRecord>(records.back())->type,
                  wire::RecordType::zeroise_approved);
        first_.module->restart();
    }
}

}  // namespace
