#include "cloudsign/external_ca/est_client.h"

#include <limits>

#include <gtest/gtest.h>

#include "cloudsign/pki/certificate.h"
#include "tests/unit/cloudsign/external_ca/est_site.h"

namespace cloudsign::external_ca {
namespace {

namespace openssl = hsm::openssl;

std::string in_lines(const std::string& text, std::size_t size, const std::string& end) {
    std::string lines = end;
    for (std::size_t at = 0; at < text.size(); at += size) {
        lines += text.substr(at, size) + end;
    }
    return lines;
}

using EstClientTest = EstSite;

TEST_F(EstClientTest, PostsTheRequestInBase64AndAnswersItsCertificate) {
    const auto issued = leaf();
    answers(200, as_text({issuer_, issued, root_}));

    const auto answer = request();

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Issued>(*answer).certificate, issued);
    ASSERT_EQ(seen_.size(), 1U);
    EXPECT_EQ(seen_[0].certificate, issued);
    EXPECT_EQ(seen_[0].others, (std::vector<Bytes>{issuer_, root_}));
    ASSERT_EQ(calls_.size(), 1U);
    EXPECT_EQ(calls_[0].url, std::string(est_url) + "/simpleenroll");
    EXPECT_EQ(calls_[0].content_type, "application/pkcs10");
    EXPECT_EQ(calls_[0].authorization, "Basic " + base64(hsm::view_of("kyso:correct:horse")));
    EXPECT_EQ(calls_[0].reply_max, 256U * 1024);
    EXPECT_EQ(calls_[0].deadline, std::chrono::seconds(30));
    auto body = calls_[0].body;
    for (std::size_t at = 0; at < body.size();) {
        const auto end = body.find('\n', at);
        ASSERT_LE(end - at, 64U);
        at = end + 1;
    }
    std::erase(body, '\n');
    EXPECT_EQ(from_base64(body), request_);
}

TEST_F(EstClientTest, SendsNoCredentialsThatItDoesNotHave) {
    answers(200, as_text({leaf(), issuer_}));

    EXPECT_TRUE(request(settings("", "")));
    EXPECT_EQ(calls_.at(0).authorization, "");
}

TEST_F(EstClientTest, ReadsAnswersWithWhitespaceOrWithoutBase64) {
    const auto issued = leaf();
    const auto der = bundle_of({issued, issuer_});
    const auto text = base64(der);
    for (const auto& body : {in_lines(text, 76, "\r\n"),
                             in_lines(text, 64, "\n"),
                             in_lines(text, 5, " \t\n"),
                             text,
                             std::string(hsm::text_of(der)),
                             pki::to_pem(issued) + pki::to_pem(issuer_)}) {
        answers(200, body);

        const auto answer = request();

        ASSERT_TRUE(answer) << body << answer.error().detail;
        EXPECT_EQ(std::get<Issued>(*answer).certificate, issued);
        EXPECT_EQ(std::get<Issued>(*answer).others, std::vector<Bytes>{issuer_});
    }
}

TEST_F(EstClientTest, AsksForTheOthersOfACertificateThatComesAlone) {
    answers(200, as_text({leaf()}));
    answers(200, in_lines(as_text({issuer_, root_}), 76, "\n"));

    const auto answer = request();

    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(std::get<Issued>(*answer).others, (std::vector<Bytes>{issuer_, root_}));
    EXPECT_EQ(seen_.at(0).others, (std::vector<Bytes>{issuer_, root_}));
    ASSERT_EQ(calls_.size(), 2U);
    EXPECT_EQ(calls_[1].url, std::string(est_url) + "/cacerts");
    EXPECT_TRUE(calls_[1].body.empty());
    EXPECT_EQ(calls_[1].authorization, calls_[0].authorization);
}

TEST_F(EstClientTest, DoesWithoutTheOthersThatItCannotHave) {
    const std::vector<Result<EstReply>> failures = {
        EstReply{404, 0, ""},
        EstReply{500, 0, as_text({issuer_})},
        EstReply{200, 0, "<html>"},
        EstReply{200, 0, as_text({})},
        EstReply{200, 0, std::string(256ul * 1024 + 1, 'A')},
        Error{ErrorKind::unavailable, "timed out"},
    };
    for (const auto& failure : failures) {
        calls_.clear();
        answers(200, as_text({leaf()}));
        script_.push_back(failure);

        const auto answer = request();

        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_TRUE(std::get<Issued>(*answer).others.empty());
        EXPECT_EQ(calls_.size(), 2U);
    }
}

TEST_F(EstClientTest, AnswersWhatTheCheckSays) {
    answers(200, as_text({leaf(), issuer_}));
    verdict_ = Error{ErrorKind::invalid, "it is an authority's"};

    expect_error(request(), ErrorKind::invalid, "it is an authority's");
    EXPECT_EQ(seen_.size(), 1U);
    EXPECT_EQ(calls_.size(), 1U);
}

TEST_F(EstClientTest, TakesNoCertificateOfAnotherKey) {
    const MadeKey another;
    const auto other = openssl::to_der(
        authority().issuer.certify("Subscriber", another.key.get(), as_person).get(), i2d_X509);
    for (const auto& certificates :
         {std::vector<Bytes>{other}, std::vector<Bytes>{issuer_, root_}}) {
        answers(200, as_text(certificates));

        expect_error(request(), ErrorKind::conflict, "for another key than was asked for");
    }
    EXPECT_TRUE(seen_.empty());
    EXPECT_EQ(calls_.size(), 2U);
}

TEST_F(EstClientTest, SaysThatAnAnswerIsNoCertificate) {
    const auto text = as_text({leaf()});
    for (const auto& body : {std::string(),
                             std::string("!!!! not base64 !!!!"),
                             std::string("<html>Please log in to this network</html>"),
                             text.substr(0, text.size() / 8 * 4),
                             base64(hsm::view_of("\x30\x03nonsense")),
                             as_text({})}) {
        answers(200, body);

        expect_error(request(), ErrorKind::unavailable, "no certificate");
    }
    EXPECT_TRUE(seen_.empty());
}

TEST_F(EstClientTest, ReadsNoMoreThanItAllows) {
    auto text = as_text({leaf(), issuer_});
    text.resize(256ul * 1024, '\n');
    answers(200, text);
    answers(200, text + "\n");

    EXPECT_TRUE(request());
    expect_error(request(), ErrorKind::unavailable, "too long");
}

TEST_F(EstClientTest, WaitsAsLongAsTheAuthoritySays) {
    answers(202, "somebody has to look at it", 7200);
    answers(202);
    answers(202, "", -5);
    answers(202, "", std::numeric_limits<std::int64_t>::max());

    expect_wait(request(), 7'200'000);
    expect_wait(request(), 300'000);
    expect_wait(request(), 300'000);
    expect_wait(request(), 10ll * 365 * 24 * 3600 * 1000);
    EXPECT_TRUE(seen_.empty());
}

TEST_F(EstClientTest, AsksTheSameAgainWhateverWasWaitedFor) {
    answers(202, "", 10);
    answers(202, "", 10);
    const auto unasked = [](const Issued&) { return Result<void>(); };
    auto asked = client(settings());

    expect_wait(asked.request({request_}, unasked), 10'000);
    expect_wait(asked.request({request_, {}, {1, 2, 3}}, unasked), 10'000);
    EXPECT_EQ(calls_.at(0).body, calls_.at(1).body);
    EXPECT_EQ(calls_.at(0).url, calls_.at(1).url);
}

TEST_F(EstClientTest, ShowsTheAuthoritysReasonAndNothingThatItHides) {
    answers(400, "the subject is \x1b[2Jnot\r\n\r\n  ours\x07\xff\n");
    answers(422);
    answers(409, std::string(100'000, 'x'));

    expect_refused(request(), "HTTP 400: the subject is ?[2Jnot ours??");
    expect_refused(request(), "HTTP 422, and does not say why");
    expect_refused(request(), "HTTP 409: " + std::string(400, 'x'));
}

TEST_F(EstClientTest, SaysWhereItsCredentialsAreConfigured) {
    for (const unsigned status : {401U, 403U}) {
        answers(status, "no");

        const auto answer = request();

        expect_error(answer, ErrorKind::unavailable, "does not accept our credentials");
        expect_error(answer, ErrorKind::unavailable, "kyso.toml's [external_ca]");
        expect_error(answer, ErrorKind::unavailable, std::to_string(status));
    }
}

TEST_F(EstClientTest, TellsTheReasonsWhyNothingIsDecidedApart) {
    const std::pair<unsigned, const char*> expected[] = {
        {204, "does not work at the moment: HTTP 204"},
        {301, "points to another url (HTTP 301)"},
        {404, "has no EST at this url"},
        {408, "wants to be asked later: HTTP 408: so"},
        {429, "wants to be asked later: HTTP 429: so"},
        {500, "does not work at the moment: HTTP 500: so"},
        {503, "does not work at the moment: HTTP 503: so"},
        {0, "does not work at the moment"},
    };
    for (const auto& [status, words] : expected) {
        answers(status, "so");

        expect_error(request(), ErrorKind::unavailable, words);
    }
}

TEST_F(EstClientTest, SaysThatNobodyAnswers) {
    script_.emplace_back(Error{ErrorKind::not_found, "timed out\x1b"});

    expect_error(request(), ErrorKind::unavailable, "the authority cannot be asked: timed out?");
}

TEST_F(EstClientTest, AsksNothingThatItCannotRead) {
    request_.push_back(0);

    expect_error(request(), ErrorKind::invalid, "request cannot be read");
    EXPECT_TRUE(calls_.empty());
}

TEST_F(EstClientTest, SaysWhatIsWrongWithItsSettingsAndAsksNobody) {
    struct Wrong {
        const char* url;
        const char* user;
        const char* secret;
        const char* words;
    };
    const Wrong wrong[] = {
        {"", "", "", "is no absolute URL"},
        {"http://ca.example/.well-known/est", "", "", "must begin with https://"},
        {"https://kyso:x@ca.example/.well-known/est", "", "", "neither user nor fragment"},
        {"https://ca.example", "", "", "/.well-known/est"},
        {"https://ca.example/est", "", "", "/.well-known/est"},
        {"https://ca.example/.well-known/established", "", "", "/.well-known/est"},
        {"https://ca.example/.well-known/est?x", "", "", "/.well-known/est"},
        {"https://ca.example/.well-known/est/a?x", "", "", "/.well-known/est"},
        {"https://ca.example/.well-known/est/simpleenroll", "", "", "end before /simpleenroll"},
        {"https://ca.example/.well-known/est/a/cacerts/", "", "", "end before /cacerts"},
        {est_url, "kyso", "", "both a user and a secret"},
        {est_url, "", "x", "both a user and a secret"},
        {est_url, "ky:so", "x", "no colon"},
    };
    for (const auto& one : wrong) {
        auto with = settings(one.user, one.secret);
        with.url = one.url;

        expect_error(request(std::move(with)), ErrorKind::invalid, one.words);
    }
    EXPECT_TRUE(calls_.empty());
}

TEST_F(EstClientTest, TakesAUrlWithAndWithoutALabel) {
    for (const std::string url : {"https://ca.example/.well-known/est",
                                  "https://[::1]:8443/.well-known/est/",
                                  "https://ca.example/.well-known/est/people/"}) {
        answers(202);
        auto with = settings();
        with.url = url;

        EXPECT_TRUE(client(settings()).check_settings());
        EXPECT_TRUE(request(std::move(with))) << url;
        EXPECT_EQ(calls_.back().url, url + (url.ends_with('/') ? "" : "/") + "simpleenroll");
    }
}

TEST_F(EstClientTest, SaysHowARevocationGetsToTheAuthority) {
    const auto certificate = leaf();
    const auto serial = pki::read_certificate(certificate)->serial_number;

    const auto told = client(settings()).revoke(certificate, pki::RevocationReason::key_compromise);
    const auto nothing = client(settings()).revoke({1}, pki::RevocationReason::unspecified);

    ASSERT_FALSE(told);
    EXPECT_EQ(told.error().kind, ErrorKind::conflict);
    EXPECT_EQ(told.error().detail,
              "EST has no way to revoke: tell the authority by its own way, then kyso credential "
              "revocations --told " +
                  serial);
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().kind, ErrorKind::invalid);
    EXPECT_TRUE(calls_.empty());
}

}  // namespace
}  // namespace cloudsign::external_ca
