#include <boost/json.hpp>

#include "cloudsign/approval/approval_service.h"
#include "hsm/protocol/short_code.h"
#include "server/api/error_response.h"
#include "server/api/names.h"
#include "server/api/office/endpoints.h"

namespace server::api::office {
namespace {

namespace json = boost::json;

json::object item_json(const cloudsign::approval::OfficeItem& item) {
    const auto& transaction = item.transaction;
    json::array codes;
    for (const auto& thumbprint : item.keys) {
        const auto code = hsm::protocol::short_code(thumbprint);
        codes.push_back(json::string(std::string_view(code.data(), code.size())));
    }
    json::object written{{"id", transaction.id},
                         {"purpose", purpose_name(transaction.purpose)},
                         {"state", cloudsign::transaction::name(transaction.state)},
                         {"about", transaction.purpose_text},
                         {"credential_id", transaction.credential_id},
                         {"subject", item.subject},
                         {"documents", transaction.documents.size()},
                         {"short_codes", std::move(codes)},
                         {"signer_approved", item.signer_approved},
                         {"officers_given", item.officers_given},
                         {"officers_needed", item.officers_needed},
                         {"created_at", transaction.created_at},
                         {"expires_at", transaction.answer_by}};
    if (item.signer_id) {
        written["signer_id"] = *item.signer_id;
    }
    return written;
}

}  // namespace

// Approvals are given on officers' phones, by other passkeys than the one of this sign-in: here
// they are only seen.
http::Outcome waiting(Context& context, const http::Request&, const http::PathParameters&) {
    const auto items = context.approvals.office_queue();
    if (!items) {
        return error_response(items.error());
    }
    json::array list;
    for (const auto& item : *items) {
        list.push_back(item_json(item));
    }
    return http::json(200, {{"items", std::move(list)}});
}

}  // namespace server::api::office
