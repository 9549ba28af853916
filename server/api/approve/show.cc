#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/store/enclosure_table.h"
#include "server/api/approve/endpoints.h"
#include "server/api/approve/item_json.h"
#include "server/api/error_response.h"

namespace server::api::approve {

// One transaction in whatever state, with the receipts of what was signed.
http::Outcome show(Context& context,
                   const http::Request& request,
                   const http::PathParameters& parameters) {
    const auto item =
        context.approvals.item(*request.principal->device, std::string(parameters.id));
    if (!item) {
        return error_response(item.error());
    }
    auto object = to_json(*item);
    const auto made = context.transactions.signed_occurrences(item->transaction.id);
    if (!object || !made) {
        return error_response(object ? made.error() : object.error());
    }
    std::string certificate;
    for (const auto& member : context.modules.members()) {
        if (member.module_id == item->transaction.module_id) {
            certificate = cloudsign::base64url(member.device_certificate);
        }
    }
    boost::json::array receipts;
    for (const auto& one : *made) {
        receipts.push_back({{"position", one.position},
                            {"signature", cloudsign::base64url(one.signature)},
                            {"receipt", cloudsign::base64url(one.receipt)},
                            {"device_certificate", certificate}});
    }
    (*object)["receipts"] = std::move(receipts);
    const auto enclosed = context.database.read([&](cloudsign::store::Session& session) {
        return cloudsign::store::EnclosureTable(session).positions(item->transaction.id);
    });
    if (!enclosed) {
        return error_response(enclosed.error());
    }
    (*object)["enclosed"] = boost::json::array(enclosed->begin(), enclosed->end());
    return http::json(200, *std::move(object));
}

}  // namespace server::api::approve
