#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/error.h"

namespace cloudsign::store {

// CSC v1 has no pending state: authorize waits for the phone, or answers a SAD at once for which
// signHash then waits.
enum class V1Authorize { hold, deferred };

// How a client says at the token endpoint who it is (RFC 8414 token_endpoint_auth_methods): one way
// and no other. A secret may come in either of its two forms. `none` is a public client (RFC 6749
// §2.1), one in a browser that could keep no secret: what it holds is a person's sign-in alone.
enum class TokenAuth { client_secret, private_key_jwt, tls_client_auth, none };

enum class DpopUse { allowed, required };
// v2 has one, behind a handle that is asked again and again; some clients know SADs alone.
enum class V2Authorize { handle, deferred };

// How a portal is served where it differs from the rest: the doors that are open to it, and its
// compatibility profile. The defaults are strict.
struct ClientSettings {
    // Doors.
    bool csc = true;
    bool rssp = false;
    bool qd769 = false;
    bool csc_credentials = false;

    // oauth.…: where an authorization may send the browser back to, exactly (RFC 9700 §4.1.3).
    std::vector<std::string> redirect_uris;

    // profile.…: what only some portals need.
    V1Authorize v1_authorize = V1Authorize::hold;
    V2Authorize v2_authorize = V2Authorize::handle;
    std::int64_t hold_seconds = 0;      // 0: the server's own
    bool send_otp_answers_200 = false;  // for clients that always ask for an OTP first
    bool qd769_open_status = false;     // for clients that ask for a status without saying who
    bool pkce_optional = false;         // for v1 clients, whose text knows no code_challenge

    // The organisation behind the portal, as the operator has made sure; empty: nobody has.
    std::string verified_as;

    // Where the portal is told what became of its requests (cloudsign/push/target.h).
    std::string webhook_url;    // empty: nowhere
    std::string webhook_hosts;  // with commas: others that a request may name
    bool webhook_private_addresses = false;
    bool webhook_plain_http = false;

    // limit.…: what a signer is spared of this client. 0 in each: no limit.
    std::int64_t open_requests = 1;       // of one signer at once
    std::int64_t cool_down_seconds = 30;  // after a rejection; doubles with each in a row
    std::int64_t opens_per_minute = 600;  // of all signers

    // oauth.…
    TokenAuth token_auth = TokenAuth::client_secret;
    std::string jwks;                              // RFC 7517, for private_key_jwt
    std::vector<std::string> certificates_sha256;  // hexadecimal, for tls_client_auth
    DpopUse dpop = DpopUse::allowed;

    // rssp.…: the SSL2 header of the government's central service. Weak (SHA-1): off unless
    // switched on, and then the client has to come with its TLS certificate as well.
    bool rssp_ssl2 = false;
    std::string rssp_public_key;  // SubjectPublicKeyInfo, DER, base64: of the header's signature
    std::string rssp_signature;   // what the client was given as its RelyingPartySignature

    friend bool operator==(const ClientSettings&, const ClientSettings&) = default;
};

// One line of `kyso client set ID NAME=VALUE`.
struct ClientSetting {
    std::string_view name;
    std::string_view meaning;  // one line, with the values it takes
    // `invalid` says what the value must be.
    Result<void> (*set)(ClientSettings& settings, std::string_view value);
    std::string (*get)(const ClientSettings& settings);
};

// Every setting; names are unique.
std::span<const ClientSetting> client_settings();

// `not_found` for a name that is none.
Result<void> set_client_setting(ClientSettings& settings,
                                std::string_view name,
                                std::string_view value);

}  // namespace cloudsign::store
