#include "hsm/openssl/hpke.h"
#include "hsm/protocol/message.h"
#include "tests/support/ceremony_site.h"

// Who wants the KEK, or wants a module to take another one.
namespace {

namespace wire = hsm::protocol;
namespace custodian = hsm::custodian;
using namespace tests::support;
using custodian::CeremonyPapers;
using hsm::Status;
using wire::LiveMember;
using wire::State;

template <class T>
Status status_of_checked(const custodian::Checked<T>& checked) {
    return checked ? Status::ok : checked.error().status;
}

class ShareAttacks : public testing::Test {
protected:
    ShareAttacks() : maker_(site_.add_module("maker")), other_(site_.add_module("other")) {
        members_ = {maker_.id(), other_.id()};
        CHECK(site_.provision(maker_, members_).has_value());
        made_ = site_.make_whole(maker_);
        CHECK(site_.provision(other_, members_).has_value());
        auto into = site_.restore(other_, made_.papers.share_set);
        CHECK(into.has_value());
        into_ = *std::move(into);
    }

    wire::ShareBytes share(std::size_t i) const {
        auto opened = open_outward_share(
            site_.custodian(i), made_.papers, made_.shares[i], site_.expectation());
        CHECK(opened.has_value());
        return *std::move(opened);
    }
    // What a custodian says to a request for their share.
    Status asked(const CeremonyPapers& papers) const {
        return status_of_checked(custodian::seal_inward_share(
            site_.custodian(0), share(0), papers, LiveMember::exists, site_.expectation()));
    }
    // An inward share by whoever, over whatever.
    Bytes forged(const wire::InwardShare& statement, const custodian::Key& signer) const {
        Bytes buffer(512);
        const auto encoded = wire::encode_tagged(statement, buffer);
        CHECK(encoded.has_value());
        Bytes whole(512);
        return copy_of(*wire::encode_signed({*encoded, signer.sign(*encoded)}, whole));
    }
    Bytes sealed_by_hand(std::uint8_t index,
                         hsm::ByteView plain,
                         const custodian::Key& signer) const {
        const auto statement = statement_of(into_);
        const auto transcript = transcript_of(into_);
        const auto info = wire::sealed_share_info(wire::ShareDirection::in, transcript, index);
        const auto sealed = hsm::openssl::hpke_seal(statement.ceremony_key, info, plain);
        CHECK(sealed.has_value());
        return forged(
            {transcript, index, LiveMember::none, sealed->encapsulated, sealed->ciphertext},
            signer);
    }
    static wire::CeremonyStatement statement_of(const CeremonyPapers& papers) {
        const auto bytes = wire::decode_signed(papers.ceremony);
        return *wire::decode_tagged<wire::CeremonyStatement>(bytes->statement);
    }
    static hsm::Digest transcript_of(const CeremonyPapers& papers) {
        return sha256_of(wire::decode_signed(papers.ceremony)->statement);
    }
    void expect_nothing_taken() {
        EXPECT_EQ(status(site_.finish(other_)), Status::shares_missing);
        EXPECT_EQ(other_.module->module().state(), State::provisioned);
    }

    CeremonySite site_;
    CeremonyModule maker_;
    CeremonyModule other_;
    std::vector<hsm::Digest> members_;
    MadeShares made_;
    CeremonyPapers into_;
};

TEST_F(ShareAttacks, AFakeModuleGetsNoShare) {
    ASSERT_EQ(asked(into_), Status::ok);

    // A module of one's own, certified by a root of one's own.
    CeremonySite elsewhere;
    auto fake = elsewhere.add_module("fake");
    elsewhere.people = site_.people;
    ASSERT_TRUE(elsewhere.provision(fake, {fake.id()}));
    const auto asks = elsewhere.restore(fake, made_.papers.share_set);
    ASSERT_TRUE(asks);
    EXPECT_EQ(asked(*asks), Status::certificate_wrong);

    // A real module's certificate over a key of one's own.
    auto borrowed = *asks;
    borrowed.device_certificate = other_.certificate;
    EXPECT_EQ(asked(borrowed), Status::signature_wrong);
    auto maker_certificate = into_;
    maker_certificate.device_certificate = maker_.certificate;
    EXPECT_EQ(asked(maker_certificate), Status::signature_wrong);

    // A real module's words with one bit of one's own.
    for (std::size_t at = 0; at < into_.ceremony.size(); ++at) {
        auto changed = into_;
        changed.ceremony[at] ^= 0x01;
        EXPECT_NE(asked(changed), Status::ok) << at;
    }
    for (std::size_t at = 0; at < into_.share_set.size(); ++at) {
        auto changed = into_;
        changed.share_set[at] ^= 0x01;
        EXPECT_NE(asked(changed), Status::ok) << at;
    }
}

TEST_F(ShareAttacks, OtherFirmwareGetsNoShare) {
    other_.module->firmware_hash = sha256_of(hsm::view_of("another image"));
    other_.module->restart();
    const auto asks = site_.restore(other_, made_.papers.share_set);
    ASSERT_TRUE(asks);
    EXPECT_EQ(asked(*asks), Status::configuration_wrong);
}

TEST_F(ShareAttacks, AnotherClassGetsNoShareAndTakesNone) {
    auto emulated = site_.add_module("emulated", wire::AssuranceClass::emulated);
    ASSERT_TRUE(site_.provision(emulated, {emulated.id()}));
    EXPECT_EQ(status(site_.restore(emulated, made_.papers.share_set)), Status::configuration_wrong);

    // Its own ceremony, for the custodians who are the same people: another class, another set.
    const auto own = site_.make(emulated);
    ASSERT_TRUE(own);
    EXPECT_EQ(asked(own->papers), Status::configuration_wrong);
    auto expectation = site_.expectation();
    expectation.assurance_class = wire::AssuranceClass::emulated;
    EXPECT_EQ(status_of_checked(custodian::seal_inward_share(
                  site_.custodian(0), share(0), own->papers, LiveMember::none, expectation)),
              Status::share_foreign);

    // A set of which only the class is rewritten, certified as emulated by the same root.
    auto rewritten = wire::decode_share_set(made_.papers.share_set);
    ASSERT_TRUE(rewritten);
    rewritten->assurance_class = wire::AssuranceClass::emulated;
    Bytes buffer(wire::share_set_size_max);
    const auto set = copy_of(*wire::encode_tagged(*rewritten, buffer));
    const auto asks = site_.restore(emulated, set);
    ASSERT_TRUE(asks);
    EXPECT_EQ(asked(*asks), Status::configuration_wrong);
}

TEST_F(ShareAttacks, FewerThanTheThresholdRestoreNothing) {
    ASSERT_TRUE(site_.give(other_, *site_.carry(0, made_, into_)));
    expect_nothing_taken();
    const auto again = site_.give(other_, *site_.carry(0, made_, into_));
    EXPECT_EQ(status(again), Status::share_repeated);
    expect_nothing_taken();
    ASSERT_TRUE(site_.give(other_, *site_.carry(2, made_, into_)));
    EXPECT_EQ(status(site_.finish(other_)), Status::ok);
}

TEST_F(ShareAttacks, AWrongShareIsRefusedByItself) {
    const auto right = share(0);
    for (const std::size_t at : {10u, 25u, 41u}) {
        auto value = wire::decode_share(right.reveal(), tests::support::sha256);
        ASSERT_TRUE(value);
        value->value.storage()[at - 10] ^= 0x80;
        const auto wrong = wire::encode_share(*value, tests::support::sha256);
        EXPECT_EQ(status(site_.give(other_, sealed_by_hand(1, wrong.reveal(), site_.custodian(0)))),
                  Status::share_wrong);
    }
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(1, Bytes(46, 0x42), site_.custodian(0)))),
              Status::share_wrong);
    expect_nothing_taken();
}

TEST_F(ShareAttacks, AnothersShareIsRefused) {
    // A custodian passes a second share, stolen from another, as their own; or their own as
    // another.
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(1, share(1).reveal(), site_.custodian(0)))),
              Status::share_wrong);
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(2, share(1).reveal(), site_.custodian(0)))),
              Status::custodian_wrong);
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(8, share(1).reveal(), site_.custodian(0)))),
              Status::share_foreign);
    const auto stranger = custodian::Key::make();
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(1, share(0).reveal(), stranger))),
              Status::custodian_wrong);
    expect_nothing_taken();
}

TEST_F(ShareAttacks, AShareOfAnotherSetIsRefused) {
    auto third = site_.add_module("third");
    ASSERT_TRUE(site_.provision(third, {third.id()}));
    const auto foreign = site_.make_whole(third);
    const auto opened = open_outward_share(
        site_.custodian(0), foreign.papers, foreign.shares[0], site_.expectation());
    ASSERT_TRUE(opened);

    EXPECT_EQ(status_of_checked(custodian::seal_inward_share(
                  site_.custodian(0), *opened, into_, LiveMember::none, site_.expectation())),
              Status::share_foreign);
    EXPECT_EQ(status(site_.give(other_, sealed_by_hand(1, opened->reveal(), site_.custodian(0)))),
              Status::share_foreign);
    expect_nothing_taken();
}

// A KEK that the host knows: made outside, shared as it should be, sealed to the module's own
// ceremony key. Everything is right but the custodians.
TEST_F(ShareAttacks, AModuleTakesNoKekFromItsHost) {
    auto host = site_.add_module("host");
    ASSERT_TRUE(site_.provision(host, {host.id()}));
    const auto own = site_.make(host);
    ASSERT_TRUE(own);
    const auto asks = site_.restore(other_, own->papers.share_set);
    ASSERT_TRUE(asks);
    into_ = *asks;
    const auto thief = custodian::Key::make();
    for (std::uint8_t index = 1; index <= 3; ++index) {
        const auto opened = open_outward_share(
            site_.custodian(index - 1u), own->papers, own->shares[index - 1u], site_.expectation());
        ASSERT_TRUE(opened);
        EXPECT_EQ(status(site_.give(other_, sealed_by_hand(index, opened->reveal(), thief))),
                  Status::custodian_wrong);
    }
    expect_nothing_taken();
}

TEST_F(ShareAttacks, AShareOpensForOneCeremonyOnly) {
    const auto first = site_.carry(0, made_, into_);
    ASSERT_TRUE(first);
    const auto again = site_.restore(other_, made_.papers.share_set);
    ASSERT_TRUE(again);
    EXPECT_EQ(status(site_.give(other_, *first)), Status::transcript_wrong);

    // The same ciphertext, re-labelled and signed by the custodian's own hand.
    const auto bytes = wire::decode_signed(*first);
    auto inward = *wire::decode_tagged<wire::InwardShare>(bytes->statement);
    inward.transcript = transcript_of(*again);
    EXPECT_EQ(status(site_.give(other_, forged(inward, site_.custodian(0)))), Status::share_wrong);
    expect_nothing_taken();
}

TEST_F(ShareAttacks, NoByteOfASignedShareMayChange) {
    const auto right = site_.carry(0, made_, into_);
    ASSERT_TRUE(right);
    for (std::size_t at = 0; at < right->size(); ++at) {
        auto changed = *right;
        changed[at] ^= 0x04;
        EXPECT_NE(status(site_.give(other_, changed)), Status::ok) << at;
    }
    for (std::size_t size = 0; size < right->size(); size += 7) {
        EXPECT_NE(status(site_.give(other_, hsm::ByteView(*right).first(size))), Status::ok);
    }
    expect_nothing_taken();
    EXPECT_EQ(status(site_.give(other_, *right)), Status::ok);
}

// The set is the host's to carry; a wrong one gives a KEK that opens nothing, and none is kept.
TEST_F(ShareAttacks, ASetWithAnotherProofOrCheckRestoresNothing) {
    for (int field = 0; field < 3; ++field) {
        auto set = *wire::decode_share_set(made_.papers.share_set);
        Bytes wrapped = copy_of(set.proof_wrapped);
        if (field == 0) {
            set.kek_check[0] ^= 1;
        } else if (field == 1) {
            set.proof_mac[0] ^= 1;
        } else {
            wrapped[20] ^= 1;
            set.proof_wrapped = wrapped;
        }
        Bytes buffer(wire::share_set_size_max);
        const auto encoded = copy_of(*wire::encode_tagged(set, buffer));
        const auto asks = site_.restore(other_, encoded);
        ASSERT_TRUE(asks);
        for (const std::size_t i : {0u, 1u}) {
            const auto sealed = custodian::seal_inward_share(
                site_.custodian(i), share(i), *asks, LiveMember::none, site_.expectation());
            ASSERT_TRUE(sealed);
            ASSERT_TRUE(site_.give(other_, *sealed));
        }
        EXPECT_EQ(status(site_.finish(other_)), Status::kek_wrong) << field;
        EXPECT_EQ(other_.module->module().state(), State::provisioned);
        EXPECT_FALSE(other_.module->engine().join_epoch(1));
    }
}

TEST_F(ShareAttacks, ASetOfOtherPeopleIsNotOfThisGroup) {
    const auto refused = [&](const wire::ShareSet& set) {
        Bytes buffer(wire::share_set_size_max);
        const auto encoded = wire::encode_tagged(set, buffer);
        return status(site_.restore(other_, *encoded));
    };
    auto set = *wire::decode_share_set(made_.papers.share_set);
    EXPECT_EQ(refused(set), Status::ok);
    set.group_id[0] ^= 1;
    EXPECT_EQ(refused(set), Status::configuration_wrong);
    set = *wire::decode_share_set(made_.papers.share_set);
    set.custodians[1] = custodian::Key::make().thumbprint();
    EXPECT_EQ(refused(set), Status::configuration_wrong);
    set = *wire::decode_share_set(made_.papers.share_set);
    set.threshold = 3;
    EXPECT_EQ(refused(set), Status::configuration_wrong);
    set.threshold = 1;
    EXPECT_EQ(refused(set), Status::configuration_wrong);
    set = *wire::decode_share_set(made_.papers.share_set);
    set.kek_check = {};
    EXPECT_EQ(refused(set), Status::configuration_wrong);
}

}  // namespace
