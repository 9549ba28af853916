#include "cloudsign/store/client_settings.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/jose/public_key.h"
#include "cloudsign/store/cell.h"
#include "cloudsign/store/redirect_uri.h"
#include "hsm/openssl/der.h"
#include "hsm/protocol/utf8.h"

namespace cloudsign::store {
namespace {

namespace json = boost::json;

template <bool ClientSettings::*member>
Result<void> set_switch(ClientSettings& settings, std::string_view value) {
    if (value != "on" && value != "off") {
        return Error{ErrorKind::invalid, "must be on or off"};
    }
    settings.*member = value == "on";
    return {};
}

template <bool ClientSettings::*member>
std::string get_switch(const ClientSettings& settings) {
    return settings.*member ? "on" : "off";
}

template <bool ClientSettings::*member>
constexpr ClientSetting on_off(std::string_view name, std::string_view meaning) {
    return {name, meaning, set_switch<member>, get_switch<member>};
}

Result<void> set_v1_authorize(ClientSettings& settings, std::string_view value) {
    if (value != "hold" && value != "deferred") {
        return Error{ErrorKind::invalid, "must be hold or deferred"};
    }
    settings.v1_authorize = value == "hold" ? V1Authorize::hold : V1Authorize::deferred;
    return {};
}

std::string get_v1_authorize(const ClientSettings& settings) {
    return settings.v1_authorize == V1Authorize::hold ? "hold" : "deferred";
}

Result<void> set_v2_authorize(ClientSettings& settings, std::string_view value) {
    if (value != "handle" && value != "deferred") {
        return Error{ErrorKind::invalid, "must be handle or deferred"};
    }
    settings.v2_authorize = value == "handle" ? V2Authorize::handle : V2Authorize::deferred;
    return {};
}

std::string get_v2_authorize(const ClientSettings& settings) {
    return settings.v2_authorize == V2Authorize::handle ? "handle" : "deferred";
}

template <std::int64_t ClientSettings::*member, std::int64_t max>
Result<void> set_number(ClientSettings& settings, std::string_view value) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value.begin(), value.end(), number);
    if (error != std::errc() || end != value.end() || number < 0 || number > max) {
        return Error{ErrorKind::invalid, "must be a whole number from 0 to " + std::to_string(max)};
    }
    settings.*member = number;
    return {};
}

template <std::int64_t ClientSettings::*member>
std::string get_number(const ClientSettings& settings) {
    return std::to_string(settings.*member);
}

template <std::int64_t ClientSettings::*member, std::int64_t max>
constexpr ClientSetting number(std::string_view name, std::string_view meaning) {
    return {name, meaning, set_number<member, max>, get_number<member>};
}

constexpr std::string_view token_auth_names[] = {
    "client_secret", "private_key_jwt", "tls_client_auth", "none"};

Result<void> set_token_auth(ClientSettings& settings, std::string_view value) {
    const auto* found = std::ranges::find(token_auth_names, value);
    if (found == std::end(token_auth_names)) {
        return Error{ErrorKind::invalid,
                     "must be client_secret, private_key_jwt, tls_client_auth or none"};
    }
    settings.token_auth = static_cast<TokenAuth>(found - std::begin(token_auth_names));
    return {};
}

std::string get_token_auth(const ClientSettings& settings) {
    return std::string(token_auth_names[static_cast<std::size_t>(settings.token_auth)]);
}

Result<void> set_jwks(ClientSettings& settings, std::string_view value) {
    if (!value.empty()) {
        TRY(jose::read_key_set(value));
    }
    settings.jwks = value;
    return {};
}

std::string get_jwks(const ClientSettings& settings) {
    return settings.jwks;
}

Result<void> set_certificates(ClientSettings& settings, std::string_view value) {
    constexpr std::size_t most = 4;
    std::vector<std::string> list;
    while (!value.empty()) {
        const auto one = value.substr(0, value.find(','));
        value.remove_prefix(std::min(one.size() + 1, value.size()));
        std::string digits(one);
        std::erase(digits, ':');  // as openssl prints a fingerprint
        const auto digest = from_hex(digits);
        if (!digest || digest->size() != sizeof(hsm::Digest) || list.size() == most) {
            return Error{ErrorKind::invalid,
                         "must be up to 4 SHA-256 of certificates (DER), hexadecimal, with commas"};
        }
        list.push_back(hex(*digest));
    }
    settings.certificates_sha256 = std::move(list);
    return {};
}

std::string get_certificates(const ClientSettings& settings) {
    std::string text;
    for (const auto& one : settings.certificates_sha256) {
        text += (text.empty() ? "" : ",") + one;
    }
    return text;
}

Result<void> set_dpop(ClientSettings& settings, std::string_view value) {
    if (value != "allowed" && value != "required") {
        return Error{ErrorKind::invalid, "must be allowed or required"};
    }
    settings.dpop = value == "allowed" ? DpopUse::allowed : DpopUse::required;
    return {};
}

std::string get_dpop(const ClientSettings& settings) {
    return settings.dpop == DpopUse::allowed ? "allowed" : "required";
}

// One line of printable ASCII; what it means is for whoever uses it to say.
template <std::string ClientSettings::*member>
Result<void> set_line(ClientSettings& settings, std::string_view value) {
    constexpr std::size_t longest = 1024;
    const bool printable = std::ranges::all_of(
        value, [](char character) { return character > ' ' && character < 0x7f; });
    if (!printable || value.size() > longest) {
        return Error{ErrorKind::invalid, "must be at most 1,024 characters of ASCII, no blanks"};
    }
    settings.*member = value;
    return {};
}

// For people to read.
Result<void> set_verified_as(ClientSettings& settings, std::string_view value) {
    constexpr std::size_t longest = 255;
    if (value.size() > longest || !hsm::protocol::is_legible(value) ||
        (!value.empty() && hsm::protocol::is_blank(value))) {
        return Error{ErrorKind::invalid,
                     "must be one line of at most 255 bytes whose every character can be seen"};
    }
    settings.verified_as = value;
    return {};
}

Result<void> set_rssp_public_key(ClientSettings& settings, std::string_view value) {
    constexpr int shortest_bits = 2048;
    const auto der = from_base64(value);
    const auto key = der ? hsm::openssl::read_spki(*der) : nullptr;
    const bool good = key != nullptr && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA &&
                      EVP_PKEY_get_bits(key.get()) >= shortest_bits;
    if (!value.empty() && !good) {
        return Error{
            ErrorKind::invalid,
            "must be an RSA key of 2048 bits or more (SubjectPublicKeyInfo, DER) in base64"};
    }
    settings.rssp_public_key = value;
    return {};
}

template <std::string ClientSettings::*member>
std::string get_line(const ClientSettings& settings) {
    return settings.*member;
}

Result<void> set_redirect_uris(ClientSettings& settings, std::string_view value) {
    constexpr std::size_t count_max = 16;
    std::vector<std::string> uris;
    while (!value.empty()) {
        const auto uri = value.substr(0, value.find(' '));
        value.remove_prefix(std::min(uri.size() + 1, value.size()));
        if (uri.empty()) {
            continue;
        }
        if (!is_redirect_uri(uri)) {
            return Error{ErrorKind::invalid,
                         "must be addresses with a blank between them: https://…, http:// of this "
                         "machine alone, or an app's own scheme with a dot in it; no fragment"};
        }
        uris.emplace_back(uri);
    }
    if (uris.size() > count_max) {
        return Error{ErrorKind::invalid, "must be at most 16 addresses"};
    }
    settings.redirect_uris = std::move(uris);
    return {};
}

std::string get_redirect_uris(const ClientSettings& settings) {
    std::string list;
    for (const auto& uri : settings.redirect_uris) {
        list += (list.empty() ? "" : " ") + uri;
    }
    return list;
}

constexpr ClientSetting all[] = {
    on_off<&ClientSettings::csc>("door.csc", "on | off: may use the CSC API"),
    on_off<&ClientSettings::rssp>("door.rssp", "on | off: may use the RSSP v2 dialect"),
    on_off<&ClientSettings::csc_credentials>(
        "door.csc_credentials", "on | off: may invite persons to enrol and delete credentials"),
    on_off<&ClientSettings::qd769>("door.qd769", "on | off: may use the QD 769 dialect"),
    {"oauth.redirect_uris",
     "addresses, with blanks between: where the browser may be sent back to, letter by letter",
     set_redirect_uris,
     get_redirect_uris},
    {"portal.verified_as",
     "the organisation behind the portal, once the operator has made sure of it: the phone shows "
     "it "
     "with a badge",
     set_verified_as,
     get_line<&ClientSettings::verified_as>},
    {"profile.v1_authorize",
     "hold | deferred: CSC v1 authorize waits for the phone, or signHash does",
     set_v1_authorize,
     get_v1_authorize},
    {"profile.v2_authorize",
     "handle | deferred: CSC v2 authorize answers a handle to poll, or a SAD at once for which "
     "signHash waits",
     set_v2_authorize,
     get_v2_authorize},
    number<&ClientSettings::hold_seconds, 300>(
        "profile.hold_seconds",
        "0 to 300: how long a held request waits at most; 0: the server's own"),
    on_off<&ClientSettings::send_otp_answers_200>(
        "profile.send_otp_answers_200",
        "on | off: credentials/sendOTP answers 200 and does nothing, instead of a refusal"),
    on_off<&ClientSettings::pkce_optional>(
        "profile.pkce_optional", "on | off: oauth2/authorize without code_challenge is taken"),
    number<&ClientSettings::open_requests, 1'000'000>(
        "limit.open_requests", "how many of its requests may wait for one signer; 0: any number"),
    number<&ClientSettings::cool_down_seconds, 3600>(
        "limit.cool_down_seconds",
        "0 to 3600: how long it must leave a signer alone who rejected; doubles each time in a "
        "row"),
    number<&ClientSettings::opens_per_minute, 1'000'000>(
        "limit.opens_per_minute", "how many requests it may open a minute; 0: any number"),
    {"oauth.token_auth",
     "client_secret | private_key_jwt | tls_client_auth | none: how it says who it is; none is for "
     "an "
     "app in the browser, which then acts for people who sign in, never for itself",
     set_token_auth,
     get_token_auth},
    {"oauth.jwks", "its public keys, a JWK Set: for private_key_jwt", set_jwks, get_jwks},
    {"oauth.certificate_sha256",
     "SHA-256 of its TLS certificate, with or without colons, or up to 4 with commas: for "
     "tls_client_auth",
     set_certificates,
     get_certificates},
    {"oauth.dpop",
     "allowed | required: whether every token is bound to a key (RFC 9449)",
     set_dpop,
     get_dpop},
    on_off<&ClientSettings::qd769_open_status>(
        "profile.qd769_open_status",
        "on | off: QD 769 status answers whoever knows its transaction_id, without credentials"),
    {"webhook.url",
     "https://…: told what became of its requests; empty: not told",
     set_line<&ClientSettings::webhook_url>,
     get_line<&ClientSettings::webhook_url>},
    {"webhook.hosts",
     "HOST,…: hosts besides that one which a request may name (response_uri)",
     set_line<&ClientSettings::webhook_hosts>,
     get_line<&ClientSettings::webhook_hosts>},
    on_off<&ClientSettings::webhook_private_addresses>(
        "webhook.private_addresses",
        "on | off: its hosts may have private, loopback or link-local addresses"),
    on_off<&ClientSettings::webhook_plain_http>("webhook.plain_http",
                                                "on | off: http:// is allowed too"),
    on_off<&ClientSettings::rssp_ssl2>(
        "rssp.ssl2", "on | off: may log in by the SSL2 header (SHA-1), beside its TLS certificate"),
    {"rssp.public_key",
     "of the SSL2 header's signature: RSA, SubjectPublicKeyInfo in base64",
     set_rssp_public_key,
     get_line<&ClientSettings::rssp_public_key>},
    {"rssp.signature",
     "the RelyingPartySignature that the client was given",
     set_line<&ClientSettings::rssp_signature>,
     get_line<&ClientSettings::rssp_signature>},
};

}  // namespace

std::span<const ClientSetting> client_settings() {
    return all;
}

Result<void> set_client_setting(ClientSettings& settings,
                                std::string_view name,
                                std::string_view value) {
    const auto* setting = std::ranges::find(all, name, &ClientSetting::name);
    if (setting == std::end(all)) {
        return Error{ErrorKind::not_found, "no such setting: " + std::string(name)};
    }
    if (const auto done = setting->set(settings, value); !done) {
        return Error{ErrorKind::invalid, std::string(name) + " " + done.error().detail};
    }
    return {};
}

// Only what differs is kept, so that a default may change with a later version.
void Codec<ClientSettings>::encode(const ClientSettings& value, TextCell& cell) {
    json::object kept;
    for (const auto& setting : all) {
        if (const auto text = setting.get(value); text != setting.get({})) {
            kept[setting.name] = text;
        }
    }
    cell.value = json::serialize(kept);
}

bool Codec<ClientSettings>::decode(const TextCell& cell, ClientSettings& value) {
    json::error_code failed;
    const json::value parsed = json::parse(cell.value, failed);
    if (failed || !parsed.is_object()) {
        return false;
    }
    value = {};
    return std::ranges::all_of(parsed.get_object(), [&](const json::key_value_pair& kept) {
        return kept.value().is_string() &&
               set_client_setting(value, kept.key(), kept.value().get_string()).has_value();
    });
}

}  // namespace cloudsign::store
