#include <algorithm>

#include <boost/json.hpp>

#include "cloudsign/csc/algorithms.h"
#include "cloudsign/qd769/serial_number.h"
#include "cloudsign/store/credential_table.h"
#include "server/api/qd769/calls.h"
#include "server/api/qd769/endpoints.h"

namespace server::api::qd769 {
namespace {

namespace json = boost::json;
using cloudsign::ErrorKind;
using cloudsign::store::Credential;
using cloudsign::store::CredentialStatus;

// The one that serial_number names, or the only one that can sign.
Checked<Credential> choose_credential(Context& context,
                                      const std::string& signer_id,
                                      const std::string& serial_number) {
    auto all = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::CredentialTable(session).of_signer(signer_id);
    });
    if (!all) {
        return to_refusal(all.error());
    }
    const auto now = context.clock.now_ms();
    const auto usable = [&](const Credential& credential) {
        return credential.status == CredentialStatus::enabled && credential.blob &&
               credential.valid_to.value_or(0) >= now;
    };
    if (!serial_number.empty()) {
        const auto found = std::ranges::find_if(*all, [&](const Credential& credential) {
            return credential.serial_number &&
                   cloudsign::qd769::normal_serial(*credential.serial_number) == serial_number;
        });
        if (found == all->end()) {
            return bad_request("serial_number is unknown");
        }
        if (!usable(*found)) {
            return to_refusal(
                {ErrorKind::credential_disabled, "the certificate is disabled or expired"});
        }
        return *found;
    }
    const bool had_some = std::ranges::any_of(
        *all, [](const Credential& credential) { return credential.certificate.has_value(); });
    std::erase_if(*all, [&](const Credential& credential) { return !usable(credential); });
    if (all->size() > 1) {
        return bad_request("serial_number is needed: the person has several certificates");
    }
    if (all->empty()) {
        return had_some ? to_refusal({ErrorKind::credential_disabled,
                                      "the certificate is disabled or expired"})
                        : bad_request("the person has no certificate");
    }
    return all->front();
}

std::string detail_of(const Caller& caller, const SignRequest& request) {
    json::array ids;
    for (const auto& file : request.files) {
        ids.push_back(json::string(file.doc_id));
    }
    return json::serialize(json::object{{"doc_ids", std::move(ids)}, {"proof", caller.proof}});
}

// Everything that belongs to the request, in the commit that opens its transaction.
cloudsign::Result<void> write_beside(Context& context,
                                     const Caller& caller,
                                     const SignRequest& request,
                                     cloudsign::store::Session& session,
                                     const std::string& transaction_id) {
    StoredRequest stored;
    stored.client_id = caller.client->id;
    stored.portal_id = request.transaction_id;
    stored.fingerprint = request.fingerprint();
    stored.transaction_id = transaction_id;
    stored.detail = detail_of(caller, request);
    stored.created_at = context.clock.now_ms();
    TRY(cloudsign::store::Qd769Table(session).insert(stored));
    TRY(context.signing_jobs.add(session, transaction_id));
    if (!caller.client->settings.webhook_url.empty()) {
        TRY(context.webhooks.arm(session,
                                 {caller.client->id,
                                  "qd769.sign",
                                  transaction_id,
                                  caller.client->settings.webhook_url,
                                  ""}));
    }
    return {};
}

Checked<http::Response> answer(Context& context,
                               const Caller& caller,
                               const json::object& body,
                               const std::string&) {
    TRY_ASSIGN(auto request, read_sign_request(body));
    TRY_ASSIGN(auto stored, made_before(context, caller, request));
    if (stored) {
        return accepted(context, *stored);
    }
    return sign_here(context, caller, request);
}

Checked<http::Response> refuse_files(Context&,
                                     const Caller&,
                                     const json::object&,
                                     const std::string&) {
    return bad_request("whole files are not signed here: send their hashes to sign");
}

}  // namespace

Checked<std::optional<StoredRequest>> made_before(Context& context,
                                                  const Caller& caller,
                                                  const SignRequest& request) {
    auto stored = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::Qd769Table(session).find(caller.client->id,
                                                          request.transaction_id);
    });
    if (!stored) {
        return to_refusal(stored.error());
    }
    if (*stored) {
        TRY_ASSIGN(auto theirs, is_theirs(context, caller, **stored));
        if (!theirs || (*stored)->fingerprint != request.fingerprint()) {
            return bad_request("transaction_id was used before, for another request");
        }
    }
    return *std::move(stored);
}

Checked<http::Response> accepted(Context& context, const StoredRequest& stored) {
    TRY_ASSIGN(auto tran_code, tran_code_of(context, stored));
    return to_response("sig_wait_for_user_confirm",
                       {{"transaction_id", stored.portal_id},
                        {"tran_code", tran_code},
                        {"signed_files", nullptr}});
}

Checked<http::Response> sign_here(Context& context,
                                  const Caller& caller,
                                  const SignRequest& request) {
    TRY_ASSIGN(auto signer, own_signer(context, caller, request.user_id));
    TRY_ASSIGN(auto credential, choose_credential(context, signer->id, request.serial_number));
    const auto algorithm =
        cloudsign::csc::algorithm_for(credential.key_type, request.files.front().hash.size());
    if (!algorithm) {
        return bad_request("data_to_be_signed has another length than the key's hashes");
    }
    cloudsign::transaction::SignatureRequest wanted;
    wanted.client_id = caller.client->id;
    wanted.portal = caller.client->name;
    wanted.signer_id = signer->id;
    wanted.credential_id = credential.id;
    wanted.blob = *credential.blob;
    wanted.algorithm = *algorithm;
    wanted.purpose_text = request.description;
    wanted.code = request.transaction_id;
    wanted.language = signer->language;
    for (const auto& file : request.files) {
        wanted.documents.push_back({file.hash, file.label});
    }
    wanted.beside = [&](cloudsign::store::Session& session, const std::string& transaction_id) {
        return write_beside(context, caller, request, session, transaction_id);
    };
    const auto opened = context.transactions.open(wanted);
    // Under this name already, or a moment ago on another connection.
    TRY_ASSIGN(auto stored, made_before(context, caller, request));
    if (stored) {
        return accepted(context, *stored);
    }
    return opened ? to_refusal({ErrorKind::internal, "the request was not stored"})
                  : to_refusal(opened.error());
}

http::Outcome sign(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters) {
    return answer_caller(context, request, parameters, answer);
}

http::Outcome sign_file(Context& context,
                        const http::Request& request,
                        const http::PathParameters& parameters) {
    return answer_caller(context, request, parameters, refuse_files);
}

}  // namespace server::api::qd769
