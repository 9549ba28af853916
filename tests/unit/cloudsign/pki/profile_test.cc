#include "cloudsign/pki/profile.h"

#include <gtest/gtest.h>

#include "cloudsign/pki/distinguished_name.h"
#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::pki {
namespace {

TEST(Profile, IsNamedForSignersOnlyWhereItIsTheirs) {
    for (const auto profile : {Profile::person, Profile::organisation, Profile::device}) {
        EXPECT_EQ(signer_profile_named(profile_name(profile)), profile);
    }
    for (const auto* name : {"root", "ocsp", "tsa", "", "Person", "seal"}) {
        EXPECT_FALSE(signer_profile_named(name)) << name;
    }
}

// NĐ 68/2024 Art. 9.
TEST(Profile, RenewsASubscriberForThreeYearsAtMost) {
    constexpr std::int64_t year_ms = 365ll * 24 * 3600 * 1000;
    for (const auto profile : {Profile::person, Profile::organisation, Profile::device}) {
        EXPECT_LE(validity_ms(profile), 5 * year_ms);
        EXPECT_LE(renewal_ms(profile), 3 * year_ms);
    }
}

struct SubjectCase {
    Profile profile;
    const char* subject;
    const char* refused;  // what the error says; nullptr: it is taken
};

TEST(Profile, TakesTheSubjectsThatItsCertificatesCanHave) {
    constexpr SubjectCase cases[] = {
        {Profile::person, "CN=Nguyễn Thị Thủy,UID=CCCD:001,C=VN", nullptr},
        {Profile::person, "O=UBND xã Tân Phú,C=VN", "CN is missing"},
        {Profile::device, "CN=cong-dich-vu.example,O=UBND,C=VN", nullptr},
        {Profile::device, "OU=Máy chủ,C=VN", "CN is missing"},
        {Profile::organisation, "CN=UBND xã Tân Phú,O=UBND xã Tân Phú,L=Tân Phú,C=VN", nullptr},
        {Profile::organisation, "CN=Văn thư,O=UBND xã Tân Phú,UID=MST:0301,C=VN", nullptr},
        {Profile::organisation, "CN=Dấu,O=Sở,organizationIdentifier=VATVN-0301,C=VN", nullptr},
        {Profile::organisation, "CN=UBND xã Tân Phú,C=VN", "O is missing"},
        {Profile::organisation, "CN=UBND xã,UID=MST:0301,C=VN", "O is missing"},
        {Profile::organisation, "O=UBND xã Tân Phú,C=VN", "CN is missing"},
        {Profile::organisation, "CN=Nguyễn Văn A,O=UBND xã Tân Phú,C=VN", "as CN and as O"},
        {Profile::organisation, "UBND", "is not TYPE=value"},
    };
    for (const auto& [profile, subject, refused] : cases) {
        const auto checked = check_subject(profile, subject);
        ASSERT_EQ(checked.has_value(), refused == nullptr)
            << subject << (checked ? "" : checked.error().detail);
        if (refused != nullptr) {
            EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
            EXPECT_NE(checked.error().detail.find(refused), std::string::npos)
                << checked.error().detail;
        }
    }
}

TEST(Profile, DecidesWhatACertificateIsFor) {
    const TestKey key(hsm::protocol::KeyType::p256);
    const auto algorithm = default_algorithm(hsm::protocol::KeyType::p256);
    const auto root = make_certificate(key, "CN=Root", key, algorithm, {});
    TbsRequest request;
    request.subject = "CN=UBND,O=UBND,C=VN";
    request.spki = key.spki();
    request.issuer = root;
    request.algorithm = algorithm;
    request.valid_from_ms = test_now_ms;
    request.valid_to_ms = test_now_ms + 1000;
    const auto usage_of = [&](Profile profile) {
        request.profile = profile;
        const auto tbs = build_tbs(request);
        const auto der = assemble(*tbs, algorithm, key.sign(algorithm, *tbs), root);
        return X509_get_key_usage(hsm::openssl::read_x509(*der).get());
    };

    EXPECT_EQ(usage_of(Profile::organisation), KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION);
    EXPECT_EQ(usage_of(Profile::device), static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE));
}

}  // namespace
}  // namespace cloudsign::pki
