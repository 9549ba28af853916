#include <ctime>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/csc/algorithms.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/store/credential_table.h"
#include "hsm/protocol/key_type.h"
#include "server/api/csc/calls.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;
using cloudsign::store::Credential;
using cloudsign::store::CredentialStatus;

constexpr std::size_t page_max = 100;

bool is_listed(const Credential& credential) {
    return credential.status == CredentialStatus::enabled ||
           credential.status == CredentialStatus::disabled;
}

bool is_valid(Context& context, const Credential& credential) {
    return credential.status == CredentialStatus::enabled &&
           credential.valid_to.value_or(0) >= context.clock.now_ms();
}

std::string generalized_time(std::int64_t time_ms) {
    const std::time_t seconds = time_ms / 1000;
    std::tm calendar{};
    gmtime_r(&seconds, &calendar);
    std::array<char, 16> text{};
    std::strftime(text.data(), text.size(), "%Y%m%d%H%M%SZ", &calendar);
    return text.data();
}

// "Invalid parameter X" unless it is a whole number of at least one; the server's own maximum when
// it asks for more (v1 §11.4).
Checked<std::size_t> read_page_size(const Parameters& parameters) {
    const auto* value = parameters.find("maxResults");
    if (value == nullptr || value->is_null()) {
        return page_max;
    }
    const auto wanted = parameters.integer("maxResults");
    if (!wanted || *wanted < 1) {
        return invalid("Invalid parameter maxResults");
    }
    return std::min(static_cast<std::size_t>(*wanted), page_max);
}

// The token is the id after which the next page begins.
Checked<std::string> read_page_token(const Parameters& parameters) {
    TRY_ASSIGN(auto token, parameters.optional_string("pageToken", 128));
    return token.value_or("");
}

json::object key_json(const Credential& credential) {
    json::array algorithms;
    for (const auto oid : cloudsign::csc::key_algorithms(credential.key_type)) {
        algorithms.push_back(json::string(oid));
    }
    json::object key{
        {"status", credential.status == CredentialStatus::enabled ? "enabled" : "disabled"},
        {"algo", std::move(algorithms)},
        {"len", hsm::protocol::key_bits(credential.key_type)}};
    if (const auto curve = cloudsign::csc::key_curve(credential.key_type)) {
        key["curve"] = *curve;
    }
    return key;
}

Checked<json::object> certificate_json(Context& context,
                                       const Credential& credential,
                                       const Detail& detail) {
    json::object certificate;
    const auto now = context.clock.now_ms();
    certificate["status"] = now > credential.valid_to.value_or(0) ? "expired" : "valid";
    const auto chain = context.credentials.chain(credential);
    if (!chain) {
        return to_refusal(chain.error());
    }
    if (detail.certificates != "none") {
        json::array certificates;
        for (const auto& der : *chain) {
            certificates.push_back(json::string(cloudsign::base64(der)));
            if (detail.certificates == "single") {
                break;
            }
        }
        certificate["certificates"] = std::move(certificates);
    }
    if (detail.cert_info && !chain->empty()) {
        const auto facts = cloudsign::pki::read_certificate(chain->front());
        if (!facts) {
            return to_refusal(facts.error());
        }
        certificate["issuerDN"] = facts->issuer;
        certificate["serialNumber"] = facts->serial_number;
        certificate["subjectDN"] = facts->subject;
        certificate["validFrom"] = generalized_time(facts->valid_from_ms);
        certificate["validTo"] = generalized_time(facts->valid_to_ms);
    }
    return certificate;
}

// The phone is the factor: v1 calls that implicit; v2 has no such mode and names the object that
// answers out of band instead (v2 §13.5).
void add_authorisation(json::object& info, const Detail& detail, Version version) {
    if (version == Version::v1) {
        info["authMode"] = "implicit";
        if (detail.auth_info) {
            info["PIN"] = json::object{{"presence", "false"}};
            info["OTP"] = json::object{{"presence", "false"}};
        }
        return;
    }
    json::object auth{{"mode", "explicit"},
                      {"expression", "mobile"},
                      {"objects",
                       json::array{json::object{{"id", "mobile"},
                                                {"type", "ChallengeResponseOOB"},
                                                {"label", "Điện thoại"},
                                                {"description", "Xác nhận trên điện thoại"}}}}};
    if (!detail.auth_info) {
        auth["objects"] = nullptr;
    }
    info["auth"] = std::move(auth);
}

Checked<json::object> describe_named(Context& context,
                                     const http::Request& request,
                                     Version version) {
    TRY_ASSIGN(auto parameters, Parameters::read(request, version));
    TRY_ASSIGN(auto named, find_credential(context, request, parameters));
    TRY_ASSIGN(auto detail, read_detail(parameters));
    return describe(context, named, detail, version);
}

}  // namespace

Checked<NamedCredential> find_credential(Context& context,
                                         const http::Request& request,
                                         const Parameters& parameters) {
    TRY_ASSIGN(auto id, parameters.required_string("credentialID"));
    return find_credential(context, *request.principal, id);
}

Checked<NamedCredential> find_credential(Context& context,
                                         const Principal& principal,
                                         const std::string& id) {
    const auto not_theirs = invalid("Invalid parameter credentialID");
    const auto credential = context.database.credential(id);
    if (!credential) {
        return to_refusal(credential.error());
    }
    if (!*credential || !(*credential)->signer_id || !is_listed(**credential)) {
        return not_theirs;
    }
    const auto& signer_id = *(*credential)->signer_id;
    if (principal.signer_id && *principal.signer_id != signer_id) {
        return not_theirs;
    }
    const auto allowed = context.clients.check_may_ask(principal.client->id, signer_id);
    if (!allowed) {
        return to_refusal(allowed.error());
    }
    const auto signer = context.signers.find(signer_id);
    if (!signer) {
        return to_refusal(signer.error());
    }
    return NamedCredential{*credential, *signer};
}

Checked<std::string> read_user(Context& context,
                               const http::Request& request,
                               const Parameters& parameters) {
    TRY_ASSIGN(auto user, parameters.optional_string("userID", 255));
    // An application's token says for whom it asks; one of a person must not (v1 §11.4).
    if (const auto& own = request.principal->signer_id) {
        if (user) {
            return invalid("userID parameter MUST be null");
        }
        user = *own;
    }
    const auto id = user.value_or("");
    if (id.empty() || !context.clients.check_may_ask(request.principal->client->id, id)) {
        return invalid("Invalid parameter userID");
    }
    return id;
}

Checked<Listing> list_credentials(Context& context,
                                  const http::Request& request,
                                  const Parameters& parameters,
                                  Listed listed) {
    TRY_ASSIGN(auto user, read_user(context, request, parameters));
    TRY_ASSIGN(auto page_size, read_page_size(parameters));
    TRY_ASSIGN(auto after, read_page_token(parameters));
    auto all = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::CredentialTable(session).of_signer(user);
    });
    if (!all) {
        return to_refusal(all.error());
    }
    if (!after.empty()) {
        // Also one that has been disabled or deleted since the page that it ended.
        const auto last = std::ranges::find(*all, after, &Credential::id);
        if (last == all->end()) {
            return invalid("Invalid parameter pageToken");
        }
        all->erase(all->begin(), last + 1);
    }
    // Before the page is cut: otherwise it has fewer than it says, or none.
    std::erase_if(*all, [&](const Credential& credential) {
        return !is_listed(credential) ||
               (listed == Listed::valid && !is_valid(context, credential));
    });
    Listing listing;
    listing.credentials = *std::move(all);
    if (listing.credentials.size() > page_size) {
        listing.credentials.resize(page_size);
        listing.next_page_token = listing.credentials.back().id;
    }
    return listing;
}

Checked<Detail> read_detail(const Parameters& parameters) {
    Detail detail;
    TRY_ASSIGN(auto certificates, parameters.optional_string("certificates", 16));
    detail.certificates = certificates.value_or("single");
    if (detail.certificates != "none" && detail.certificates != "single" &&
        detail.certificates != "chain") {
        return invalid("Invalid parameter certificates");
    }
    TRY_ASSIGN(detail.cert_info, parameters.optional_bool("certInfo"));
    TRY_ASSIGN(detail.auth_info, parameters.optional_bool("authInfo"));
    return detail;
}

Checked<json::object> describe(Context& context,
                               const NamedCredential& named,
                               const Detail& detail,
                               Version version) {
    json::object info;
    if (!named.credential->description.empty()) {
        info["description"] = named.credential->description;
    }
    info["key"] = key_json(*named.credential);
    TRY_ASSIGN(info["cert"], certificate_json(context, *named.credential, detail));
    add_authorisation(info, detail, version);
    // Hash and approval are bound inside the module, and the passkey proves possession and the
    // person: both halves of SCAL2.
    info["SCAL"] = "2";
    info["multisign"] = hsm::protocol::leaf_count_max;
    info["lang"] = named.signer->language;
    if (version == Version::v2 && !context.csc.signature_qualifier.empty()) {
        info["signatureQualifier"] = context.csc.signature_qualifier;
    }
    return info;
}

http::Outcome credentials_info(Context& context, const http::Request& request, Version version) {
    const auto info = describe_named(context, request, version);
    return info ? http::json(200, *info) : to_response(info.error());
}

}  // namespace server::api::csc
