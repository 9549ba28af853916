#include "cloudsign/evidence/timestamper.h"

#include <gtest/gtest.h>

#include "cloudsign/pki/timestamp_token.h"
#include "tests/unit/cloudsign/evidence/evidence_site.h"

namespace cloudsign::evidence {
namespace {

using hsm::protocol::DigestAlgorithm;

class TimestamperTest : public WithSite {
protected:
    Result<Bytes> stamp(const std::vector<std::string>& urls) {
        const Timestamper timestamper(
            urls, {services_.authority.certificate()}, services_.fetch(), services_.clock);
        return timestamper.stamp(DigestAlgorithm::sha256, Bytes(32, 7));
    }

    static void expect_refused(const Result<Bytes>& token, const std::string& words) {
        ASSERT_FALSE(token);
        EXPECT_EQ(token.error().kind, ErrorKind::unavailable);
        EXPECT_NE(token.error().detail.find(words), std::string::npos) << token.error().detail;
    }
};

TEST_F(TimestamperTest, AsksTheNextAuthorityWhereOneFails) {
    services_.down.insert(tsa_url);

    const auto token = stamp({"http://nobody.test/", tsa_url, second_tsa_url});

    ASSERT_TRUE(token) << token.error().detail;
    EXPECT_EQ(services_.asked,
              (std::vector<std::string>{"http://nobody.test/", tsa_url, second_tsa_url}));
    EXPECT_EQ(pki::read_timestamp_token(*token)->imprint, Bytes(32, 7));
    expect_refused(stamp({tsa_url}), tsa_url + ": it is down");
    EXPECT_EQ(stamp({}).error().kind, ErrorKind::not_found);
}

TEST_F(TimestamperTest, TakesNoAnswerToAnotherQuestion) {
    Bytes old;
    services_.tampered[tsa_url] = [&](const Bytes& answer) { return old = answer; };
    ASSERT_TRUE(stamp({tsa_url}));

    services_.tampered[tsa_url] = [&](const Bytes&) { return old; };  // another nonce
    expect_refused(stamp({tsa_url}), "nonce mismatch");
    EXPECT_TRUE(stamp({tsa_url, second_tsa_url})) << "another one is asked then";
    const Timestamper other(
        {tsa_url}, {services_.authority.certificate()}, services_.fetch(), services_.clock);
    expect_refused(other.stamp(DigestAlgorithm::sha256, Bytes(32, 8)), "mismatch");
    services_.tampered[tsa_url] = [](Bytes answer) {
        answer[answer.size() / 2] ^= 1;
        return answer;
    };
    expect_refused(stamp({tsa_url}), "does not stand");
    services_.tampered[tsa_url] = [](const Bytes&) { return Bytes(3, 0); };
    expect_refused(stamp({tsa_url}), "does not stand");
}

TEST_F(TimestamperTest, TakesNoAuthorityThatIsNotTrusted) {
    const document::Authority other;
    const Timestamper timestamper(
        {tsa_url}, {other.certificate()}, services_.fetch(), services_.clock);

    expect_refused(timestamper.stamp(DigestAlgorithm::sha256, Bytes(32, 7)), "does not stand");
}

TEST_F(TimestamperTest, TakesNoTokenOfAClockThatIsAnHourOff) {
    for (const std::int64_t off : {-3'600'000, 3'600'000}) {
        services_.time_off_ms = off;

        expect_refused(stamp({tsa_url}), "more than a minute apart");
    }
    services_.time_off_ms = -30'000;
    EXPECT_TRUE(stamp({tsa_url}));
}

}  // namespace
}  // namespace cloudsign::evidence
