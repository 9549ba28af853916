#include "firmware/activation/assertion.h"

#include "firmware/activation/approvals.h"
#include "tests/support/module_fixture.h"

namespace {

using namespace tests::support;
using firmware::activation::AssertionRule;
using hsm::Status;
using hsm::protocol::BackupPolicy;

class AssertionTest : public testing::Test {
protected:
    AssertionTest() : module_(folder_.path(), "module", clock_) {}

    AssertionForm form() const {
        AssertionForm form;
        form.challenge = challenge_;
        form.rp_id = "approve.kyso.test";
        form.origin = "https://approve.kyso.test:8443";
        return form;
    }
    auto verify(const Passkey& key, const Bytes& encoded, BackupPolicy backup) {
        const auto decoded = hsm::protocol::decode_assertion(encoded);
        CHECK(decoded.has_value());
        const auto right = form();
        return firmware::activation::verify_assertion(
            module_.engine(),
            {right.rp_id, right.origin, challenge_},
            firmware::activation::approver({key.point(), key.is_backup_eligible()}, backup),
            *decoded);
    }
    Status verify_text(const std::string& client_data) {
        return status(verify(key_,
                             key_.assertion_over(authenticator_data(form()), client_data),
                             BackupPolicy::refused));
    }

    TemporaryFolder folder_;
    TestClock clock_;
    InProcessModule module_;
    const hsm::Digest challenge_ = random_digest();
    const Passkey key_;
};

TEST_F(AssertionTest, TellsWhatTheAuditLogKeeps) {
    auto right = form();
    right.sign_count = 0x01020304;
    const auto encoded = key_.assertion(right);

    const auto accepted = verify(key_, encoded, BackupPolicy::refused);

    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->thumbprint, key_.thumbprint());
    EXPECT_EQ(accepted->flags, user_present | user_verified);
    EXPECT_EQ(accepted->sign_count, 0x01020304u);
    const auto assertion = hsm::protocol::decode_assertion(encoded);
    const auto client_data_hash = sha256_of(assertion->client_data_json);
    const hsm::ByteView parts[] = {
        assertion->authenticator_data, client_data_hash, assertion->signature};
    EXPECT_EQ(accepted->hash, sha256(parts));
}

TEST_F(AssertionTest, ComparesThePrefixByteByByte) {
    const auto right = client_data_json(form());
    ASSERT_EQ(verify_text(right), Status::ok);
    for (std::size_t i = 0; i + 1 < right.size(); ++i) {
        for (const char other : {'\0', ' ', '"', '}', 'x', '\x7f', '\xff'}) {
            if (right[i] == other) {
                continue;
            }
            auto wrong = right;
            wrong[i] = other;
            ASSERT_EQ(verify_text(wrong), Status::assertion_client_data_wrong) << wrong;
        }
        ASSERT_EQ(verify_text(right.substr(0, i)), Status::assertion_client_data_wrong);
    }
}

TEST_F(AssertionTest, LetsABrowserAddMembersAfterCrossOrigin) {
    auto more = form();
    more.more = R"(,"topOrigin":"https://x.test","other":{"a":[1,2]})";
    EXPECT_EQ(verify_text(client_data_json(more)), Status::ok);
    more.more = R"(, "crossOrigin":true)";
    EXPECT_EQ(verify_text(client_data_json(more)), Status::ok) << "only the first one counts";
}

TEST_F(AssertionTest, TakesBackupFlagsAsEnrolledAndAllowed) {
    const Passkey synced(Passkey::Backup::eligible);
    auto backed = form();
    backed.flags |= backed_up;

    EXPECT_EQ(status(verify(synced, synced.assertion(form()), BackupPolicy::allowed)), Status::ok);
    EXPECT_EQ(status(verify(synced, synced.assertion(backed), BackupPolicy::allowed)), Status::ok);
    EXPECT_EQ(status(verify(synced, synced.assertion(form()), BackupPolicy::refused)),
              Status::assertion_backup_wrong);
    EXPECT_EQ(status(verify(key_, key_.assertion(backed), BackupPolicy::allowed)),
              Status::assertion_backup_wrong);
    auto eligible = form();
    eligible.flags |= backup_eligible;
    EXPECT_EQ(status(verify(key_, key_.assertion(eligible), BackupPolicy::allowed)),
              Status::assertion_backup_wrong);
}

TEST_F(AssertionTest, PassesTheEnginesOwnTroubleOn) {
    const auto encoded = key_.assertion(form());
    const auto decoded = hsm::protocol::decode_assertion(encoded);
    ASSERT_TRUE(decoded);
    board::host::vault::FileVault vault(folder_.path() / "other-vault");
    board::host::vault::SharedFlash flash(folder_.path() / "other-secret");
    firmware::engine::psa::FlashSecret flash_secret(flash);
    firmware::engine::psa::PsaEngine locked(vault, flash_secret, "locked");
    const auto right = form();

    const auto verified = firmware::activation::verify_assertion(
        locked,
        {right.rp_id, right.origin, challenge_},
        firmware::activation::approver({key_.point(), false}, BackupPolicy::refused),
        *decoded);

    EXPECT_EQ(status(verified), Status::key_locked);
}

}  // namespace
