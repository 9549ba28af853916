#include "server/api/transaction_json.h"

#include <boost/json.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/hex.h"
#include "cloudsign/push/hints.h"
#include "server/api/names.h"

namespace server::api {

cloudsign::Result<boost::json::object> transaction_json(
    Context& context, const cloudsign::store::Transaction& transaction) {
    TRY_ASSIGN(auto made, context.transactions.signed_occurrences(transaction.id));
    TRY_ASSIGN(auto delivery, cloudsign::push::delivery_of(context.database, transaction));
    std::string certificate;
    for (const auto& member : context.modules.members()) {
        if (member.module_id == transaction.module_id) {
            certificate = cloudsign::base64url(member.device_certificate);
        }
    }
    boost::json::array receipts;
    for (const auto& one : made) {
        receipts.push_back({{"position", one.position},
                            {"signature", cloudsign::base64url(one.signature)},
                            {"receipt", cloudsign::base64url(one.receipt)},
                            {"device_certificate", certificate}});
    }
    return boost::json::object{{"id", transaction.id},
                               {"purpose", purpose_name(transaction.purpose)},
                               {"state", cloudsign::transaction::name(transaction.state)},
                               {"push", cloudsign::push::name(delivery)},
                               {"module_id", cloudsign::hex(transaction.module_id)},
                               {"receipts", std::move(receipts)}};
}

}  // namespace server::api
