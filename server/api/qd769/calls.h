#pragma once

#include <optional>

#include "cloudsign/store/qd769_table.h"
#include "cloudsign/store/webhook_table.h"
#include "server/api/qd769/request.h"

// What the endpoints do for a caller; the hub does the same before it asks others.
namespace server::api::qd769 {

using StoredRequest = cloudsign::store::Qd769Request;

// The person's certificates here; nothing when the person is not known here or not the caller's.
Checked<std::optional<boost::json::array>> own_certificates(Context& context,
                                                            const Caller& caller,
                                                            const CertificateRequest& request);

// The request that the caller has made under this name before; `BAD_REQUEST` when it was another.
Checked<std::optional<StoredRequest>> made_before(Context& context,
                                                  const Caller& caller,
                                                  const SignRequest& request);

// Whether the person is known here, to this caller.
Checked<std::shared_ptr<const cloudsign::store::Signer>> own_signer(Context& context,
                                                                    const Caller& caller,
                                                                    const std::string& user_id);

// Opens a transaction which the server signs by itself once it is approved.
Checked<http::Response> sign_here(Context& context,
                                  const Caller& caller,
                                  const SignRequest& request);
// The answer to `sign`, for a request that is stored.
Checked<http::Response> accepted(Context& context, const StoredRequest& stored);

// The status of a stored request of ours: {"transaction_id", "tran_code", "tran_status",
// "signatures", "signed_files"}, the last two null until it is signed. Its word is the message.
struct Status {
    std::string_view message;
    boost::json::object data;
};
Checked<Status> status_here(Context& context, const StoredRequest& stored);

// By which anybody may ask for a request's status: nobody can guess it.
Checked<std::string> tran_code_of(Context& context, const StoredRequest& stored);
// Whether the caller may know of it: a token that speaks for one person tells of that person's
// requests alone, and of none elsewhere.
Checked<bool> is_theirs(Context& context, const Caller& caller, const StoredRequest& stored);
// The stored request that `id` names: the caller's own name for it, or the tran_code that it got.
Checked<StoredRequest> find_request(Context& context, const Caller& caller, const std::string& id);
// For nobody in particular: the tran_code says enough, since nobody can guess it; the portal's own
// name only where profile.qd769_open_status is on.
Checked<StoredRequest> find_request_of_anybody(Context& context, const std::string& id);

// The body of a webhook (kind "qd769.sign").
cloudsign::Result<std::string> webhook_body(Context& context,
                                            const cloudsign::store::Webhook& webhook);

}  // namespace server::api::qd769
