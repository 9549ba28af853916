#include <boost/json.hpp>

#include "cloudsign/hex.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/credential_table.h"
#include "server/api/csc/calls.h"
#include "server/api/rssp/answer.h"
#include "server/api/rssp/endpoints.h"

namespace server::api::rssp {
namespace {

namespace json = boost::json;

// CSC's own description in the dialect's words.
Checked<json::object> describe(Context& context,
                               const csc::NamedCredential& named,
                               const csc::Detail& detail) {
    auto info = csc::describe(context, named, detail, csc::Version::v1);
    if (!info) {
        return to_problem(info.error());
    }
    auto& cert = (*info)["cert"].as_object();
    if (const auto* status = cert.if_contains("status"); status && *status == "valid") {
        cert["status"] = named.credential->status == cloudsign::store::CredentialStatus::enabled
                             ? "OPERATED"
                             : "SUSPENDED";
    } else {
        cert["status"] = "EXPIRED";
    }
    const auto chain = context.credentials.chain(*named.credential);
    if (!chain) {
        return to_problem(chain.error());
    }
    if (!chain->empty()) {
        cert["thumbprint"] = cloudsign::hex(cloudsign::sha256(hsm::ByteView(chain->front())));
    }
    cert["certificateProfile"] = "";
    cert["certificateAuthority"] = cert.contains("issuerDN") ? cert["issuerDN"] : json::value("");
    info->erase("PIN");
    info->erase("OTP");
    (*info)["authMode"] = "IMPLICIT/TSE";
    (*info)["remainingSigningCounter"] = -1;  // not counted
    (*info)["contractExpirationDate"] =
        cert.contains("validTo") ? cert["validTo"] : json::value("");
    (*info)["sharedMode"] = "PRIVATE_MODE";
    return *std::move(info);
}

// certInfoEnabled and authInfoEnabled are CSC's certInfo and authInfo.
csc::Checked<csc::Detail> read_rssp_detail(const csc::Parameters& parameters) {
    csc::Detail detail;
    TRY_ASSIGN(detail, csc::read_detail(parameters));
    TRY_ASSIGN(detail.cert_info, parameters.optional_bool("certInfoEnabled"));
    TRY_ASSIGN(detail.auth_info, parameters.optional_bool("authInfoEnabled"));
    return detail;
}

// agreementUUID says whose: the signer's id or account. A person's own token needs none.
csc::Checked<std::vector<cloudsign::store::Credential>> find_listed(
    Context& context, const http::Request& request, const csc::Parameters& parameters) {
    const auto unknown = csc::invalid("Invalid parameter agreementUUID");
    TRY_ASSIGN(auto agreement, parameters.optional_string("agreementUUID", 255));
    const auto& own = request.principal->signer_id;
    json::object asked;
    if (agreement || !own) {
        const auto signer = context.signers.find_by_account(agreement.value_or(""));
        if (!signer && signer.error().kind != cloudsign::ErrorKind::not_found) {
            return csc::to_refusal(signer.error());
        }
        if (!signer || (own && (*signer)->id != *own)) {
            return unknown;
        }
        if (!own) {
            asked["userID"] = (*signer)->id;
        }
    }
    auto listing = csc::list_credentials(context, request, csc::Parameters::of(std::move(asked)));
    if (!listing) {
        auto refusal = listing.error();
        return refusal.description == "Invalid parameter userID" ? unknown : refusal;
    }
    return std::move(listing->credentials);
}

// searchConditions.certificateStatus; empty for all.
csc::Checked<std::string> read_wanted_status(const csc::Parameters& parameters) {
    const auto* conditions = parameters.find("searchConditions");
    if (conditions == nullptr || conditions->is_null()) {
        return std::string();
    }
    if (!conditions->is_object()) {
        return csc::invalid("Invalid parameter searchConditions");
    }
    TRY_ASSIGN(
        auto status,
        csc::Parameters::of(conditions->get_object()).optional_string("certificateStatus", 32));
    return status && *status != "ALL" ? *status : std::string();
}

Checked<json::object> list(Context& context, const http::Request& request) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v2);
    if (!parameters) {
        return to_problem(parameters.error());
    }
    const auto detail = read_rssp_detail(*parameters);
    if (!detail) {
        return to_problem(detail.error());
    }
    const auto status = read_wanted_status(*parameters);
    if (!status) {
        return to_problem(status.error());
    }
    const auto listed = find_listed(context, request, *parameters);
    if (!listed) {
        return to_problem(listed.error());
    }
    json::array certs;
    for (const auto& credential : *listed) {
        const auto named = csc::find_credential(context, *request.principal, credential.id);
        if (!named) {
            return to_problem(named.error());
        }
        TRY_ASSIGN(auto info, describe(context, *named, *detail));
        auto cert = info["cert"].as_object();
        if (!status->empty() && cert["status"].as_string() != std::string_view(*status)) {
            continue;
        }
        cert["credentialID"] = credential.id;
        cert["authMode"] = info["authMode"];
        certs.push_back(std::move(cert));
    }
    return json::object{{"certs", std::move(certs)}};
}

Checked<json::object> info(Context& context, const http::Request& request) {
    const auto parameters = csc::Parameters::read(request, csc::Version::v2);
    if (!parameters) {
        return to_problem(parameters.error());
    }
    const auto named = csc::find_credential(context, request, *parameters);
    if (!named) {
        return to_problem(named.error());
    }
    const auto detail = read_rssp_detail(*parameters);
    if (!detail) {
        return to_problem(detail.error());
    }
    return describe(context, *named, *detail);
}

}  // namespace

http::Outcome credentials_list(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    return to_response(list(context, request));
}

http::Outcome credentials_info(Context& context,
                               const http::Request& request,
                               const http::PathParameters&) {
    return to_response(info(context, request));
}

}  // namespace server::api::rssp
