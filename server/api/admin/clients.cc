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

namespace {

boost::json::object client_json(const cloudsign::store::Client& client) {
    using cloudsign::store::ClientStatus;
    boost::json::array settings;
    for (const auto& setting : cloudsign::store::client_settings()) {
        settings.push_back(boost::json::object{{"name", setting.name},
                                               {"value", setting.get(client.settings)},
                                               {"meaning", setting.meaning}});
    }
    return {{"client_id", client.id},
            {"name", client.name},
            {"status", client.status == ClientStatus::active ? "active" : "disabled"},
            {"all_signers", client.all_signers},
            {"created_at", client.created_at},
            {"settings", std::move(settings)}};
}

// {"status": "active" | "disabled", "settings": {"NAME": "VALUE"}}: what is there is changed.
cloudsign::Result<void> change(Context& context,
                               const http::Request& request,
                               const std::string& id) {
    TRY_ASSIGN(auto body, read_json(request));
    TRY_ASSIGN(auto status, optional_text_member(body, "status", 16));
    std::vector<cloudsign::identity::ClientRegistry::Change> changes;
    if (const auto* settings = body.if_contains("settings")) {
        if (!settings->is_object()) {
            return Error{ErrorKind::invalid, "settings must be an object of strings"};
        }
        for (const auto& setting : settings->get_object()) {
            if (!setting.value().is_string()) {
                return Error{ErrorKind::invalid, "settings must be an object of strings"};
            }
            changes.push_back(
                {std::string(setting.key()), std::string(setting.value().get_string())});
        }
    }
    if (!status.empty() && status != "active" && status != "disabled") {
        return Error{ErrorKind::invalid, "status must be active or disabled"};
    }
    TRY(context.clients.change_settings(id, changes));
    if (status.empty()) {
        return {};
    }
    using cloudsign::store::ClientStatus;
    const auto wanted = status == "active" ? ClientStatus::active : ClientStatus::disabled;
    TRY(context.clients.set_status(id, wanted));
    if (wanted == ClientStatus::disabled) {
        TRY(context.transactions.end_all_asked_by(id));
    }
    return {};
}

}  // namespace

http::Outcome list_clients(Context& context, const http::Request&, const http::PathParameters&) {
    const auto clients = context.clients.all();
    if (!clients) {
        return error_response(clients.error());
    }
    boost::json::array list;
    for (const auto& client : *clients) {
        list.push_back(client_json(client));
    }
    return http::json(200, {{"clients", std::move(list)}});
}

http::Outcome show_client(Context& context,
                          const http::Request&,
                          const http::PathParameters& parameters) {
    const auto client = context.clients.find(std::string(parameters.id));
    return client ? http::json(200, client_json(**client)) : error_response(client.error());
}

http::Outcome change_client(Context& context,
                            const http::Request& request,
                            const http::PathParameters& parameters) {
    if (const auto done = change(context, request, std::string(parameters.id)); !done) {
        return error_response(done.error());
    }
    return show_client(context, request, parameters);
}

http::Outcome renew_client_secret(Context& context,
                                  const http::Request&,
                                  const http::PathParameters& parameters) {
    const auto secret = context.clients.renew_secret(std::string(parameters.id));
    if (!secret) {
        return error_response(secret.error());
    }
    return http::json(200, {{"client_id", parameters.id}, {"client_secret", *secret}});
}

}  // namespace server::api::admin
