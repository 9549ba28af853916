#include "server/hub/qd769_provider.h"

#include <algorithm>
#include <iterator>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/qd769/serial_number.h"

namespace server::hub {
namespace {

namespace json = boost::json;
using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::qd769::Outcome;

constexpr std::size_t description_max = 500;

constexpr Outcome outcomes[] = {Outcome::success,
                                Outcome::expired,
                                Outcome::signer_rejected,
                                Outcome::authorize_key_failed,
                                Outcome::sign_failed,
                                Outcome::signer_disowned,
                                Outcome::undelivered};

// Words of our own among them, which another appliance of ours uses (QD769.md).
struct Refusal {
    std::string_view message;
    ErrorKind kind;
};
constexpr Refusal refusals[] = {
    {"UNDELIVERED", ErrorKind::undelivered},
    {"CREDENTIAL_LOCKED", ErrorKind::credential_locked},
    {"CREDENTIAL_STATUS_INVALID", ErrorKind::credential_disabled},
    {"SERVICE_BUSY", ErrorKind::busy},
};

std::int64_t status_code(const UpstreamAnswer& answer) {
    const auto* code = answer.body.if_contains("status_code");
    return code != nullptr && code->is_int64() ? code->get_int64() : answer.status;
}

// {ca_cert, root_cert}, or a list with the issuer first.
json::object chain_of(const json::object& certificate) {
    const auto* list = array_of(certificate, "chain_data");
    if (list != nullptr) {
        return {{"ca_cert", list->empty() ? json::value() : list->front()},
                {"root_cert", list->size() > 1 ? list->back() : json::value()}};
    }
    const auto* chain = object_of(certificate, "chain_data");
    return chain != nullptr ? *chain : json::object();
}

// In words, as a number, or not at all.
bool is_usable(const json::object& certificate) {
    const auto* status = certificate.if_contains("cert_status");
    if (status == nullptr || status->is_null()) {
        return true;
    }
    if (!status->is_string()) {
        return status->is_int64() && status->get_int64() == 1;
    }
    constexpr std::string_view words[] = {"Đang hoạt động", "OPERATED", "valid", "VALID"};
    return std::ranges::find(words, std::string_view(status->get_string())) != std::end(words);
}

HubCertificate describe(const json::object& certificate) {
    HubCertificate found;
    found.credential_id = text_of(certificate, "cert_id");
    found.serial_number = cloudsign::qd769::normal_serial(text_of(certificate, "serial_number"));
    found.usable = is_usable(certificate);
    found.description = certificate;
    found.description["chain_data"] = chain_of(certificate);
    return found;
}

// data[] or data.user_certificates[].
const json::array* certificates_in(const json::object& body) {
    if (const auto* list = array_of(body, "data")) {
        return list;
    }
    const auto* data = object_of(body, "data");
    return data != nullptr ? array_of(*data, "user_certificates") : nullptr;
}

const json::array* files_in(const json::object& body) {
    const auto* data = object_of(body, "data");
    for (const auto* name : {"signed_files", "signatures"}) {
        const auto* files = data != nullptr ? array_of(*data, name) : nullptr;
        if (files != nullptr) {
            return files;
        }
    }
    return nullptr;
}

Outcome outcome_in(const json::object& body) {
    const auto message = text_of(body, "message");
    const auto* known = std::ranges::find_if(
        outcomes, [&](Outcome outcome) { return cloudsign::qd769::word(outcome) == message; });
    return known != std::end(outcomes) ? *known : Outcome::waiting_for_signer_confirm;
}

std::string signature_of(const json::array& files, std::string_view doc_id) {
    for (const auto& file : files) {
        const auto* object = file.if_object();
        if (object != nullptr && text_of(*object, "doc_id") == doc_id) {
            return text_of(*object, "signature_value");
        }
    }
    return "";
}

}  // namespace

std::string Qd769Provider::path(std::string_view flat, std::string_view nested) const {
    return upstream_.settings().url + std::string(is_flat() ? flat : nested);
}

json::object Qd769Provider::who() const {
    return {{"sp_id", upstream_.settings().client_id},
            {"sp_password", upstream_.settings().secret}};
}

Error Qd769Provider::refused(const UpstreamAnswer& answer) const {
    const auto code = status_code(answer);
    const auto why = text_of(answer.body, "message") + " " + text_of(answer.body, "description");
    if (code == 401) {
        return upstream_.silent("it does not know us: " + why);
    }
    if (code >= 500) {
        return upstream_.silent("it answered " + std::to_string(code) + ": " + why);
    }
    const auto message = text_of(answer.body, "message");
    const auto* known = std::ranges::find(refusals, message, &Refusal::message);
    const auto kind = known != std::end(refusals) ? known->kind
                      : code == 403               ? ErrorKind::credential_disabled
                      : code == 429               ? ErrorKind::busy
                                                  : ErrorKind::conflict;
    return {kind, "the provider " + name() + " refused: " + why};
}

cloudsign::Result<std::vector<HubCertificate>> Qd769Provider::certificates(
    const std::string& user_id) {
    auto body = who();
    body["user_id"] = user_id;
    body["transaction_id"] = cloudsign::identity::new_id("hub");
    TRY_ASSIGN(
        auto answer,
        upstream_.post_json(path("/v1/credentials/get_certificate", "/get_certificate"), body));
    std::vector<HubCertificate> found;
    const auto code = status_code(answer);
    if (code == 400 || code == 404) {
        return found;
    }
    const auto* list = certificates_in(answer.body);
    if (code == 401 || list == nullptr) {
        return upstream_.silent("it lists no certificates: " + text_of(answer.body, "message"));
    }
    for (const auto& one : *list) {
        if (const auto* certificate = one.if_object()) {
            found.push_back(describe(*certificate));
        }
    }
    return found;
}

cloudsign::Result<json::object> Qd769Provider::sign(const HubRequest& request) {
    json::array files;
    json::array ids;
    for (const auto& file : request.files) {
        json::object one{{"doc_id", file.doc_id}, {"data_to_be_signed", cloudsign::hex(file.hash)}};
        const json::object options{{"file_type", "pdf"}, {"sign_type", "hash"}};
        if (is_flat()) {
            one.insert(options.begin(), options.end());
        } else {
            one["file_options"] = options;
        }
        files.push_back(std::move(one));
        ids.push_back(json::string(file.doc_id));
    }
    auto body = who();
    body["user_id"] = request.user_id;
    body["serial_number"] = request.certificate.description.contains("serial_number")
                                ? request.certificate.description.at("serial_number")
                                : json::value("");
    body["transaction_id"] = request.id;
    body["transaction_desc"] = purpose_of(request, description_max);
    body["sign_files"] = std::move(files);
    TRY_ASSIGN(auto answer, upstream_.post_json(path("/v1/signatures/sign", "/sign"), body));
    if (status_code(answer) != 200) {
        return refused(answer);
    }
    return json::object{{"transaction_id", request.id}, {"doc_ids", std::move(ids)}};
}

cloudsign::Result<HubStatus> Qd769Provider::status(const json::object& reference) {
    const auto id = text_of(reference, "transaction_id");
    TRY_ASSIGN(auto answer,
               upstream_.post_json(path("/v1/signatures/sign/", "/sign/") + id + "/status", who()));
    if (status_code(answer) != 200) {
        return refused(answer);
    }
    HubStatus status;
    status.reference = reference;
    status.outcome = outcome_in(answer.body);
    if (status.outcome != Outcome::success) {
        return status;
    }
    const auto* files = files_in(answer.body);
    const auto* ids = array_of(reference, "doc_ids");
    if (files == nullptr || ids == nullptr) {
        return upstream_.silent("it says SUCCESS and sends no signatures");
    }
    for (const auto& doc : *ids) {
        auto signature = doc.is_string() ? signature_of(*files, doc.get_string()) : std::string();
        if (signature.empty()) {
            return upstream_.silent("it says SUCCESS and lacks a signature");
        }
        status.signatures.push_back(std::move(signature));
    }
    return status;
}

}  // namespace server::hub
