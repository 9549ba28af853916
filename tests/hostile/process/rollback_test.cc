#include <gtest/gtest.h>

#include "hsm/protocol/audit_record.h"
#include "tests/hostile/matrix/wire_module.h"

// What an old store file, put back while the module is down, does and does not achieve. A Linux
// process has no counter outside its file that only grows: THREAT_MODEL.md. Approvals of before
// never survive (HostileProcess, "time"); these tests say what of the rest does.
namespace {

namespace fs = std::filesystem;
namespace wire = hsm::protocol;
using hsm::Status;
using namespace tests::hostile;
using namespace tests::support;

class Rollback : public testing::Test {
protected:
    Rollback()
        : group_(folder_.path(), TokenKind::softhsm, 2),
          first_(group_[0]),
          second_(group_[1]),
          module_(first_.as_hostile()) {}

    void keep_image() {
        module_.stop();
        fs::copy_file(module_.store_file, image());
        module_.start();
    }
    void put_image_back() {
        module_.stop();
        fs::copy_file(image(), module_.store_file, fs::copy_options::overwrite_existing);
        module_.start();
    }
    fs::path image() const { return module_.store_file.string() + ".kept"; }

    // The holder's key moves to `new_phone`, known to both modules; the new blob.
    Bytes rebind(const Holder& holder, const Passkey& new_phone) {
        const auto policy = policy_of(group_.people, {{new_phone}, holder.subject_hash});
        const auto activation = open_activation(first_.as_target(),
                                                holder.blob,
                                                wire::Purpose::rebind,
                                                {},
                                                1,
                                                rebind_root(holder.blob, policy));
        CHECK(activation.has_value());
        const auto form = group_.people.form(activation->challenge);
        const Bytes approvals[] = {holder.keys[0].assertion(form), new_phone.assertion(form)};
        wire::RebindPrepareRequest prepare{
            holder.blob, activation->preimage, activation->mac, {}, policy, 0};
        CHECK(prepare.assertions.push_back(approvals[0]));
        CHECK(prepare.assertions.push_back(approvals[1]));
        const auto prepared = call(first_.as_target(), prepare);
        CHECK(prepared.has_value());
        const auto revoked =
            call(second_.as_target(), wire::RevokeRequest{(*prepared)->revocation, 0});
        CHECK(revoked.has_value());
        wire::RebindFinishRequest finish{holder.blob, policy, {}, 0};
        CHECK(finish.acknowledgements.push_back((*revoked)->acknowledgement));
        const auto finished = call(first_.as_target(), finish);
        CHECK(finished.has_value());
        return copy_of((*finished)->blob);
    }

    Status open(WireModule& module, const Bytes& blob) {
        const auto opened = open_activation(
            module.as_target(), blob, wire::Purpose::sign, es256, 1, random_digest());
        return opened ? Status::ok : opened.error();
    }

    ScratchFolder folder_;
    ProcessGroup group_;
    WireModule first_;
    WireModule second_;
    HostileModule module_;
};

TEST_F(Rollback, UndoesARevocationOnThatModuleAlone) {
    const auto holder = enrol(first_.as_target(), group_.people);
    ASSERT_TRUE(holder);
    keep_image();
    const Passkey new_phone;
    const auto new_blob = rebind(*holder, new_phone);
    ASSERT_EQ(Status::blob_revoked, open(first_, holder->blob));
    ASSERT_EQ(Status::blob_revoked, open(second_, holder->blob));

    put_image_back();

    // Not detected: this module knows the old phone's version again, beside the new one.
    EXPECT_EQ(Status::ok, open(first_, holder->blob));
    // The other member has not forgotten, and the rolled-back one can undo nothing there.
    EXPECT_EQ(Status::blob_revoked, open(second_, holder->blob));
    // Whoever holds the old blob still needs the old phone itself: nobody else's approval does.
    auto signing = approved_signing(first_.as_target(), group_.people, *holder);
    ASSERT_TRUE(signing);
    const Passkey stranger;
    const auto form = group_.people.form(signing->activation.challenge);
    signing->assertions = {stranger.assertion(form)};
    EXPECT_EQ(Status::assertion_key_unknown, status_of(first_.send(encoded(signing->request()))));
    signing->assertions = {new_phone.assertion(form)};
    EXPECT_EQ(Status::assertion_key_unknown, status_of(first_.send(encoded(signing->request()))));
    EXPECT_EQ(0u, count_signatures(first_.as_target()));
}

// Detected by whoever keeps exported logs: the rolled-back module gives indices again, and its
// boot counter too.
TEST_F(Rollback, ForksTheLogForWhoeverKeptIt) {
    const auto holder = enrol(first_.as_target(), group_.people);
    ASSERT_TRUE(holder);
    keep_image();
    const auto signing = approved_signing(first_.as_target(), group_.people, *holder);
    ASSERT_TRUE(signing);
    ASSERT_EQ(Status::ok, status_of(first_.send(encoded(signing->request()))));
    const auto before = export_log(first_.as_target());

    put_image_back();

    // The spent approval is no less dead for that the log has forgotten it.
    EXPECT_EQ(Status::activation_mac_wrong, status_of(first_.send(encoded(signing->request()))));
    EXPECT_EQ(0u, count_signatures(first_.as_target()));
    // Records of the two starts may be alike to the byte, but no two signatures are.
    const auto again = approved_signing(first_.as_target(), group_.people, *holder);
    ASSERT_TRUE(again);
    ASSERT_EQ(Status::ok, status_of(first_.send(encoded(again->request()))));
    const auto after = export_log(first_.as_target());
    ASSERT_EQ(after.size(), before.size());
    const auto older = wire::decode<wire::AuditRecord>(before.back());
    const auto newer = wire::decode<wire::AuditRecord>(after.back());
    ASSERT_TRUE(older && newer);
    EXPECT_EQ(older->index, newer->index);
    EXPECT_EQ(older->boot_counter, newer->boot_counter);
    EXPECT_NE(before.back(), after.back());
}

}  // namespace
