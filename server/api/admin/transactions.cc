#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/push/hints.h"
#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/names.h"

namespace server::api::admin {

// A transaction's state and receipts, each with the device certificate that it verifies under.
http::Outcome show_transaction(Context& context,
                               const http::Request&,
                               const http::PathParameters& parameters) {
    const auto transaction = context.transactions.find(std::string(parameters.id));
    if (!transaction) {
        return error_response(transaction.error());
    }
    const auto made = context.transactions.signed_occurrences(transaction->id);
    if (!made) {
        return error_response(made.error());
    }
    const auto delivery = cloudsign::push::delivery_of(context.database, *transaction);
    if (!delivery) {
        return error_response(delivery.error());
    }
    std::string certificate;
    for (const auto& member : context.modules.members()) {
        if (member.module_id == transaction->module_id) {
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
    return http::json(200,
                      {{"id", transaction->id},
                       {"purpose", purpose_name(transaction->purpose)},
                       {"state", cloudsign::transaction::name(transaction->state)},
                       {"push", cloudsign::push::name(*delivery)},
                       {"module_id", cloudsign::hex(transaction->module_id)},
                       {"receipts", std::move(receipts)}});
}

}  // namespace server::api::admin
