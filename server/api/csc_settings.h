#pragma once

#include <string>

namespace server::api {

// How `info` of CSC v2 names the authorization server: v2.0 knows the first two, v2.2 all three.
enum class AuthorizationServerForm { oauth2, issuer, servers };

// [csc] of kyso.toml.
struct CscSettings {
    AuthorizationServerForm authorization_server = AuthorizationServerForm::oauth2;
    // Of every credential here, "country_law_type" (v2 §11.11). Empty: none is claimed.
    std::string signature_qualifier;
};

}  // namespace server::api
