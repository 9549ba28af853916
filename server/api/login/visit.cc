#include "server/api/login/visit.h"

#include <array>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/store/credential_table.h"
#include "server/api/cookie.h"

namespace server::api::login {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::oauth::AuthorizationError;
using cloudsign::oauth::SigningWish;

constexpr std::string_view cookie_name = "__Host-kyso-session";

bool counts(const cloudsign::store::LoginSession& session, const Visit& visit) {
    const auto& row = visit.authorization;
    return (!visit.request.asks_for_sign_in || session.signed_in_at >= row.created_at) &&
           (!visit.request.account || *visit.request.account == session.owner_id) &&
           (!row.signer_id || *row.signer_id == session.owner_id);
}

// The only credential of the signer that could be meant, when the portal names none.
csc::Checked<std::string> chosen_credential(Context& context,
                                            const SigningWish& wish,
                                            const std::string& signer_id) {
    if (wish.credential_id) {
        return *wish.credential_id;
    }
    auto all = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::CredentialTable(session).of_signer(signer_id);
    });
    if (!all) {
        return csc::to_refusal(all.error());
    }
    std::erase_if(*all, [](const cloudsign::store::Credential& credential) {
        return credential.status != cloudsign::store::CredentialStatus::enabled;
    });
    if (all->size() != 1) {
        return csc::invalid("Missing (or invalid type) string parameter credentialID");
    }
    return all->front().id;
}

// The wish in the form in which the API itself is asked.
json::object body_of(const SigningWish& wish,
                     const std::string& credential_id,
                     const std::string& description) {
    const auto& names = csc::names(wish.is_v1 ? csc::Version::v1 : csc::Version::v2);
    json::array hashes;
    for (const auto& hash : wish.hashes) {
        hashes.push_back(json::string(cloudsign::base64(hash)));
    }
    json::object body{{"credentialID", credential_id},
                      {"numSignatures", wish.signature_count.value_or(0)},
                      {names.hash, std::move(hashes)},
                      {"description", description}};
    const std::pair<std::string_view, const std::optional<std::string>*> optionals[] = {
        {names.hash_algo, &wish.hash_algorithm},
        {"signAlgo", &wish.sign_algorithm},
        {"signAlgoParams", &wish.sign_algorithm_parameters}};
    for (const auto& [name, value] : optionals) {
        if (*value) {
            body[name] = **value;
        }
    }
    if (!wish.labels.empty()) {
        json::array documents;
        for (const auto& label : wish.labels) {
            documents.push_back(json::object{{"document_name", label}});
        }
        body["documents"] = std::move(documents);
    }
    return body;
}

}  // namespace

std::optional<std::string_view> session_cookie(const http::Request& request) {
    return cookie_of(request, cookie_name);
}

std::string cookie_for(std::string_view secret) {
    using cloudsign::login::LoginService;
    return std::string(cookie_name) + "=" + std::string(secret) +
           "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=" +
           std::to_string(LoginService::session_lifetime_ms / 1000);
}

std::string cookie_removed() {
    return std::string(cookie_name) + "=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
}

cloudsign::Result<Visit> find_visit(Context& context,
                                    std::string_view id,
                                    std::optional<std::string_view> session_secret) {
    Visit visit;
    TRY_ASSIGN(visit.authorization, context.authorizations.find(id));
    TRY_ASSIGN(visit.client, context.clients.find(visit.authorization.client_id));
    TRY_ASSIGN(auto parameters,
               cloudsign::oauth::AuthorizationRequests::parameters_of(visit.authorization));
    auto request = cloudsign::oauth::read_authorization_request(*visit.client, parameters);
    if (!request || visit.client->status != cloudsign::store::ClientStatus::active) {
        return Error{ErrorKind::not_found, "the client may ask no more"};
    }
    visit.request = *std::move(request);
    if (session_secret) {
        using Standing = cloudsign::login::LoginService::Standing;
        // "I did not start this" freezes the signer, and the portal has to hear of it.
        const auto standing = visit.authorization.transaction_id ? Standing::any : Standing::active;
        auto session = context.logins.session(*session_secret, standing);
        if (session && counts(*session, visit)) {
            visit.session = *std::move(session);
        } else if (!session && session.error().kind != ErrorKind::unauthenticated) {
            return std::move(session).error();
        }
    }
    return visit;
}

std::string answer_at(Context& context,
                      const std::string& redirect_uri,
                      const std::optional<std::string>& state,
                      Answer answer) {
    if (state) {
        answer.emplace_back("state", *state);
    }
    answer.emplace_back("iss", context.tokens.settings().issuer);
    return cloudsign::oauth::with_parameters(redirect_uri, answer);
}

Answer answer_of(const AuthorizationError& error) {
    return {{"error", error.error}, {"error_description", error.description}};
}

cloudsign::Result<std::string> finish_with(Context& context, const Visit& visit, Answer answer) {
    TRY(context.authorizations.finish(visit.authorization));
    return answer_at(context, visit.request.redirect_uri, visit.request.state, std::move(answer));
}

cloudsign::Result<std::string> issue_code(Context& context,
                                          const Visit& visit,
                                          const cloudsign::store::Transaction* transaction) {
    const auto& request = visit.request;
    cloudsign::oauth::Grant grant;
    grant.client_id = visit.client->id;
    grant.signer_id = visit.session->owner_id;
    grant.refresh = transaction == nullptr;
    if (transaction != nullptr) {
        using cloudsign::store::TokenType;
        grant.scope = "credential";
        grant.transaction_id = transaction->id;
        grant.token_type = request.signing->is_v1 ? TokenType::sad : TokenType::bearer;
        grant.authorization_details =
            cloudsign::oauth::granted_details(*request.signing, transaction->credential_id);
        grant.access_until_ms = transaction->sign_by;
    }
    cloudsign::oauth::CodeBinding binding;
    if (request.names_redirect_uri) {
        binding.redirect_uri = request.redirect_uri;
    }
    binding.code_challenge = request.code_challenge;
    binding.code_challenge_method = request.code_challenge_method;
    binding.key_thumbprint = request.key_thumbprint;
    return context.codes.issue(grant, binding);
}

AuthorizationError to_authorization_error(const csc::Refusal& refusal) {
    // RFC 6749 §4.1.2.1 knows these; what CSC has beside them says so in its text.
    constexpr std::array<std::string_view, 4> known = {
        "invalid_request", "access_denied", "server_error", "temporarily_unavailable"};
    const bool fits = std::ranges::find(known, refusal.error) != known.end();
    return {fits ? refusal.error : "invalid_request", refusal.description};
}

csc::Checked<cloudsign::transaction::SignatureRequest> signature_request(Context& context,
                                                                         const Visit& visit) {
    const auto& wish = *visit.request.signing;
    const auto& signer_id = visit.session->owner_id;
    TRY_ASSIGN(auto credential_id, chosen_credential(context, wish, signer_id));
    const Principal asker{visit.client, signer_id, nullptr};
    const auto parameters =
        csc::Parameters::of(body_of(wish, credential_id, visit.request.description));
    return csc::signature_request(
        context, asker, parameters, wish.is_v1 ? csc::Version::v1 : csc::Version::v2);
}

}  // namespace server::api::login
