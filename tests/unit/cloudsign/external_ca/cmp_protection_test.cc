#include <gmock/gmock.h>

#include "cloudsign/pki/certificate_store.h"
#include "tests/unit/cloudsign/external_ca/cmp_site.h"

// Which answers count: only those that are protected by who may answer.
namespace cloudsign::external_ca {
namespace {

class CmpSignerTest : public CmpSite {};

class CmpProtectionTest : public CmpSite, public testing::WithParamInterface<Protection> {};

INSTANTIATE_TEST_SUITE_P(Protections,
                         CmpProtectionTest,
                         testing::Values(Protection::secret, Protection::signature));

TEST_P(CmpProtectionTest, AnUnprotectedAnswerIsNone) {
    OSSL_CMP_CTX_set_option(server_.context(), OSSL_CMP_OPT_UNPROTECTED_SEND, 1);

    expect_unavailable(request(settings(GetParam())), "the answer is not protected");

    EXPECT_TRUE(seen_.empty());
}

TEST_P(CmpProtectionTest, AnUnprotectedRefusalIsNone) {
    OSSL_CMP_SRV_CTX_set_send_unprotected_errors(server_.server(), 1);
    server_.no = CmpServer::No{OSSL_CMP_CTX_FAILINFO_badRequest, "go away"};

    expect_unavailable(request(settings(GetParam())), "the answer is not protected");
    EXPECT_FALSE(client(settings(GetParam()))
                     .revoke(authority().office.der(), pki::RevocationReason::superseded));
}

TEST_P(CmpProtectionTest, AChangedAnswerSaysNothingElse) {
    std::size_t at = 0;
    std::size_t size = 1;
    server_.on_the_way = [&](Bytes answer) {
        size = std::max(size, answer.size());
        answer[at % answer.size()] ^= 1;
        return answer;
    };
    for (; at < size; at += 13) {
        const auto answer = request(settings(GetParam()));

        // Extra certificates are outside the protection: there a byte may change.
        if (answer) {
            ASSERT_TRUE(std::holds_alternative<Issued>(*answer)) << at;
            EXPECT_EQ(std::get<Issued>(*answer).certificate, server_.issued.back()) << at;
        } else {
            EXPECT_EQ(answer.error().kind, ErrorKind::unavailable) << at;
        }
    }
    at = 40;
    EXPECT_FALSE(request(settings(GetParam())));
}

TEST_P(CmpProtectionTest, AnOldAnswerIsNone) {
    Bytes old;
    server_.on_the_way = [&](const Bytes& answer) {
        if (old.empty()) {
            old = answer;
        }
        return old;
    };
    EXPECT_FALSE(request(settings(GetParam()))) << "it is no answer to certConf either";
    seen_.clear();

    expect_unavailable(request(settings(GetParam())), "belongs to another transaction");

    EXPECT_TRUE(seen_.empty());
}

TEST_F(CmpSignerTest, TakesNoAnswerUnderAnotherSecret) {
    server_.share_secret("kyso-1", "another one");

    expect_unavailable(request(settings(Protection::secret)), "compare reference and secret");
}

TEST_F(CmpSignerTest, TakesNoAnswerSignedUnderAnotherAnchor) {
    const MadeAuthority other;
    server_.sign_as(other.service, other.issuer);
    OSSL_CMP_CTX_set0_trustedStore(
        server_.context(),
        pki::store_of({authority().root.der(), other.root.der()}, std::nullopt).release());

    expect_unavailable(request(settings(Protection::signature)), "not signed by who may");
    EXPECT_TRUE(server_.confirmations.empty());

    auto trusting = settings(Protection::signature);
    trusting.anchors.push_back(other.root.der());
    EXPECT_TRUE(request(std::move(trusting)));
}

TEST_F(CmpSignerTest, TakesNoAnswerSignedByASubscriber) {
    const MadeCertificate person{"A person", as_person, &authority().issuer};
    server_.sign_as(person, authority().issuer);

    expect_unavailable(request(settings(Protection::signature)), "not signed by who may");

    auto pinned = settings(Protection::signature);
    pinned.anchors.push_back(person.der());
    EXPECT_TRUE(request(std::move(pinned)));
    auto named = settings(Protection::signature);
    named.recipient = "CN=A person";
    EXPECT_TRUE(request(std::move(named)));
    named = settings(Protection::signature);
    named.recipient = "CN=CMP service";
    expect_unavailable(request(std::move(named)), "not signed by who may");
    server_.sign_as(authority().issuer, authority().root);
    EXPECT_TRUE(request(settings(Protection::signature))) << "a CA itself";
}

TEST_F(CmpSignerTest, TakesASignatureInsteadOfTheSecretOnlyUnderAnAnchor) {
    auto by_secret = settings(Protection::secret);
    by_secret.anchors.clear();
    EXPECT_TRUE(request(std::move(by_secret)));
    Bytes signed_answer;
    server_.on_the_way = [&](const Bytes& answer) { return signed_answer = answer; };
    ASSERT_TRUE(request(settings(Protection::signature)));
    server_.on_the_way = [&](const Bytes&) { return signed_answer; };

    by_secret = settings(Protection::secret);
    by_secret.anchors.clear();
    expect_unavailable(request(std::move(by_secret)), "there is no anchor");
}

TEST_F(CmpSignerTest, TakesNoSecretWhereItHasNone) {
    Bytes under_secret;
    server_.on_the_way = [&](const Bytes& answer) { return under_secret = answer; };
    ASSERT_TRUE(request(settings(Protection::secret)));
    server_.on_the_way = [&](const Bytes&) { return under_secret; };

    expect_unavailable(request(settings(Protection::signature)), "must sign its answers");
}

}  // namespace
}  // namespace cloudsign::external_ca
