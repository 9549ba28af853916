#include <set>

#include "hsm/protocol/audit_record.h"
#include "tests/support/bare_module.h"
#include "tests/support/group_change.h"

namespace {

namespace wire = hsm::protocol;
using namespace tests::support;
using firmware::keystore::Group;
using hsm::Digest;
using hsm::Status;
using wire::LiveMember;
using wire::Role;
using wire::State;

// Makes `from` revoke the version that `holder`'s blob has, as for a new phone.
Status revoke_version(const Target& from, const People& people, const Holder& holder) {
    const Passkey new_key;
    const auto policy = policy_of(people, {{new_key}, holder.subject_hash});
    TRY_ASSIGN(
        const auto activation,
        open_activation(
            from, holder.blob, wire::Purpose::rebind, {}, 1, rebind_root(holder.blob, policy)));
    const auto by_old = holder.keys[0].assertion(people.form(activation.challenge));
    const auto by_new = new_key.assertion(people.form(activation.challenge));
    wire::RebindPrepareRequest request{
        holder.blob, activation.preimage, activation.mac, {}, policy, 0};
    CHECK(request.assertions.push_back(by_old) && request.assertions.push_back(by_new));
    return status(call(from, request));
}

// A live member, and one that holds the KEK and waits for a revocation table.
class RevocationPages : public testing::Test {
protected:
    RevocationPages() : live_(site_.add_module("live")), restored_(site_.add_module("restored")) {
        members_ = {live_.id(), restored_.id()};
        CHECK(site_.provision(live_, members_).has_value());
        made_ = site_.make_whole(live_);
        CHECK(site_.provision(restored_, members_).has_value());
        site_.restore_whole(restored_, made_, LiveMember::exists);
        holder_ = *enrol(live_.serving(), site_.people);
        CHECK(revoke_version(live_.serving(), site_.people, holder_) == Status::ok);
    }

    State state() const { return restored_.module->module().state(); }
    Status given(const Bytes& page) const {
        return status(call(restored_.operating(), wire::TableImportRequest{page, 1000}));
    }

    CeremonySite site_;
    CeremonyModule live_;
    CeremonyModule restored_;
    std::vector<Digest> members_;
    MadeShares made_;
    Holder holder_;
};

TEST_F(RevocationPages, MakeARestoredMemberOperational) {
    const auto pages = export_table(live_.serving(), restored_.serving());
    ASSERT_EQ(status(pages), Status::ok);
    ASSERT_EQ(pages->size(), 1u);
    ASSERT_EQ(state(), State::provisioned);

    const auto after = import_table(restored_.operating(), *pages);

    ASSERT_EQ(status(after), Status::ok);
    EXPECT_EQ(*after, State::operational);
    const auto records = export_log(restored_.serving());
    const auto last = wire::decode<wire::AuditRecord>(records.back());
    ASSERT_EQ(last->type, wire::RecordType::table_taken);
    const auto details = wire::decode<wire::TableTakenDetails>(last->details);
    EXPECT_EQ(details->from_module, live_.id());
    EXPECT_EQ(details->entries, 1u);
    for (int start = 0; start < 2; ++start) {
        EXPECT_EQ(state(), State::operational);
        EXPECT_EQ(status(approved_signing(restored_.serving(), site_.people, holder_)),
                  Status::blob_revoked);
        EXPECT_EQ(given((*pages)[0]), Status::wrong_state);
        restored_.module->restart();
    }
}

TEST_F(RevocationPages, AreForOneMemberAtOneStart) {
    const auto pages = export_table(live_.serving(), restored_.serving());
    ASSERT_TRUE(pages);
    for (std::size_t at = 0; at < (*pages)[0].size(); ++at) {
        auto damaged = (*pages)[0];
        damaged[at] ^= 0x01;
        EXPECT_NE(given(damaged), Status::ok) << at;
    }
    restored_.module->restart();
    EXPECT_EQ(given((*pages)[0]), Status::acknowledgement_wrong);
    EXPECT_EQ(state(), State::provisioned);

    auto third = site_.add_module("third");
    EXPECT_EQ(status(export_table(live_.serving(), third.serving())), Status::member_unknown);
    EXPECT_EQ(status(export_table(live_.serving(), live_.serving())), Status::member_unknown);
    EXPECT_EQ(status(export_table(restored_.serving(), live_.serving())), Status::wrong_state);
    EXPECT_EQ(status(import_table(restored_.operating(),
                                  *export_table(live_.serving(), restored_.serving()))),
              Status::ok);
}

// Pages as the other member of a bare module's group would seal them.
class ManyPages : public testing::Test {
protected:
    ManyPages() {
        module_.set_up(people_);
        auto& core = module_.core();
        CHECK(core.group.enter_epoch(core.store, 1, Group::Table::awaited).has_value());
        core.state = State::provisioned;
        page_.from_module = module_.other_member();
        page_.for_module = core.identity.module_id;
        page_.nonce = core.provisioning_nonce;
        page_.generation = 7;
    }
    // One that goes on from `cursor` to `next` with one key.
    Bytes page(std::uint64_t cursor, std::uint64_t next) {
        page_.cursor = cursor;
        page_.next = next;
        page_.key_ids = {};
        page_.minimum_versions = {};
        CHECK(page_.key_ids.push_back(random_digest()) && page_.minimum_versions.push_back(2));
        return sealed();
    }
    Bytes sealed() { return seal_page(module_, page_); }
    Status given(const Bytes& page) {
        return status(call(module_.as(Role::operating), wire::TableImportRequest{page, 1000}));
    }

    People people_;
    BareModule module_;
    wire::TableStatement page_;
};

TEST_F(ManyPages, AreTakenInOrder) {
    EXPECT_EQ(given(page(80, 160)), Status::acknowledgement_wrong);
    EXPECT_EQ(given(page(0, 80)), Status::ok);
    EXPECT_EQ(given(page(160, 0)), Status::acknowledgement_wrong);
    EXPECT_EQ(module_.core().state, State::provisioned);
    EXPECT_EQ(given(page(80, 160)), Status::ok);
    EXPECT_EQ(given(page(80, 160)), Status::acknowledgement_wrong);
    EXPECT_EQ(given(page(160, 0)), Status::ok);
    EXPECT_EQ(module_.core().state, State::operational);
}

TEST_F(ManyPages, AreOfOneTable) {
    ASSERT_EQ(given(page(0, 80)), Status::ok);
    page_.generation = 8;
    EXPECT_EQ(given(page(80, 0)), Status::acknowledgement_wrong);
    EXPECT_EQ(given(page(0, 80)), Status::ok);
    EXPECT_EQ(given(page(80, 0)), Status::ok);
}

TEST_F(ManyPages, AreByAnotherMemberOfTheGroup) {
    page_.from_module = module_.core().identity.module_id;
    EXPECT_EQ(given(page(0, 0)), Status::member_unknown);
    page_.from_module = random_digest();
    EXPECT_EQ(given(page(0, 0)), Status::member_unknown);
    page_.from_module = module_.other_member();
    page_.for_module = module_.other_member();
    EXPECT_EQ(given(page(0, 0)), Status::acknowledgement_wrong);
    page_.for_module = module_.core().identity.module_id;
    page(0, 0);
    CHECK(page_.key_ids.push_back(random_digest()));
    EXPECT_EQ(given(sealed()), Status::acknowledgement_wrong);
    EXPECT_EQ(module_.core().state, State::provisioned);
}

TEST(LongTable, ComesOutInPages) {
    const People people;
    BareModule module;
    module.set_up(people);
    auto& core = module.core();
    std::set<Digest> keys;
    while (keys.size() < 100) {
        const auto key = random_digest();
        ASSERT_TRUE(core.revocations.put(key, {2, 1, std::nullopt}));
        keys.insert(key);
    }
    // Reserved for a rebind that was cut short: no version is revoked.
    ASSERT_TRUE(core.revocations.reserve(random_digest()));
    wire::TableExportRequest request{module.other_member(), random_digest(), 0};
    std::size_t pages = 0;
    do {
        const auto reply = call(module.as(Role::server), request);
        ASSERT_EQ(status(reply), Status::ok);
        const auto bytes = wire::decode_signed((*reply)->page);
        const auto page = wire::decode_tagged<wire::TableStatement>(bytes->statement);
        ASSERT_TRUE(page);
        EXPECT_EQ(page->cursor, request.cursor);
        for (const auto& key : page->key_ids) {
            EXPECT_EQ(keys.erase(key), 1u);
        }
        request.cursor = (*reply)->next;
        ++pages;
    } while (request.cursor != 0);
    EXPECT_EQ(pages, 2u);
    EXPECT_TRUE(keys.empty());
}

}  // namespace
