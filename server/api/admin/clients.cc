#include <boost/json.hpp>

#include "server/api/admin/endpoints.h"
#include "server/api/error_response.h"
#include "server/api/json_body.h"

namespace server::api::admin {
namespace {

using cloudsign::Error;
using cloudsign::ErrorKind;
using cloudsign::identity::NewClient;

constexpr std::size_t signers_max = 10'000;

cloudsign::Result<NewClient> add(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto name, text_member(body, "name", 255));
    const auto* list = body.if_contains("signers");
    const auto* all = body.if_contains("all_signers");
    if (all != nullptr && all->is_bool() && all->get_bool()) {
        return context.clients.add_for_all(name);
    }
    if (list == nullptr || !list->is_array() || list->get_array().empty() ||
        list->get_array().size() > signers_max) {
        return Error{ErrorKind::invalid, "say all_signers: true, or list signers"};
    }
    std::vector<std::string> signers;
    for (const auto& signer : list->get_array()) {
        if (!signer.is_string()) {
            return Error{ErrorKind::invalid, "signers must be a list of strings"};
        }
        signers.emplace_back(signer.get_string());
    }
    return context.clients.add_for(name, signers);
}

}  // namespace

http::Outcome add_client(Context& context,
                         const http::Request& request,
                         const http::PathParameters&) {
    const auto client = add(context, request);
    if (!client) {
        return error_response(client.error());
    }
    return http::json(200,
                      {{"client_id", client->client_id}, {"client_secret", client->client_secret}});
}

}  // namespace server::api::admin
