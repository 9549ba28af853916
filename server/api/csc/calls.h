#pragma once

#include <boost/json/object.hpp>

#include "server/api/context.h"
#include "server/api/csc/parameters.h"
#include "server/http/outcome.h"

// What the methods of CSC v1 and v2 do; the endpoint files add each version's own form. Methods
// that differ in names alone are here whole.
namespace server::api::csc {

// The credential that a call names, which its client may use.
struct NamedCredential {
    std::shared_ptr<const cloudsign::store::Credential> credential;
    std::shared_ptr<const cloudsign::store::Signer> signer;
};
// "Missing (or invalid type) string parameter credentialID", or "Invalid parameter credentialID"
// for one that does not exist, is not enrolled yet, or is somebody else's: not told apart.
Checked<NamedCredential> find_credential(Context& context,
                                         const http::Request& request,
                                         const Parameters& parameters);
Checked<NamedCredential> find_credential(Context& context,
                                         const Principal& principal,
                                         const std::string& id);
// Refused when nothing may be signed with it now: it is disabled, or its certificate expired.
Checked<void> check_usable(Context& context, const NamedCredential& named);

// The signer whom userID names, or the one for whom the token speaks. "Invalid parameter userID",
// "userID parameter MUST be null".
Checked<std::string> read_user(Context& context,
                               const http::Request& request,
                               const Parameters& parameters);

// credentials/list: {"credentialIDs": […]} of the signer that userID names; those of the page alone
// that can sign now, if so wished.
enum class Listed { all, valid };
struct Listing {
    std::vector<cloudsign::store::Credential> credentials;
    std::optional<std::string> next_page_token;
};
Checked<Listing> list_credentials(Context& context,
                                  const http::Request& request,
                                  const Parameters& parameters,
                                  Listed listed = Listed::all);

// The description of a credential (credentials/info; credentialInfos of a v2 list).
struct Detail {
    std::string certificates;  // none | single | chain
    bool cert_info = false;
    bool auth_info = false;
};
Checked<Detail> read_detail(const Parameters& parameters);
Checked<boost::json::object> describe(Context& context,
                                      const NamedCredential& named,
                                      const Detail& detail,
                                      Version version);

http::Outcome credentials_info(Context& context, const http::Request& request, Version version);

// What credentials/authorize asks for, after all its rules; nothing is opened yet.
Checked<cloudsign::transaction::SignatureRequest> signature_request(Context& context,
                                                                    const Principal& principal,
                                                                    const Parameters& parameters,
                                                                    Version version);
// credentials/authorize: opens the transaction, or joins the same request made before.
Checked<cloudsign::store::Transaction> authorize(Context& context,
                                                 const http::Request& request,
                                                 const Parameters& parameters,
                                                 Version version);

// The SAD of an approved transaction, or why there is none. Waiting transactions have neither.
struct Ticket {
    std::string sad;
    std::int64_t expires_in_seconds = 0;
};
Checked<std::optional<Ticket>> ticket_of(Context& context,
                                         const cloudsign::store::Transaction& transaction);
// The SAD before the signer has answered, where the client's profile has signHash wait instead; or
// why there is none.
http::Response deferred_ticket(Context& context, const cloudsign::store::Transaction& transaction);

// Of another client, or of a person for whom this token does not speak.
bool is_theirs(const Principal& principal, const cloudsign::store::Transaction& transaction);

// A request that the client's profile has wait, and how long (profile.…).
bool is_deferred(const cloudsign::store::Client& client, Version version);
std::chrono::steady_clock::time_point hold_deadline(const Context& context,
                                                    const cloudsign::store::Client& client);
// Still unanswered when the hold ends.
Refusal not_answered_yet();
// In the log, once for each use: this client is served otherwise than the specification says.
void log_deviation(const http::Request& request, std::string_view deviation);

// signHash: {"signatures": […]} in request order, or {"responseID": …}.
http::Outcome signatures_sign_hash(Context& context, const http::Request& request, Version version);
// signPolling.
http::Outcome signatures_sign_polling(Context& context, const http::Request& request);
http::Outcome auth_login(Context& context, const http::Request& request, Version version);
http::Outcome auth_revoke(Context& context, const http::Request& request, Version version);
// {"SAD", "expiresIn"} of a new SAD in place of the presented one.
Checked<boost::json::object> extend_transaction(Context& context,
                                                const http::Request& request,
                                                const Parameters& parameters,
                                                Version version);
http::Outcome credentials_extend_transaction(Context& context,
                                             const http::Request& request,
                                             Version version);
http::Outcome credentials_send_otp(Context& context, const http::Request& request, Version version);
// For methods of the specification that this server is not set up for (501).
http::Outcome not_implemented();

}  // namespace server::api::csc
