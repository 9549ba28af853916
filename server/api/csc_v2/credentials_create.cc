#include <boost/json.hpp>

#include "server/api/csc/calls.h"
#include "server/api/csc_v2/endpoints.h"
#include "server/api/names.h"

// credentials/create and credentials/delete (v2.2), as far as keys of people allow: a key is made
// when the person enrols a phone, and an officer binds it.
namespace server::api::csc_v2 {
namespace {

constexpr std::size_t description_max = 255;

csc::Checked<void> check_door(const http::Request& request) {
    if (!request.principal->client->settings.csc_credentials) {
        return csc::Refusal{
            400, "unauthorized_client", "The client may not create or delete credentials", 0};
    }
    return {};
}

csc::Checked<boost::json::object> create(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY(check_door(request));
    TRY_ASSIGN(auto user, csc::read_user(context, request, parameters));
    TRY_ASSIGN(auto name, parameters.optional_string("keyType", 16));
    const auto type = key_type_named(name.value_or("p256"));
    if (!type) {
        return csc::invalid("Invalid parameter keyType");
    }
    TRY_ASSIGN(auto wanted, parameters.optional_string("profile", 16));
    const auto profile = cloudsign::pki::signer_profile_named(wanted.value_or("person"));
    if (!profile) {
        return csc::invalid("Invalid parameter profile");
    }
    TRY_ASSIGN(auto description, parameters.optional_string("description", description_max));
    const auto invited =
        context.credentials.invite(user, *type, description.value_or(""), *profile);
    if (!invited) {
        return csc::to_refusal(invited.error());
    }
    return boost::json::object{
        {"credentialID", invited->credential.id},
        {"enrolmentLink", context.urls.approve + "/enrol#" + invited->invitation},
        {"enrolBy", invited->expires_at}};
}

csc::Checked<void> remove(Context& context, const http::Request& request) {
    TRY_ASSIGN(auto parameters, csc::Parameters::read(request, csc::Version::v2));
    TRY(check_door(request));
    TRY_ASSIGN(auto named, csc::find_credential(context, request, parameters));
    const auto removed = context.credentials.remove(named.credential->id);
    if (!removed) {
        return csc::to_refusal(removed.error());
    }
    return {};
}

}  // namespace

http::Outcome credentials_create(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters&) {
    const auto answer = create(context, request);
    return answer ? http::json(200, *answer) : csc::to_response(answer.error());
}

http::Outcome credentials_delete(Context& context,
                                 const http::Request& request,
                                 const http::PathParameters&) {
    const auto removed = remove(context, request);
    return removed ? http::no_content() : csc::to_response(removed.error());
}

}  // namespace server::api::csc_v2
