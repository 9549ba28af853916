#include "cloudsign/login/registration.h"

#include <gtest/gtest.h>

#include "tests/unit/cloudsign/login/made_passkey.h"

namespace cloudsign::login {
namespace {

using tests::support::backup_eligible;
using tests::support::extension_data;

const hsm::Digest challenge = tests::support::sha256_of(hsm::view_of("challenge"));
constexpr hsm::Byte usual =
    tests::support::user_present | tests::support::user_verified | tests::support::attested_data;

std::string error_of(const Bytes& authenticator_data, const Bytes& client_data) {
    const auto read = read_registration(authenticator_data, client_data, site, challenge);
    return read ? "" : read.error().detail;
}

TEST(Registration, GivesTheNewPasskey) {
    const MadePasskey made;

    const auto read = read_registration(
        made.authenticator_data(), MadePasskey::client_data(challenge), site, challenge);

    ASSERT_TRUE(read.has_value()) << read.error().detail;
    EXPECT_EQ(read->point, made.passkey.point());
    EXPECT_EQ(read->credential_id, made.credential_id);
    EXPECT_FALSE(read->backup_eligible);
    EXPECT_EQ(read->sign_count, 1u);
}

TEST(Registration, SaysWhetherItMayBeSynced) {
    const MadePasskey made;

    const auto read = read_registration(made.authenticator_data(usual | backup_eligible),
                                        MadePasskey::client_data(challenge),
                                        site,
                                        challenge);

    ASSERT_TRUE(read.has_value());
    EXPECT_TRUE(read->backup_eligible);
}

TEST(Registration, PassesOverExtensions) {
    const MadePasskey made;
    auto data = made.authenticator_data(usual | extension_data);
    data.push_back(0xa0);

    EXPECT_EQ(error_of(data, MadePasskey::client_data(challenge)), "");
}

TEST(Registration, RefusesAnotherSite) {
    const MadePasskey made;
    auto data = made.authenticator_data();
    data[0] ^= 1;

    EXPECT_EQ(error_of(data, MadePasskey::client_data(challenge)),
              "the passkey belongs to another rpId");
    EXPECT_NE(error_of(made.authenticator_data(),
                       MadePasskey::client_data(
                           challenge, "webauthn.create", "https://approve.localhost:8443")),
              "");
}

TEST(Registration, RefusesAnotherChallengeOrPurpose) {
    const MadePasskey made;

    EXPECT_NE(error_of(made.authenticator_data(), MadePasskey::client_data({})), "");
    EXPECT_NE(
        error_of(made.authenticator_data(), MadePasskey::client_data(challenge, "webauthn.get")),
        "");
}

TEST(Registration, RefusesAnAuthenticatorThatDidNotVerify) {
    const MadePasskey made;
    const auto client_data = MadePasskey::client_data(challenge);

    EXPECT_NE(
        error_of(made.authenticator_data(usual & ~tests::support::user_verified), client_data), "");
    EXPECT_NE(error_of(made.authenticator_data(usual & ~tests::support::user_present), client_data),
              "");
    EXPECT_NE(
        error_of(made.authenticator_data(usual & ~tests::support::attested_data), client_data), "");
}

TEST(Registration, RefusesEveryShorterAndLongerForm) {
    const MadePasskey made;
    const auto whole = made.authenticator_data();
    const auto client_data = MadePasskey::client_data(challenge);

    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_NE(
            error_of(Bytes(whole.begin(), whole.begin() + static_cast<long>(size)), client_data),
            "")
            << size;
    }
    auto longer = whole;
    longer.push_back(0);
    EXPECT_NE(error_of(longer, client_data), "");
}

TEST(Registration, RefusesAKeyThatIsNoPoint) {
    const MadePasskey made;
    auto data = made.authenticator_data();
    data.back() ^= 1;

    EXPECT_EQ(error_of(data, MadePasskey::client_data(challenge)),
              "the passkey's key is not a point on P-256");
}

TEST(Registration, RefusesOtherAlgorithms) {
    const MadePasskey made;
    for (std::size_t i = 0; i < 10; ++i) {
        auto data = made.authenticator_data();
        data[data.size() - 77 + i] ^= 1;
        EXPECT_EQ(error_of(data, MadePasskey::client_data(challenge)),
                  "the passkey's key is not ES256");
    }
}

}  // namespace
}  // namespace cloudsign::login
