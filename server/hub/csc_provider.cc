#include "server/hub/csc_provider.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/qd769/serial_number.h"

namespace server::hub {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::qd769::Outcome;

constexpr std::size_t description_max = 500;  // characters, CSC §11.6; bytes here, to be sure
constexpr std::string_view rsa_prefix = "1.2.840.113549.";

// GeneralizedTime of CSC to the form that QD 769 shows.
std::string iso_time(const std::string& text) {
    if (text.size() != 15) {
        return text;
    }
    return text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2) + "T" +
           text.substr(8, 2) + ":" + text.substr(10, 2) + ":" + text.substr(12, 2) + "Z";
}

HubCertificate describe(const json::object& info, const std::string& provider) {
    HubCertificate found;
    found.credential_id = text_of(info, "credentialID");
    const json::object nothing;
    const auto* key_member = object_of(info, "key");
    const auto* cert_member = object_of(info, "cert");
    const auto& key = key_member != nullptr ? *key_member : nothing;
    const auto& cert = cert_member != nullptr ? *cert_member : nothing;
    found.serial_number = cloudsign::qd769::normal_serial(text_of(cert, "serialNumber"));
    if (const auto* algorithms = array_of(key, "algo")) {
        found.is_rsa = std::ranges::any_of(*algorithms, [](const json::value& one) {
            return one.is_string() && std::string_view(one.get_string()).starts_with(rsa_prefix);
        });
    }
    const bool expired = text_of(cert, "status") == "expired";
    found.usable = text_of(key, "status") == "enabled" && !expired;
    const auto* chain = array_of(cert, "certificates");
    const auto at = [&](std::size_t index) -> json::value {
        return chain != nullptr && index < chain->size() ? (*chain)[index] : json::value();
    };
    const std::size_t size = chain != nullptr ? chain->size() : 0;
    found.description = {
        {"service_type", "SMARTCA"},
        {"service_name", provider},
        {"cert_id", found.credential_id},
        {"cert_status",
         found.usable ? "Đang hoạt động"
         : expired    ? "Hết hạn"
                      : "Tạm dừng"},
        {"serial_number", text_of(cert, "serialNumber")},
        {"cert_subject", text_of(cert, "subjectDN")},
        {"cert_valid_from", iso_time(text_of(cert, "validFrom"))},
        {"cert_valid_to", iso_time(text_of(cert, "validTo"))},
        {"cert_data", at(0)},
        {"chain_data",
         {{"ca_cert", at(1)}, {"root_cert", size > 1 ? at(size - 1) : json::value()}}}};
    return found;
}

std::string_view hash_oid(std::size_t size) {
    return size == 32   ? "2.16.840.1.101.3.4.2.1"
           : size == 48 ? "2.16.840.1.101.3.4.2.2"
                        : "2.16.840.1.101.3.4.2.3";
}

std::string_view sign_oid(bool is_rsa, std::size_t size) {
    if (is_rsa) {
        return size == 32   ? "1.2.840.113549.1.1.11"
               : size == 48 ? "1.2.840.113549.1.1.12"
                            : "1.2.840.113549.1.1.13";
    }
    return size == 32   ? "1.2.840.10045.4.3.2"
           : size == 48 ? "1.2.840.10045.4.3.3"
                        : "1.2.840.10045.4.3.4";
}

// What CSC's texts (ours, CSC_DIVERGENCES.md, where the specification leaves them open) say of a
// request that has ended.
constexpr std::pair<std::string_view, Outcome> ends[] = {
    {"The signer rejected the request", Outcome::signer_rejected},
    {"The signer did not start this request", Outcome::signer_disowned},
    {"The request expired before the signer answered", Outcome::expired},
    {"No device of the signer could be reached", Outcome::undelivered},
    {"The credential identified by credentialID is disabled", Outcome::authorize_key_failed},
    {"Credential locked", Outcome::authorize_key_failed},
    {"SAD expired", Outcome::sign_failed},
};

// What they say of one that was not taken.
ErrorKind refusal_kind(const std::string& description) {
    constexpr std::pair<std::string_view, ErrorKind> kinds[] = {
        {"No device of the signer could be reached", ErrorKind::undelivered},
        {"Credential locked", ErrorKind::credential_locked},
        {"The credential identified by credentialID is disabled", ErrorKind::credential_disabled},
    };
    for (const auto& [text, kind] : kinds) {
        if (description == text) {
            return kind;
        }
    }
    return description.starts_with("Signing certificate ") ? ErrorKind::credential_disabled
                                                           : ErrorKind::conflict;
}

HubStatus ended(const std::string& description, json::object reference) {
    HubStatus status;
    status.reference = std::move(reference);
    const auto* known =
        std::ranges::find(ends, description, [](const auto& end) { return end.first; });
    status.outcome = known != std::end(ends) ? known->second : Outcome::sign_failed;
    return status;
}

HubStatus waiting(json::object reference) {
    HubStatus status;
    status.reference = std::move(reference);
    return status;
}

}  // namespace

cloudsign::Result<std::string> CscProvider::token(bool fresh) {
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex_);
        if (!fresh && !token_.empty() && now < token_until_) {
            return token_;
        }
    }
    const auto& settings = upstream_.settings();
    const auto pair = settings.client_id + ":" + settings.secret;
    TRY_ASSIGN(auto got,
               upstream_.post_form(settings.token_url,
                                   "grant_type=client_credentials&scope=service",
                                   "Basic " + cloudsign::base64(hsm::view_of(pair))));
    auto token = text_of(got.body, "access_token");
    if (got.status != 200 || token.empty()) {
        return upstream_.silent("it gives no token: " + text_of(got.body, "error_description"));
    }
    const auto* lifetime = got.body.if_contains("expires_in");
    constexpr std::int64_t usual = 300;
    const auto seconds =
        lifetime != nullptr && lifetime->is_int64() ? lifetime->get_int64() : usual;
    const std::lock_guard lock(mutex_);
    token_ = token;
    token_until_ = now + std::chrono::seconds(seconds * 3 / 4);
    return token;
}

cloudsign::Result<UpstreamAnswer> CscProvider::call(const std::string& method,
                                                    const json::object& body) {
    const auto url = upstream_.settings().url + "/" + method;
    TRY_ASSIGN(auto known, token(false));
    TRY_ASSIGN(auto answer, upstream_.post_json(url, body, known));
    if (answer.status == 401) {
        TRY_ASSIGN(auto fresh, token(true));
        TRY_ASSIGN(answer, upstream_.post_json(url, body, fresh));
    }
    // That we are not let in says nothing of the request, which the signer may be approving.
    if (answer.status == 401 || text_of(answer.body, "error") == "unauthorized_client") {
        return upstream_.silent("it does not let us in: " +
                                text_of(answer.body, "error_description"));
    }
    return answer;
}

cloudsign::Result<std::vector<HubCertificate>> CscProvider::certificates(
    const std::string& user_id) {
    TRY_ASSIGN(auto answer,
               call("credentials/list",
                    {{"userID", user_id},
                     {"credentialInfo", true},
                     {"certificates", "chain"},
                     {"certInfo", true}}));
    std::vector<HubCertificate> found;
    if (answer.status == 400 &&
        text_of(answer.body, "error_description") == "Invalid parameter userID") {
        return found;
    }
    const auto* infos = array_of(answer.body, "credentialInfos");
    if (answer.status != 200 || infos == nullptr) {
        return upstream_.silent("it lists no credentials: " +
                                text_of(answer.body, "error_description"));
    }
    for (const auto& info : *infos) {
        if (const auto* object = info.if_object()) {
            found.push_back(describe(*object, name()));
        }
    }
    return found;
}

cloudsign::Result<json::object> CscProvider::sign(const HubRequest& request) {
    json::array hashes;
    json::array documents;
    for (const auto& file : request.files) {
        hashes.push_back(json::string(cloudsign::base64(file.hash)));
        documents.push_back({{"document_id", file.doc_id}, {"document_name", file.label}});
    }
    const auto size = request.files.front().hash.size();
    const auto algorithm = sign_oid(request.certificate.is_rsa, size);
    TRY_ASSIGN(auto answer,
               call("credentials/authorize",
                    {{"credentialID", request.certificate.credential_id},
                     {"numSignatures", request.files.size()},
                     {"hashes", hashes},
                     {"hashAlgorithmOID", hash_oid(size)},
                     {"signAlgo", algorithm},
                     {"description", purpose_of(request, description_max)},
                     {"documents", std::move(documents)}}));
    json::object reference{{"credentialID", request.certificate.credential_id},
                           {"hashes", std::move(hashes)},
                           {"hashAlgorithmOID", hash_oid(size)},
                           {"signAlgo", algorithm}};
    for (const auto* ticket : {"handle", "SAD"}) {
        if (const auto text = text_of(answer.body, ticket); !text.empty()) {
            reference[ticket] = text;
            return reference;
        }
    }
    const auto why = text_of(answer.body, "error_description");
    return Error{refusal_kind(why), "the provider " + name() + " refused: " + why};
}

cloudsign::Result<HubStatus> CscProvider::status(const json::object& reference) {
    if (auto sad = text_of(reference, "SAD"); !sad.empty()) {
        return fetch(reference, sad);
    }
    TRY_ASSIGN(auto answer,
               call("credentials/authorizeCheck", {{"handle", text_of(reference, "handle")}}));
    auto after = reference;
    if (answer.status == 202) {
        // The newest handle is the one to use.
        if (const auto handle = text_of(answer.body, "handle"); !handle.empty()) {
            after["handle"] = handle;
        }
        return waiting(std::move(after));
    }
    if (answer.status != 200) {
        return ended(text_of(answer.body, "error_description"), std::move(after));
    }
    return fetch(std::move(after), text_of(answer.body, "SAD"));
}

cloudsign::Result<HubStatus> CscProvider::fetch(json::object reference, const std::string& sad) {
    TRY_ASSIGN(auto answer,
               call("signatures/signHash",
                    {{"credentialID", reference["credentialID"]},
                     {"SAD", sad},
                     {"hashes", reference["hashes"]},
                     {"hashAlgorithmOID", reference["hashAlgorithmOID"]},
                     {"signAlgo", reference["signAlgo"]}}));
    if (answer.status != 200) {
        const auto why = text_of(answer.body, "error_description");
        return why == "asked again" ? waiting(std::move(reference))
                                    : ended(why, std::move(reference));
    }
    const auto* signatures = array_of(answer.body, "signatures");
    const auto* hashes = array_of(reference, "hashes");
    if (signatures == nullptr || hashes == nullptr || signatures->size() != hashes->size()) {
        return upstream_.silent("it answered another number of signatures than it was asked for");
    }
    HubStatus status;
    status.outcome = Outcome::success;
    for (const auto& one : *signatures) {
        status.signatures.push_back(one.is_string() ? std::string(one.get_string()) : "");
    }
    status.reference = std::move(reference);
    return status;
}

}  // namespace server::hub
