#pragma once

#include <optional>
#include <string_view>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "cloudsign/credential/credential_service.h"
#include "cloudsign/store/rows.h"

namespace server::api {

// Signers and their credentials as the operator and the office are shown them.
boost::json::object signer_json(const cloudsign::store::Signer& signer);
std::string_view status_name(cloudsign::store::CredentialStatus status);
boost::json::array life_json(const std::vector<cloudsign::credential::LivedCertificate>& life);
boost::json::object credential_summary(const cloudsign::store::Credential& credential);

}  // namespace server::api
