#include "server/api/approve/sent_assertion.h"

#include "server/api/json_body.h"

namespace server::api::approve {

cloudsign::Result<cloudsign::approval::SentAssertion> read_assertion(
    const boost::json::object& body) {
    cloudsign::approval::SentAssertion sent;
    TRY_ASSIGN(sent.thumbprint, digest_member(body, "thumbprint"));
    TRY_ASSIGN(sent.authenticator_data, bytes_member(body, "authenticator_data", 256));
    TRY_ASSIGN(sent.client_data_json,
               bytes_member(body, "client_data_json", hsm::protocol::client_data_size_max));
    TRY_ASSIGN(sent.signature, bytes_member(body, "signature", 128));
    TRY_ASSIGN(sent.code, optional_text_member(body, "code", 16));
    return sent;
}

}  // namespace server::api::approve
