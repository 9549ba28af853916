#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"

namespace server::api::csc_v2 {
namespace {

csc::Checked<boost::json::object> answer(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY_ASSIGN(auto with_info, parameters.optional_bool("credentialInfo"));
    TRY_ASSIGN(auto only_valid, parameters.optional_bool("onlyValid"));
    TRY_ASSIGN(auto detail, csc::read_detail(parameters));
    TRY_ASSIGN(
        auto listing,
        csc::list_credentials(
            context, request, parameters, only_valid ? csc::Listed::valid : csc::Listed::all));
    boost::json::array ids;
    boost::json::array infos;
    for (auto& credential : listing.credentials) {
        ids.push_back(boost::json::string(credential.id));
        if (with_info) {
            const auto signer = context.signers.find(*credential.signer_id);
            if (!signer) {
                return csc::to_refusal(signer.error());
            }
            const auto id = credential.id;
            const csc::NamedCredential named{
                std::make_shared<const cloudsign::store::Credential>(std::move(credential)),
                *signer};
            TRY_ASSIGN(auto info, csc::describe(context, named, detail, csc::Version::v2));
            info["credentialID"] = id;
            infos.push_back(std::move(info));
        }
    }
    boost::json::object body{{"credentialIDs", std::move(ids)}};
    if (with_info) {
        body["credentialInfos"] = std::move(infos);
    }
    if (listing.next_page_token) {
        body["nextPageToken"] = *listing.next_page_token;
    }
    if (only_valid) {
        body["onlyValid"] = true;
    }
    return body;
}

}  // namespace

http::Outcome credentials_list(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    const auto body = answer(context, request);
    return body ? http::json(200, *body) : csc::to_response(body.error());
}

}  // namespace server::api::csc_v2
