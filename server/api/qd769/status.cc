#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/qd769/outcome.h"
#include "server/api/qd769/calls.h"
#include "server/api/qd769/endpoints.h"

namespace server::api::qd769 {
namespace {

namespace json = boost::json;
using cloudsign::qd769::Outcome;
using cloudsign::store::Qd769Table;
using cloudsign::store::Transaction;

Refusal unknown_request() {
    return bad_request("no such transaction");
}

cloudsign::qd769::Credential usability(Context& context, const Transaction& transaction) {
    const auto credential = context.database.credential(transaction.credential_id);
    const bool usable = credential && *credential &&
                        (*credential)->status == cloudsign::store::CredentialStatus::enabled &&
                        (*credential)->valid_to.value_or(0) >= context.clock.now_ms();
    return usable ? cloudsign::qd769::Credential::usable : cloudsign::qd769::Credential::unusable;
}

// In the order of the request; null until it is signed.
cloudsign::Result<json::value> signed_files(Context& context,
                                            const cloudsign::store::Qd769Request& stored) {
    TRY_ASSIGN(auto made, context.transactions.signed_occurrences(stored.transaction_id));
    json::error_code failed;
    const auto detail = json::parse(stored.detail, failed);
    const auto* object = failed ? nullptr : detail.if_object();
    const auto* ids = object != nullptr ? object->if_contains("doc_ids") : nullptr;
    if (ids == nullptr || !ids->is_array()) {
        return cloudsign::Error{cloudsign::ErrorKind::internal, "stored QD 769 request"};
    }
    json::array files;
    for (const auto& one : made) {
        const auto& list = ids->get_array();
        if (one.position >= list.size()) {
            return cloudsign::Error{cloudsign::ErrorKind::internal, "stored QD 769 request"};
        }
        files.push_back({{"doc_id", list[one.position]},
                         {"signature_value", cloudsign::base64(one.signature)},
                         {"timestamp_signature", nullptr}});
    }
    return json::value(std::move(files));
}

Checked<Status> status_of(Context& context,
                          const StoredRequest& stored,
                          const Transaction& transaction) {
    const auto outcome = cloudsign::qd769::outcome_of(transaction, usability(context, transaction));
    json::value files;
    if (outcome == Outcome::success) {
        auto made = signed_files(context, stored);
        if (!made) {
            return to_refusal(made.error());
        }
        files = *std::move(made);
    }
    Status status;
    status.message = cloudsign::qd769::word(outcome);
    status.data = {{"transaction_id", stored.portal_id},
                   {"tran_code", context.transactions.handle_of(transaction)},
                   {"tran_status", static_cast<int>(outcome)},
                   {"signatures", files},
                   {"signed_files", files}};
    return status;
}

constexpr std::string_view forwarded_use = "forwarded";

// By a tran_code of ours.
Checked<std::optional<StoredRequest>> by_tran_code(Context& context, const std::string& id) {
    auto name = context.transactions.name_in(forwarded_use, id);
    if (!name) {
        const auto transaction = context.transactions.find_by_handle(id);
        if (!transaction) {
            return transaction.error().kind == cloudsign::ErrorKind::not_found
                       ? Checked<std::optional<StoredRequest>>(std::optional<StoredRequest>())
                       : to_refusal(transaction.error());
        }
        name = transaction->id;
    }
    auto stored = context.database.read([&](cloudsign::store::Session& session) {
        return Qd769Table(session).of_transaction(*name);
    });
    if (!stored) {
        return to_refusal(stored.error());
    }
    return *std::move(stored);
}

Checked<http::Response> respond(Context& context, const StoredRequest& stored) {
    if (!stored.provider.empty()) {
        return unknown_request();
    }
    TRY_ASSIGN(auto status, status_here(context, stored));
    return to_response(status.message, std::move(status.data));
}

Checked<http::Response> answer(Context& context,
                               const Caller& caller,
                               const json::object&,
                               const std::string& id) {
    TRY_ASSIGN(auto stored, find_request(context, caller, id));
    return respond(context, stored);
}

Checked<http::Response> answer_anybody(Context& context, const std::string& id) {
    TRY_ASSIGN(auto stored, find_request_of_anybody(context, id));
    return respond(context, stored);
}

}  // namespace

Checked<std::string> tran_code_of(Context& context, const StoredRequest& stored) {
    if (!stored.provider.empty()) {
        // One of an older release has no name of ours, and no code but the portal's own.
        return stored.transaction_id.empty()
                   ? stored.portal_id
                   : context.transactions.ticket(forwarded_use, stored.transaction_id);
    }
    const auto transaction = context.transactions.find(stored.transaction_id);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return context.transactions.handle_of(*transaction);
}

Checked<bool> is_theirs(Context& context, const Caller& caller, const StoredRequest& stored) {
    if (stored.client_id != caller.client->id) {
        return false;
    }
    if (!caller.signer_id) {
        return true;
    }
    if (!stored.provider.empty()) {
        return false;
    }
    const auto transaction = context.transactions.find(stored.transaction_id);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return *caller.signer_id == transaction->approver_id;
}

Checked<StoredRequest> find_request(Context& context, const Caller& caller, const std::string& id) {
    auto stored = context.database.read([&](cloudsign::store::Session& session) {
        return Qd769Table(session).find(caller.client->id, id);
    });
    if (!stored) {
        return to_refusal(stored.error());
    }
    if (!*stored) {
        TRY_ASSIGN(*stored, by_tran_code(context, id));
    }
    if (!*stored) {
        return unknown_request();
    }
    TRY_ASSIGN(auto theirs, is_theirs(context, caller, **stored));
    if (!theirs) {
        return unknown_request();
    }
    return **std::move(stored);
}

Checked<StoredRequest> find_request_of_anybody(Context& context, const std::string& id) {
    TRY_ASSIGN(auto by_code, by_tran_code(context, id));
    if (by_code) {
        return *std::move(by_code);
    }
    const Refusal who{
        401, "SP_CREDENTIAL_INVALID", "sp_id and sp_password, or a token, are needed"};
    auto named = context.database.read(
        [&](cloudsign::store::Session& session) { return Qd769Table(session).named(id); });
    if (!named) {
        return to_refusal(named.error());
    }
    // Two portals with one name for theirs: neither without saying who it is.
    if (named->size() != 1) {
        return who;
    }
    const auto client = context.clients.find(named->front().client_id);
    if (!client || (*client)->status != cloudsign::store::ClientStatus::active ||
        !(*client)->settings.qd769 || !(*client)->settings.qd769_open_status) {
        return who;
    }
    return std::move(named->front());
}

Checked<Status> status_here(Context& context, const StoredRequest& stored) {
    const auto transaction = context.transactions.find(stored.transaction_id);
    if (!transaction) {
        return to_refusal(transaction.error());
    }
    return status_of(context, stored, *transaction);
}

cloudsign::Result<std::string> webhook_body(Context& context,
                                            const cloudsign::store::Webhook& webhook) {
    using cloudsign::Error;
    using cloudsign::ErrorKind;
    TRY_ASSIGN(auto stored, context.database.read([&](cloudsign::store::Session& session) {
        return Qd769Table(session).of_transaction(webhook.subject);
    }));
    if (webhook.kind != "qd769.sign" || !stored) {
        return Error{ErrorKind::internal, "there is nobody to write its body"};
    }
    auto status = status_here(context, *stored);
    if (!status) {
        return Error{ErrorKind::unavailable, status.error().description};
    }
    const auto files = status->data.at("signed_files");
    return json::serialize(json::object{{"sp_id", webhook.client_id},
                                        {"status_code", 200},
                                        {"message", status->message},
                                        {"transaction_id", stored->portal_id},
                                        {"signed_files", files},
                                        {"data", std::move(status->data)}});
}

http::Outcome status(Context& context,
                     const http::Request& request,
                     const http::PathParameters& parameters) {
    return answer_caller_or(context, request, parameters, answer, answer_anybody);
}

}  // namespace server::api::qd769
