#include "cloudsign/oauth/authorization_request.h"

#include <gtest/gtest.h>

#include "cloudsign/base64.h"
#include "cloudsign/sha256.h"

namespace cloudsign::oauth {
namespace {

constexpr const char* callback = "https://portal.example/callback?of=kyso";

store::Client a_client() {
    store::Client client;
    client.id = "client_a";
    client.settings.redirect_uris = {callback};
    return client;
}

RequestParameters service() {
    return {{"response_type", "code"},
            {"client_id", "client_a"},
            {"redirect_uri", callback},
            {"state", "s"},
            {"code_challenge", base64url(sha256("verifier"))},
            {"code_challenge_method", "S256"}};
}

std::string hash(std::string_view text) {
    return base64url(sha256(text));
}

RequestParameters credential() {
    auto parameters = service();
    parameters["scope"] = "credential";
    parameters["credentialID"] = "cred_1";
    parameters["numSignatures"] = "2";
    parameters["hashes"] = hash("a") + "," + hash("b");
    parameters["hashAlgorithmOID"] = "2.16.840.1.101.3.4.2.1";
    return parameters;
}

// "error: description" of the request with some parameters changed; empty ones are left out.
std::string error_of(RequestParameters parameters,
                     const RequestParameters& changes,
                     const store::Client& client = a_client()) {
    for (const auto& [name, value] : changes) {
        parameters[name] = value;
        if (value.empty()) {
            parameters.erase(name);
        }
    }
    const auto read = read_authorization_request(client, parameters);
    return read ? "" : read.error().error + ": " + read.error().description;
}

TEST(AuthorizationRequest, AsksForServiceUnlessItSaysOtherwise) {
    const auto request = read_authorization_request(a_client(), service());

    ASSERT_TRUE(request.has_value());
    EXPECT_FALSE(request->signing.has_value());
    EXPECT_EQ(request->redirect_uri, callback);
    EXPECT_TRUE(request->names_redirect_uri);
    EXPECT_EQ(request->state, "s");
    EXPECT_EQ(request->language, PageLanguage::vi);
    EXPECT_FALSE(request->asks_for_sign_in);
}

TEST(AuthorizationRequest, NamesWhatIsToBeSigned) {
    const auto request = read_authorization_request(a_client(), credential());

    ASSERT_TRUE(request.has_value() && request->signing.has_value());
    EXPECT_EQ(request->signing->credential_id, "cred_1");
    EXPECT_EQ(request->signing->signature_count, 2);
    EXPECT_EQ(request->signing->hashes,
              (std::vector<Bytes>{bytes_of(sha256("a")), bytes_of(sha256("b"))}));
    EXPECT_FALSE(request->signing->is_v1);
    EXPECT_EQ(granted_details(*request->signing, "cred_1"), "");
}

TEST(AuthorizationRequest, IsOfVersion1WhenItSaysHash) {
    auto parameters = credential();
    parameters["hash"] = parameters["hashes"];
    parameters.erase("hashes");

    const auto request = read_authorization_request(a_client(), parameters);

    ASSERT_TRUE(request.has_value() && request->signing.has_value());
    EXPECT_TRUE(request->signing->is_v1);
    EXPECT_EQ(request->signing->hashes.size(), 2u);
}

TEST(AuthorizationRequest, IsRefusedInTheWordsOfItsFault) {
    const struct {
        RequestParameters changes;
        std::string error;
    } cases[] = {
        {{{"response_type", ""}}, "invalid_request: Missing parameter response_type"},
        {{{"response_type", "token"}},
         "unsupported_response_type: Invalid parameter response_type"},
        {{{"redirect_uri", "https://portal.example/callback"}},
         "invalid_request: Invalid parameter redirect_uri"},
        {{{"state", std::string(256, 'x')}}, "invalid_request: Invalid parameter state"},
        {{{"state", std::string(255, 'x')}}, ""},
        {{{"scope", "service credential"}}, "invalid_scope: Invalid parameter scope"},
        {{{"scope", "openid"}}, "invalid_scope: Invalid parameter scope"},
        {{{"code_challenge", ""}, {"code_challenge_method", ""}},
         "invalid_request: Missing parameter code_challenge"},
        {{{"code_challenge", ""}}, "invalid_request: Invalid parameter code_challenge_method"},
        {{{"code_challenge_method", "plain"}},
         "invalid_request: Invalid parameter code_challenge_method"},
        {{{"code_challenge_method", ""}},
         "invalid_request: Invalid parameter code_challenge_method"},
        {{{"code_challenge", "short"}}, "invalid_request: Invalid parameter code_challenge"},
        {{{"dpop_jkt", "short"}}, "invalid_request: Invalid parameter dpop_jkt"},
        {{{"request", "x.y.z"}}, "request_not_supported: Invalid parameter request"},
        {{{"response_mode", "fragment"}}, "invalid_request: Invalid parameter response_mode"},
        {{{"prompt", "none"}}, "interaction_required: The signer has to be asked"},
        {{{"prompt", "create"}}, "invalid_request: Invalid parameter prompt"},
        {{{"prompt", "login"}}, ""},
        {{{"lang", std::string(36, 'x')}}, "invalid_request: Invalid parameter lang"},
        {{{"clientData", std::string(4097, 'x')}}, "invalid_request: Invalid parameter clientData"},
        {{{"account_token", std::string(4097, 'x')}},
         "invalid_request: Invalid parameter account_token"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(error_of(service(), one.changes), one.error);
    }
}

TEST(AuthorizationRequest, ForSigningIsRefusedInTheWordsOfItsFault) {
    const struct {
        RequestParameters changes;
        std::string error;
    } cases[] = {
        {{{"credentialID", ""}},
         "invalid_request: Missing (or invalid type) string parameter credentialID"},
        {{{"credentialID", ""}, {"signatureQualifier", "vn_etl_ds"}}, ""},
        {{{"numSignatures", ""}},
         "invalid_request: Missing (or invalid type) integer parameter numSignatures"},
        {{{"numSignatures", "2x"}},
         "invalid_request: Missing (or invalid type) integer parameter numSignatures"},
        {{{"hashes", ""}}, "invalid_request: Missing (or invalid type) array parameter hashes"},
        {{{"hashes", "no base64"}}, "invalid_request: Invalid Base64 hashes string parameter"},
        {{{"hashes", hash("a") + ",," + hash("b")}},
         "invalid_request: Invalid Base64 hashes string parameter"},
        {{{"hash", hash("a")}}, "invalid_request: Invalid parameter hashes"},
        {{{"authorization_details", "[]"}},
         "invalid_request: Invalid parameter authorization_details"},
    };
    for (const auto& one : cases) {
        EXPECT_EQ(error_of(credential(), one.changes), one.error);
    }
}

TEST(AuthorizationRequest, TakesHashesInEitherAlphabet) {
    const auto digest = sha256("document 7");

    EXPECT_EQ(read_hash(base64(digest)), bytes_of(digest));
    EXPECT_EQ(read_hash(base64url(digest)), bytes_of(digest));
    EXPECT_EQ(read_hash(base64url(digest) + "="), bytes_of(digest));
    EXPECT_EQ(read_hash(base64url(digest) + "=="), std::nullopt);
    EXPECT_EQ(read_hash(base64url(digest) + " "), std::nullopt);
}

TEST(AuthorizationRequest, DoesWithoutPkceOnlyWhereTheProfileSaysSo) {
    auto client = a_client();
    client.settings.pkce_optional = true;
    const RequestParameters without = {{"code_challenge", ""}, {"code_challenge_method", ""}};

    EXPECT_EQ(error_of(service(), without, client), "");
    EXPECT_EQ(error_of(service(), {{"code_challenge_method", "plain"}}, client),
              "invalid_request: Invalid parameter code_challenge_method");
    EXPECT_NE(error_of(service(), without), "");
}

TEST(AuthorizationRequest, OfAClientWhoseDoorIsClosedIsRefused) {
    auto client = a_client();
    client.settings.csc = false;

    EXPECT_EQ(error_of(service(), {}, client),
              "unauthorized_client: The client may not use this API");
}

TEST(AuthorizationRequest, MayLeaveOutTheOnlyRedirectUri) {
    auto client = a_client();
    EXPECT_EQ(error_of(service(), {{"redirect_uri", ""}}, client), "");

    client.settings.redirect_uris.push_back("https://portal.example/other");
    EXPECT_EQ(error_of(service(), {{"redirect_uri", ""}}, client),
              "invalid_request: Missing parameter redirect_uri");
    client.settings.redirect_uris.clear();
    EXPECT_NE(error_of(service(), {{"redirect_uri", ""}}, client), "");
}

constexpr const char* details_2025 =
    R"([{"type":"https://cloudsignatureconsortium.org/2025/credential","credentialID":"cred_1",)"
    R"("numSignatures":1,"hashAlgorithmOID":"2.16.840.1.101.3.4.2.1","documentDigests":)"
    R"([{"hash":"DIGEST","label":"Hợp đồng","hashType":"DTBSR"}]}])";

std::string details(std::string text, std::string_view from = "", std::string_view to = "") {
    if (!from.empty()) {
        text.replace(text.find(from), from.size(), to);
    }
    if (const auto at = text.find("DIGEST"); at != std::string::npos) {
        text.replace(at, 6, base64(sha256("a")));
    }
    return text;
}

TEST(AuthorizationDetails, SayWhatIsToBeSigned) {
    auto parameters = service();
    parameters["authorization_details"] = details(details_2025);

    const auto request = read_authorization_request(a_client(), parameters);

    ASSERT_TRUE(request.has_value() && request->signing.has_value());
    EXPECT_EQ(request->signing->hashes, std::vector<Bytes>{bytes_of(sha256("a"))});
    EXPECT_EQ(request->signing->labels, std::vector<std::string>{"Hợp đồng"});
    const auto granted = granted_details(*request->signing, "cred_1");
    EXPECT_NE(granted.find(R"("credentialID":"cred_1")"), std::string::npos);
    EXPECT_NE(granted.find(R"("numSignatures":1)"), std::string::npos);
    EXPECT_TRUE(granted.starts_with('['));
}

TEST(AuthorizationDetails, OfVersion2CountThemselves) {
    const auto read = read_authorization_details(
        details(R"([{"type":"credential","signatureQualifier":"vn_etl_ds",)"
                R"("documentDigests":[{"hash":"DIGEST","label":""}],"locations":["x"]}])"));

    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->signature_count, 1);
    EXPECT_NE(granted_details(*read, "cred_9").find(R"("credentialID":"cred_9")"),
              std::string::npos);
}

TEST(AuthorizationDetails, AreRefusedWhole) {
    const std::string cases[] = {
        "",
        "{}",
        "[]",
        "[1]",
        R"([{"type":"credential"},{"type":"credential"}])",
        details(details_2025, "2025/credential", "2025/qes"),
        details(details_2025, R"("numSignatures":1)", R"("numSignatures":"1")"),
        details(details_2025, R"("numSignatures":1)", R"("unheard":1)"),
        details(details_2025, R"("credentialID":"cred_1",)", ""),
        details(details_2025, R"("credentialID":"cred_1")", R"("credentialID":1)"),
        details(details_2025, "DIGEST", "!"),
        details(details_2025, R"("label":"Hợp đồng")", R"("label":7)"),
        details(details_2025, "DTBSR", "XYZ"),
        details(details_2025, R"("hashType")", R"("unheard")"),
        // A name twice: what a check saw and what is used could differ.
        details(details_2025,
                R"("credentialID":"cred_1")",
                R"("credentialID":"cred_2","credentialID":"cred_1")"),
        details(details_2025, R"("hash":)", R"("hash":"AAAA","hash":)"),
    };
    for (const auto& text : cases) {
        const auto read = read_authorization_details(text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error().error, "invalid_authorization_details") << text;
    }
}

TEST(AuthorizationDetails, NameNoKindOfSignatureThatIsNotMadeHere) {
    SigningWish wish;
    EXPECT_TRUE(check_qualifier(wish, "").has_value());
    wish.signature_qualifier = "vn_let_pds";
    EXPECT_TRUE(check_qualifier(wish, "vn_let_pds").has_value());
    EXPECT_EQ(check_qualifier(wish, "eu_eidas_qes").error().error, "invalid_request");
    wish.details = "{}";
    EXPECT_EQ(check_qualifier(wish, "").error().error, "invalid_authorization_details");
    wish.signature_qualifier = "";
    EXPECT_FALSE(check_qualifier(wish, "").has_value());
}

TEST(AuthorizationAnswer, IsAddedToTheQuery) {
    EXPECT_EQ(with_parameters("https://p.example/cb", {{"code", "a b&c"}, {"state", "é"}}),
              "https://p.example/cb?code=a%20b%26c&state=%C3%A9");
    EXPECT_EQ(with_parameters(callback, {{"error", "x"}}), std::string(callback) + "&error=x");
}

TEST(AuthorizationAnswer, CarriesNoStateThatIsTooLong) {
    EXPECT_EQ(returned_state({{"state", std::string(256, 'x')}}), std::nullopt);
    EXPECT_EQ(returned_state({}), std::nullopt);
    EXPECT_EQ(returned_state({{"state", "x"}}), "x");
}

}  // namespace
}  // namespace cloudsign::oauth
