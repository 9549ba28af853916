#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/transaction_json.h"

namespace server::api::admin {

http::Outcome show_transaction(Context& context,
                               const http::Request&,
                               const http::PathParameters& parameters) {
    const auto transaction = context.transactions.find(std::string(parameters.id));
    if (!transaction) {
        return error_response(transaction.error());
    }
    const auto shown = transaction_json(context, *transaction);
    return shown ? http::json(200, *shown) : error_response(shown.error());
}

}  // namespace server::api::admin
