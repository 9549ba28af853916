#include <boost/json.hpp>

#include "cloudsign/csc/algorithms.h"
#include "server/api/csc/document_signature.h"
#include "server/api/csc/methods.h"
#include "server/api/csc/timestamp.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

namespace json = boost::json;

// Exactly one of oauth2, oauth2Issuer and oauth2Servers may say where the authorization server is;
// with the last, what it can do stands there and not above.
void add_authorization_server(const Context& context, json::object& info) {
    const auto metadata =
        context.authorization.metadata({context.urls.api, context.urls.login, context.urls.mtls});
    const bool takes_details = !metadata.authorization_details_types_supported.empty();
    json::array types;
    for (const auto& type : info.at("authType").as_array()) {
        if (type.as_string().starts_with("oauth2")) {
            types.push_back(type);
        }
    }
    switch (context.csc.authorization_server) {
        case AuthorizationServerForm::oauth2:
            info["oauth2"] = context.urls.api + "/";
            break;
        case AuthorizationServerForm::issuer:
            info["oauth2Issuer"] = metadata.issuer;
            break;
        case AuthorizationServerForm::servers:
            info["oauth2Servers"] = json::array{json::object{{"label", "Kyso"},
                                                             {"issuerIdentifier", metadata.issuer},
                                                             {"authType", std::move(types)},
                                                             {"supportsRar", takes_details}}};
            return;
    }
    info["supportsRar"] = takes_details;
}

}  // namespace

http::Outcome info(Context& context, const http::Request& request, const http::PathParameters&) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v2);
    if (!parameters) {
        return csc::to_response(parameters.error());
    }
    json::array algorithms;
    for (const auto oid : cloudsign::csc::all_sign_algorithms()) {
        algorithms.push_back(json::string(oid));
    }
    auto answer = csc::describe_service(context, csc::Version::v2);
    add_authorization_server(context, answer);
    answer["asynchronousOperationMode"] = true;
    answer["validationInfo"] = false;
    answer["signAlgorithms"] = json::object{{"algos", std::move(algorithms)}};
    answer["signature_formats"] = csc::signature_formats();
    json::array levels{"Ades-B-B"};
    if (context.timestamps.is_there()) {
        for (const auto level : {csc::Level::t, csc::Level::lt, csc::Level::lta}) {
            levels.push_back(json::string(csc::conformance_level(level)));
        }
    }
    answer["conformance_levels"] = std::move(levels);
    answer["supportedHashTypes"] = json::array{"DTBSR", "SDR"};
    return http::json(200, answer);
}

}  // namespace server::api::csc_v2
