#pragma once

#include <gtest/gtest.h>

#include "cloudsign/external_ca/cmp_client.h"
#include "tests/unit/cloudsign/external_ca/cmp_server.h"

namespace cloudsign::external_ca {

enum class Protection { secret, signature };

// A client and an authority that know each other, and time that passes when somebody waits.
class CmpSite : public testing::Test {
protected:
    static constexpr auto secret = "correct horse battery";

    static CmpSettings settings(Protection protection) {
        CmpSettings made;
        made.url = cmp_url;
        made.anchors = {authority().root.der()};
        if (protection == Protection::secret) {
            CmpSecret shared{"kyso-1", {}};
            CHECK(shared.secret.assign(hsm::view_of(secret)));
            made.protection = std::move(shared);
            return made;
        }
        made.protection = CmpSignature{
            authority().office.der(), {authority().issuer.der()}, authority().office.key.shared()};
        return made;
    }

    void SetUp() override {
        server_.share_secret("kyso-1", secret);
        server_.sign_as(authority().service, authority().issuer);
    }

    static const MadeAuthority& authority() {
        static const MadeAuthority made;
        return made;
    }

    CmpClient client(CmpSettings with) {
        Waiting waiting;
        waiting.now = [this] { return now_; };
        waiting.wait = [this](std::chrono::milliseconds time) {
            now_ += time;
            waits_.push_back(time);
            meanwhile_();
        };
        return {std::move(with), server_.fetch(), waiting};
    }

    Result<CaAnswer> request(CmpSettings with, const Bytes& transaction = {}) {
        const auto check = [this](const Issued& issued) -> Result<void> {
            seen_.push_back(issued);
            return verdict_;
        };
        return client(std::move(with)).request({request_, renews_, transaction}, check);
    }

    static void expect_error(const Result<CaAnswer>& answer,
                             ErrorKind kind,
                             const std::string& words) {
        ASSERT_FALSE(answer) << "answer " << answer->index();
        EXPECT_EQ(answer.error().kind, kind);
        EXPECT_NE(answer.error().detail.find(words), std::string::npos) << answer.error().detail;
    }
    static void expect_unavailable(const Result<CaAnswer>& answer, const std::string& words) {
        expect_error(answer, ErrorKind::unavailable, words);
    }

    CmpServer server_{authority()};
    const MadeKey subscriber_;
    const Bytes request_ = made_request("Subscriber", subscriber_);
    Bytes renews_;
    Result<void> verdict_;
    std::vector<Issued> seen_;
    std::function<void()> meanwhile_ = [] {};
    std::vector<std::chrono::milliseconds> waits_;
    std::chrono::steady_clock::time_point now_;
};

}  // namespace cloudsign::external_ca
