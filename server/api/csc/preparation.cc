#include "server/api/csc/preparation.h"

#include "server/api/csc/algorithm_parameters.h"

namespace server::api::csc {

Checked<cloudsign::store::Preparation> find_preparation(Context& context,
                                                        const Principal& principal,
                                                        const std::string& id,
                                                        const std::string& credential_id) {
    auto found = context.preparations.find(id);
    if (!found && found.error().kind != cloudsign::ErrorKind::not_found) {
        return to_refusal(found.error());
    }
    if (!found || found->client_id != principal.client->id ||
        found->credential_id != credential_id) {
        return wrong_parameter("preparedID");
    }
    return *std::move(found);
}

}  // namespace server::api::csc
