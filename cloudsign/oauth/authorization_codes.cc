#include "cloudsign/oauth/authorization_codes.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/token_table.h"

namespace cloudsign::oauth {
namespace {

using store::AuthorizationCodeRow;
using store::GrantRow;
using store::Session;
using store::TokenTable;

constexpr std::size_t code_size = 43;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

Result<std::optional<hsm::Digest>> digest_of(const std::optional<std::string>& text,
                                             std::string_view parameter) {
    if (!text) {
        return std::optional<hsm::Digest>();
    }
    hsm::Digest digest{};
    if (!from_base64url_into(*text, digest)) {
        return invalid("Invalid parameter " + std::string(parameter));
    }
    return std::optional(digest);
}

// RFC 7636 §4.1: 43 to 128 unreserved characters.
bool is_verifier(std::string_view text) {
    return text.size() >= 43 && text.size() <= 128 && std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_' || c == '~';
           });
}

// A verifier without a challenge would mean that somebody took the challenge out of the
// authorization request (RFC 9700 §4.8.2).
bool verifies(const std::optional<std::string>& verifier, const AuthorizationCodeRow& code) {
    if (!verifier || !code.code_challenge) {
        return !verifier && !code.code_challenge;
    }
    return is_verifier(*verifier) &&
           hsm::equal_constant_time(sha256(hsm::view_of(*verifier)), *code.code_challenge);
}

std::optional<TokenError> why_not(const Redemption& redemption, const AuthorizationCodeRow& code) {
    if (redemption.redirect_uri != code.redirect_uri) {
        return invalid_grant(
            "redirect_uri parameter does not match redirect_uri parameter of authorization "
            "request");
    }
    if (!verifies(redemption.code_verifier, code)) {
        return invalid_grant("Invalid parameter code_verifier");
    }
    if (code.key_thumbprint && redemption.key_thumbprint != base64url(*code.key_thumbprint)) {
        return invalid_grant("The code is bound to another DPoP key");
    }
    return std::nullopt;
}

TokenError no_such_code() {
    return invalid_grant("Authorization code is invalid or expired");
}

}  // namespace

Result<std::string> AuthorizationCodes::issue(const Grant& grant, const CodeBinding& binding) {
    TRY(check_grant(grant));
    AuthorizationCodeRow code;
    TRY_ASSIGN(code.code_challenge, digest_of(binding.code_challenge, "code_challenge"));
    TRY_ASSIGN(code.key_thumbprint, digest_of(binding.key_thumbprint, "dpop_jkt"));
    // RFC 7636 §4.3: without a method it is plain, which protects from nobody who sees the request.
    if (code.code_challenge ? binding.code_challenge_method != "S256"
                            : binding.code_challenge_method.has_value()) {
        return invalid("Invalid parameter code_challenge_method");
    }
    const auto now = clock_.now_ms();
    // Kept as long as its access token may live, so that a code which comes again is recognised.
    const auto row = new_row(
        grant, now, grant.refresh ? grant_lifetime_ms : code_lifetime_ms + access_lifetime_max_ms);
    auto text = base64url(random_32());
    code.code_hash = sha256(hsm::view_of(text));
    code.grant_id = row.id;
    code.redirect_uri = binding.redirect_uri;
    code.expires_at = now + code_lifetime_ms;
    TRY(database_.write([&](Session& session) -> Result<void> {
        TokenTable table(session);
        TRY(table.insert(row));
        return table.insert(code);
    }));
    return text;
}

hsm::Result<RedeemedGrant, TokenError> AuthorizationCodes::redeem(const Redemption& redemption) {
    if (redemption.code.size() != code_size) {
        return invalid_grant("Invalid parameter code");
    }
    const auto hash = sha256(hsm::view_of(redemption.code));
    struct Outcome {
        std::optional<GrantRow> grant;
        std::optional<TokenError> refusal;
        std::optional<std::string> replayed;  // the grant to end
    };
    const auto outcome = database_.write([&](Session& session) -> Result<Outcome> {
        TokenTable table(session);
        TRY_ASSIGN(auto code, table.code(hash));
        if (!code) {
            return Outcome{{}, no_such_code(), {}};
        }
        if (code->used) {
            return Outcome{
                {},
                with_event(no_such_code(), "authorization code used again", redemption.client_id),
                std::move(code->grant_id)};
        }
        TRY_ASSIGN(auto grant, table.grant(code->grant_id));
        if (!grant || grant->revoked || code->expires_at <= clock_.now_ms() ||
            grant->client_id != redemption.client_id) {
            return Outcome{{}, no_such_code(), {}};
        }
        if (auto refusal = why_not(redemption, *code)) {
            return Outcome{{}, std::move(refusal), {}};
        }
        TRY(table.use_code(hash));
        return Outcome{std::move(grant), {}, {}};
    });
    if (!outcome) {
        return failure_of(outcome.error());
    }
    if (outcome->replayed) {
        if (const auto done = revocations_.revoke_grant(*outcome->replayed); !done) {
            return failure_of(done.error());
        }
    }
    if (outcome->refusal) {
        return *outcome->refusal;
    }
    return redeemed(*outcome->grant);
}

}  // namespace cloudsign::oauth
