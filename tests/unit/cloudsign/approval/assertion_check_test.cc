#include "cloudsign/approval/assertion_check.h"

#include "cloudsign/sha256.h"
#include "tests/support/cloud_fixture.h"

namespace cloudsign::approval {
namespace {

using hsm::protocol::BackupPolicy;
using tests::support::AssertionForm;
using tests::support::Passkey;

class AssertionCheckTest : public testing::Test {
protected:
    static constexpr auto rp_id = "approve.kyso.test";
    static constexpr auto origin = "https://approve.kyso.test";

    AssertionForm good_form() const {
        AssertionForm form;
        form.challenge = challenge_;
        form.rp_id = rp_id;
        form.origin = origin;
        return form;
    }

    Result<void> check(const hsm::protocol::Assertion& assertion) const {
        return check_assertion(assertion,
                               {passkey_.point(), passkey_.is_backup_eligible()},
                               rp_id,
                               origin,
                               challenge_,
                               backup_);
    }
    // Made by hand: the protocol's own encoding does not even hold what is too long.
    Result<void> check_made(const Passkey& passkey,
                            const Bytes& authenticator_data,
                            const std::string& client_data) const {
        const auto client_data_hash = sha256(client_data);
        const hsm::ByteView signed_parts[] = {authenticator_data, client_data_hash};
        const auto signature = passkey.sign(sha256(signed_parts));
        return check(
            {passkey.thumbprint(), authenticator_data, hsm::view_of(client_data), signature});
    }
    Result<void> check_form(AssertionForm form) const {
        if (passkey_.is_backup_eligible()) {
            form.flags |= tests::support::backup_eligible;
        }
        return check_made(passkey_,
                          tests::support::authenticator_data(form),
                          tests::support::client_data_json(form));
    }
    Result<void> check_client_data(const std::string& client_data) const {
        return check_made(passkey_, tests::support::authenticator_data(good_form()), client_data);
    }

    const hsm::Digest challenge_ = sha256("challenge");
    Passkey passkey_;
    BackupPolicy backup_ = BackupPolicy::allowed;
};

TEST_F(AssertionCheckTest, AcceptsWhatABrowserMakes) {
    EXPECT_TRUE(check_form(good_form()).has_value());
    auto form = good_form();
    form.more = R"(,"other_keys_can_be_added_here":"do not compare clientDataJSON")";
    EXPECT_TRUE(check_form(form).has_value());
    form = good_form();
    form.sign_count = 0;
    EXPECT_TRUE(check_form(form).has_value());
}

TEST_F(AssertionCheckTest, RefusesEachPartThatIsWrong) {
    struct Case {
        const char* name;
        void (*spoil)(AssertionForm&);
    };
    const Case cases[] = {
        {"challenge", [](AssertionForm& form) { form.challenge[31] ^= 1; }},
        {"rpId", [](AssertionForm& form) { form.rp_id = "login.kyso.test"; }},
        {"origin", [](AssertionForm& form) { form.origin = "https://approve.kyso.test.evil"; }},
        {"type", [](AssertionForm& form) { form.type = "webauthn.create"; }},
        {"cross origin", [](AssertionForm& form) { form.cross_origin = "true"; }},
        {"no crossOrigin", [](AssertionForm& form) { form.cross_origin.reset(); }},
        {"no user present", [](AssertionForm& form) { form.flags = 0x04; }},
        {"no user verified", [](AssertionForm& form) { form.flags = 0x01; }},
        {"attested data", [](AssertionForm& form) { form.flags |= 0x40; }},
        {"extension data", [](AssertionForm& form) { form.flags |= 0x80; }},
        {"backup eligible", [](AssertionForm& form) { form.flags |= 0x08; }},
        {"longer", [](AssertionForm& form) { form.extra_authenticator_data = {0}; }},
    };
    for (const auto& one : cases) {
        auto form = good_form();
        one.spoil(form);

        const auto checked = check_form(form);

        ASSERT_FALSE(checked.has_value()) << one.name;
        EXPECT_EQ(checked.error().kind, ErrorKind::assertion_refused);
        EXPECT_FALSE(checked.error().detail.empty());
    }
}

TEST_F(AssertionCheckTest, RefusesClientDataThatOnlyResembles) {
    const auto good = tests::support::client_data_json(good_form());
    const std::string cases[] = {
        good.substr(0, good.size() - 1),
        good.substr(0, good.size() - 1) + " ",
        " " + good,
        good + "x",
        good.substr(0, good.size() - 1) + "x}",
        "{" + good + "}",
        "",
    };
    ASSERT_TRUE(check_client_data(good).has_value());
    for (const auto& text : cases) {
        EXPECT_FALSE(check_client_data(text).has_value()) << text;
    }
}

TEST_F(AssertionCheckTest, RefusesAnotherKeysSignatureAndABrokenOne) {
    const Passkey another;
    EXPECT_FALSE(check_made(another,
                            tests::support::authenticator_data(good_form()),
                            tests::support::client_data_json(good_form()))
                     .has_value());
    const auto encoded = passkey_.assertion(good_form());
    const auto decoded = hsm::protocol::decode_assertion(encoded);
    ASSERT_TRUE(decoded.has_value());
    auto changed = *decoded;
    auto signature = bytes_of(decoded->signature);
    for (auto& byte : signature) {
        byte ^= 1;
        changed.signature = signature;
        EXPECT_FALSE(check(changed).has_value());
        byte ^= 1;
    }
    changed.signature = hsm::ByteView();
    EXPECT_FALSE(check(changed).has_value());
}

TEST_F(AssertionCheckTest, AcceptsASyncedPasskeyOnlyWhereThePolicyDoes) {
    passkey_ = Passkey(Passkey::Backup::eligible);
    EXPECT_TRUE(check_form(good_form()).has_value());
    backup_ = BackupPolicy::refused;
    EXPECT_FALSE(check_form(good_form()).has_value());
}

}  // namespace
}  // namespace cloudsign::approval
