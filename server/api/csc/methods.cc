#include "server/api/csc/methods.h"

#include <algorithm>

#include <boost/json.hpp>

#include "server/api/csc/timestamp.h"
#include "server/api/routes.h"

namespace server::api::csc {
namespace {

namespace json = boost::json;

bool is_served(const Context& context, std::string_view method) {
    return method != "info" && (method != "signatures/timestamp" || context.timestamps.is_there());
}

json::array auth_types(const Context& context, const json::array& methods) {
    const auto metadata =
        context.authorization.metadata({context.urls.api, context.urls.login, context.urls.mtls});
    const auto& grants = metadata.grant_types_supported;
    const auto has = [&](std::string_view grant) {
        return std::ranges::find(grants, grant) != grants.end();
    };
    json::array types;
    if (std::ranges::find(methods, json::value("auth/login")) != methods.end()) {
        types.push_back("basic");
    }
    if (has("authorization_code")) {
        types.push_back("oauth2code");
    }
    if (has("client_credentials")) {
        types.push_back("oauth2client");
    }
    return types;
}

}  // namespace

json::array methods(const Context& context, Version version) {
    const std::string_view base = version == Version::v1 ? "/csc/v1/" : "/csc/v2/";
    json::array list;
    for (const auto& route : routes()) {
        if (route.host == http::Host::api && route.path.starts_with(base)) {
            const auto method = route.path.substr(base.size());
            if (is_served(context, method)) {
                list.push_back(json::string(method));
            }
        }
    }
    return list;
}

json::object describe_service(const Context& context, Version version) {
    json::object info{
        {"specs", version == Version::v1 ? "1.0.4.0" : "2.2.0.0"},
        {"name", "Kyso"},
        {"logo", context.urls.api + "/logo.png"},
        {"region", "VN"},
        {"lang", "vi"},
        {"description", "Ký số tập trung: người ký xác nhận trên điện thoại của mình"}};
    auto list = methods(context, version);
    info["authType"] = auth_types(context, list);
    info["methods"] = std::move(list);
    return info;
}

}  // namespace server::api::csc
