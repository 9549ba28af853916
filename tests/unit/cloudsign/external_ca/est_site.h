#pragma once

#include <deque>

#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/external_ca/est_client.h"
#include "tests/unit/cloudsign/external_ca/made_authority.h"

namespace cloudsign::external_ca {

inline constexpr auto est_url = "https://ca.example:8443/.well-known/est/people";

// A certs-only PKCS #7 of OpenSSL's making (RFC 7030 §4.1.3), DER.
inline Bytes bundle_of(const std::vector<Bytes>& certificates) {
    const hsm::openssl::Pkcs7Ptr bundle(PKCS7_new());
    CHECK(PKCS7_set_type(bundle.get(), NID_pkcs7_signed) == 1);
    CHECK(PKCS7_content_new(bundle.get(), NID_pkcs7_data) == 1);
    for (const auto& certificate : certificates) {
        CHECK(PKCS7_add_certificate(bundle.get(), hsm::openssl::read_x509(certificate).get()) == 1);
    }
    return hsm::openssl::to_der(bundle.get(), i2d_PKCS7);
}

// The same in base64, on one line.
inline std::string as_text(const std::vector<Bytes>& certificates) {
    return base64(bundle_of(certificates));
}

// A client whose authority says what a test has written down, one answer after the other.
class EstSite : public testing::Test {
protected:
    static const MadeAuthority& authority() {
        static const MadeAuthority made;
        return made;
    }
    Bytes leaf() const {
        return hsm::openssl::to_der(
            authority().issuer.certify("Subscriber", subscriber_.key.get(), as_person).get(),
            i2d_X509);
    }

    void answers(unsigned status, std::string body = "", std::int64_t retry_after_s = 0) {
        script_.push_back(EstReply{status, retry_after_s, std::move(body)});
    }

    static EstSettings settings(const std::string& user = "kyso",
                                const std::string& secret = "correct:horse") {
        EstSettings made;
        made.url = est_url;
        made.user = user;
        CHECK(made.secret.assign(hsm::view_of(secret)));
        return made;
    }

    EstClient client(EstSettings with) {
        return {std::move(with), [this](const EstCall& call) -> Result<EstReply> {
                    calls_.push_back(call);
                    CHECK(!script_.empty());
                    auto next = std::move(script_.front());
                    script_.pop_front();
                    return next;
                }};
    }

    Result<CaAnswer> request(EstSettings with = settings()) {
        const auto check = [this](const Issued& issued) -> Result<void> {
            seen_.push_back(issued);
            return verdict_;
        };
        return client(std::move(with)).request({request_}, check);
    }

    static void expect_error(const Result<CaAnswer>& answer,
                             ErrorKind kind,
                             const std::string& words) {
        ASSERT_FALSE(answer) << "answer " << answer->index();
        EXPECT_EQ(answer.error().kind, kind);
        EXPECT_NE(answer.error().detail.find(words), std::string::npos) << answer.error().detail;
    }
    static void expect_refused(const Result<CaAnswer>& answer, const std::string& reason) {
        ASSERT_TRUE(answer) << answer.error().detail;
        const auto* refused = std::get_if<Refused>(&*answer);
        ASSERT_NE(refused, nullptr) << "answer " << answer->index();
        EXPECT_EQ(refused->reason, reason);
    }
    static void expect_wait(const Result<CaAnswer>& answer, std::int64_t after_ms) {
        ASSERT_TRUE(answer) << answer.error().detail;
        const auto* later = std::get_if<AskLater>(&*answer);
        ASSERT_NE(later, nullptr) << "answer " << answer->index();
        EXPECT_EQ(later->after_ms, after_ms);
        EXPECT_TRUE(later->transaction.empty());
    }

    const MadeKey subscriber_;
    Bytes request_ = made_request("Subscriber", subscriber_);
    const Bytes issuer_ = authority().issuer.der();
    const Bytes root_ = authority().root.der();
    std::deque<Result<EstReply>> script_;
    std::vector<EstCall> calls_;
    Result<void> verdict_;
    std::vector<Issued> seen_;
};

}  // namespace cloudsign::external_ca
