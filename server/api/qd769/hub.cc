#include "server/hub/hub.h"

#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/identity/id.h"
#include "server/api/qd769/calls.h"
#include "server/api/qd769/endpoints.h"

// The NEAC gateway's side of QD 769: one account number finds the person's certificates here and at
// the providers of kyso.toml, and what is asked is forwarded.
namespace server::api::qd769 {
namespace {

namespace json = boost::json;
using cloudsign::ErrorKind;
using cloudsign::qd769::Outcome;
using cloudsign::store::Qd769Table;

// What portals call this appliance's own certificates.
constexpr std::string_view own_name = "KYSO";

bool asks_us(const std::string& ca_name) {
    return ca_name.empty() || ca_name == own_name;
}

Checked<void> check_name(Context& context, const std::string& ca_name) {
    if (!asks_us(ca_name) && context.hub.named(ca_name) == nullptr) {
        return bad_request("ca_name is unknown");
    }
    return {};
}

// A token that speaks for one signer of ours speaks for nobody elsewhere.
bool may_forward(const Caller& caller, const std::string& ca_name) {
    return !caller.signer_id && caller.client->all_signers && ca_name != own_name;
}

Checked<http::Response> certificates(Context& context,
                                     const Caller& caller,
                                     const json::object& body,
                                     const std::string&) {
    TRY_ASSIGN(auto request, read_certificate_request(body));
    TRY(check_name(context, request.ca_name));
    json::array found;
    bool known = false;
    if (asks_us(request.ca_name)) {
        TRY_ASSIGN(auto own, own_certificates(context, caller, request));
        known = own.has_value();
        for (auto& one : own.value_or(json::array())) {
            one.as_object()["ca_name"] = own_name;
            found.push_back(std::move(one));
        }
    }
    if (may_forward(caller, request.ca_name)) {
        auto others = context.hub.certificates(request.user_id, request.ca_name);
        if (!others && !known) {
            return to_refusal(others.error());
        }
        if (others) {
            known = known || !others->empty();
            for (auto& one : *others) {
                if (request.serial_number.empty() ||
                    one.certificate.serial_number == request.serial_number) {
                    one.certificate.description["transaction_id"] = request.transaction_id;
                    found.push_back(std::move(one.certificate.description));
                }
            }
        }
    }
    if (!known) {
        return bad_request("user_id is unknown");
    }
    return to_response("Success", {{"user_certificates", std::move(found)}});
}

// ---- sign

Checked<hub::Hub::Found> choose(Context& context, const SignRequest& request) {
    auto found = context.hub.certificates(request.user_id, request.ca_name);
    if (!found) {
        return to_refusal(found.error());
    }
    if (found->empty()) {
        return bad_request("user_id is unknown");
    }
    if (!request.serial_number.empty()) {
        std::erase_if(*found, [&](const auto& one) {
            return one.certificate.serial_number != request.serial_number;
        });
        if (found->empty()) {
            return bad_request("serial_number is unknown");
        }
    }
    std::erase_if(*found, [](const auto& one) { return !one.certificate.usable; });
    if (found->empty()) {
        return to_refusal(
            {ErrorKind::credential_disabled, "the certificate is disabled or expired"});
    }
    if (found->size() > 1) {
        return bad_request("serial_number is needed: the person has several certificates");
    }
    return std::move(found->front());
}

// Before the provider is asked: what it was asked under is never forgotten, so that the same
// request again is the same request there.
Checked<StoredRequest> store_request(Context& context,
                                     const Caller& caller,
                                     const SignRequest& request,
                                     const std::string& provider) {
    json::array ids;
    for (const auto& file : request.files) {
        ids.push_back(json::string(file.doc_id));
    }
    StoredRequest stored;
    stored.client_id = caller.client->id;
    stored.portal_id = request.transaction_id;
    stored.fingerprint = request.fingerprint();
    stored.provider = provider;
    stored.transaction_id = cloudsign::identity::new_id("hub");
    stored.detail = json::serialize(json::object{
        {"doc_ids", std::move(ids)}, {"proof", caller.proof}, {"id", stored.transaction_id}});
    stored.created_at = context.clock.now_ms();
    const auto written = context.database.write(
        [&](cloudsign::store::Session& session) { return Qd769Table(session).insert(stored); });
    if (written) {
        return stored;
    }
    // A moment ago, on another connection.
    TRY_ASSIGN(auto before, made_before(context, caller, request));
    return before ? Checked<StoredRequest>(*std::move(before)) : to_refusal(written.error());
}

Checked<json::object> detail_of(const StoredRequest& stored) {
    json::error_code failed;
    auto detail = json::parse(stored.detail, failed);
    if (failed || !detail.is_object()) {
        return to_refusal({ErrorKind::internal, "stored QD 769 request"});
    }
    return std::move(detail.get_object());
}

Checked<void> keep(Context& context, const StoredRequest& stored, const json::object& detail) {
    const auto text = json::serialize(detail);
    const auto kept = context.database.write([&](cloudsign::store::Session& session) {
        return Qd769Table(session).set_detail(stored.client_id, stored.portal_id, text);
    });
    return kept ? Checked<void>() : to_refusal(kept.error());
}

Checked<http::Response> forward(Context& context,
                                const SignRequest& request,
                                const StoredRequest& stored,
                                hub::Hub::Found found) {
    TRY_ASSIGN(auto detail, detail_of(stored));
    hub::HubRequest forwarded;
    forwarded.id = std::string(detail.at("id").as_string());
    forwarded.user_id = request.user_id;
    forwarded.portal_id = request.transaction_id;
    forwarded.description = request.description;
    forwarded.certificate = std::move(found.certificate);
    for (const auto& file : request.files) {
        forwarded.files.push_back({file.doc_id, file.label, file.hash});
    }
    auto reference = found.provider->sign(forwarded);
    if (!reference) {
        return to_refusal(reference.error());
    }
    detail["reference"] = *std::move(reference);
    TRY(keep(context, stored, detail));
    return accepted(context, stored);
}

// Whether the certificate that is asked for is one of ours.
Checked<bool> is_ours(Context& context, const Caller& caller, const SignRequest& request) {
    if (!asks_us(request.ca_name)) {
        return false;
    }
    CertificateRequest wanted;
    wanted.user_id = request.user_id;
    wanted.serial_number = request.serial_number;
    TRY_ASSIGN(auto own, own_certificates(context, caller, wanted));
    return own && (!own->empty() || !may_forward(caller, request.ca_name));
}

Checked<http::Response> sign_anywhere(Context& context,
                                      const Caller& caller,
                                      const json::object& body,
                                      const std::string&) {
    TRY_ASSIGN(auto request, read_sign_request(body));
    TRY(check_name(context, request.ca_name));
    TRY_ASSIGN(auto stored, made_before(context, caller, request));
    if (stored) {
        TRY_ASSIGN(auto detail, detail_of(*stored));
        if (stored->provider.empty() || detail.contains("reference")) {
            return accepted(context, *stored);
        }
    }
    TRY_ASSIGN(auto ours, is_ours(context, caller, request));
    if (!stored && ours) {
        return sign_here(context, caller, request);
    }
    if (!may_forward(caller, request.ca_name)) {
        return bad_request("user_id is unknown");
    }
    if (stored) {
        request.ca_name = stored->provider;
    }
    TRY_ASSIGN(auto found, choose(context, request));
    if (!stored) {
        // The fingerprint is of the request as it came.
        TRY_ASSIGN(stored, store_request(context, caller, request, found.provider->name()));
    }
    return forward(context, request, *stored, std::move(found));
}

// ---- status

json::value files_of(const json::object& detail) {
    if (!detail.contains("signatures")) {
        return nullptr;
    }
    const auto& ids = detail.at("doc_ids").as_array();
    const auto& signatures = detail.at("signatures").as_array();
    json::array files;
    for (std::size_t i = 0; i < ids.size() && i < signatures.size(); ++i) {
        files.push_back({{"doc_id", ids[i]},
                         {"signature_value", signatures[i]},
                         {"timestamp_signature", nullptr}});
    }
    return files;
}

Checked<http::Response> respond(Context& context,
                                const StoredRequest& stored,
                                const json::object& detail,
                                Outcome outcome) {
    const auto files = files_of(detail);
    TRY_ASSIGN(auto tran_code, tran_code_of(context, stored));
    return to_response(cloudsign::qd769::word(outcome),
                       {{"transaction_id", stored.portal_id},
                        {"tran_code", tran_code},
                        {"tran_status", static_cast<int>(outcome)},
                        {"signatures", files},
                        {"signed_files", files}});
}

Checked<http::Response> forwarded_status(Context& context, const StoredRequest& stored) {
    TRY_ASSIGN(auto detail, detail_of(stored));
    // What has ended is asked for no more.
    if (const auto* outcome = detail.if_contains("outcome")) {
        return respond(context, stored, detail, static_cast<Outcome>(outcome->as_int64()));
    }
    const auto* reference = detail.if_contains("reference");
    if (reference == nullptr) {
        return bad_request("no such transaction");
    }
    auto* provider = context.hub.named(stored.provider);
    if (provider == nullptr) {
        return to_refusal({ErrorKind::unavailable,
                           "the provider " + stored.provider + " is none of kyso.toml any more"});
    }
    auto status = provider->status(reference->as_object());
    if (!status) {
        return to_refusal(status.error());
    }
    const bool moved = status->reference != reference->as_object();
    detail["reference"] = std::move(status->reference);
    if (status->outcome != Outcome::waiting_for_signer_confirm) {
        detail["outcome"] = static_cast<int>(status->outcome);
    }
    if (status->outcome == Outcome::success) {
        json::array signatures;
        for (auto& one : status->signatures) {
            signatures.push_back(json::string(one));
        }
        detail["signatures"] = std::move(signatures);
    }
    if (moved || detail.contains("outcome")) {
        TRY(keep(context, stored, detail));
    }
    return respond(context, stored, detail, status->outcome);
}

Checked<http::Response> status_anywhere(Context& context, const StoredRequest& stored) {
    if (!stored.provider.empty()) {
        return forwarded_status(context, stored);
    }
    TRY_ASSIGN(auto status, status_here(context, stored));
    return to_response(status.message, std::move(status.data));
}

Checked<http::Response> status_for(Context& context,
                                   const Caller& caller,
                                   const json::object&,
                                   const std::string& id) {
    TRY_ASSIGN(auto stored, find_request(context, caller, id));
    return status_anywhere(context, stored);
}

Checked<http::Response> status_for_anybody(Context& context, const std::string& id) {
    TRY_ASSIGN(auto stored, find_request_of_anybody(context, id));
    return status_anywhere(context, stored);
}

}  // namespace

http::Outcome hub_get_certificate(Context& context,
                                  const http::Request& request,
                                  const http::PathParameters& parameters) {
    return answer_caller(context, request, parameters, certificates);
}

http::Outcome hub_sign(Context& context,
                       const http::Request& request,
                       const http::PathParameters& parameters) {
    return answer_caller(context, request, parameters, sign_anywhere);
}

http::Outcome hub_status(Context& context,
                         const http::Request& request,
                         const http::PathParameters& parameters) {
    return answer_caller_or(context, request, parameters, status_for, status_for_anybody);
}

}  // namespace server::api::qd769
