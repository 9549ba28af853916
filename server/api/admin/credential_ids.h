#pragma once

#include <string>
#include <vector>

#include <boost/json/object.hpp>

#include "cloudsign/error.h"

namespace server::api::admin {

// The member credential_ids; `invalid` unless it is a list of strings that has some.
inline cloudsign::Result<std::vector<std::string>> credential_ids_member(
    const boost::json::object& body) {
    const cloudsign::Error wrong{cloudsign::ErrorKind::invalid,
                                 "credential_ids must be a list of strings"};
    const auto* list = body.if_contains("credential_ids");
    if (list == nullptr || !list->is_array() || list->get_array().empty()) {
        return wrong;
    }
    std::vector<std::string> ids;
    for (const auto& id : list->get_array()) {
        if (!id.is_string()) {
            return wrong;
        }
        ids.emplace_back(id.get_string());
    }
    return ids;
}

}  // namespace server::api::admin
