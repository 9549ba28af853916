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

// credentials/list: {"credentialIDs": […]} of the signer that userID names.
struct Listing {
    std::vector<cloudsign::store::Credential> credentials;
    std::optional<std::string> next_page_token;
};
Checked<Listing> list_credentials(Context& context,
                                  const http::Request& request,
                                  const Parameters& parameters);

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
                                                                    const http::Request& request,
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

// {"signatures": […]} in request order.
http::Outcome signatures_sign_hash(Context& context, const http::Request& request, Version version);

}  // namespace server::api::csc
