#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "server/http/request.h"

namespace server::api {

// The request's body as one JSON object: RFC 8259, UTF-8, at most 16 levels, no name twice.
// `invalid` otherwise.
cloudsign::Result<boost::json::object> read_json(const http::Request& request);

// Members of our own endpoints (approve, admin). `invalid` names the member and what it must be.
cloudsign::Result<std::string> text_member(const boost::json::object& object,
                                           std::string_view name,
                                           std::size_t size_max);
cloudsign::Result<std::string> optional_text_member(const boost::json::object& object,
                                                    std::string_view name,
                                                    std::size_t size_max);
cloudsign::Result<bool> bool_member(const boost::json::object& object, std::string_view name);
cloudsign::Result<cloudsign::Bytes> bytes_member(const boost::json::object& object,
                                                 std::string_view name,
                                                 std::size_t size_max);
// Of exactly 32 bytes.
cloudsign::Result<hsm::Digest> digest_member(const boost::json::object& object,
                                             std::string_view name);

}  // namespace server::api
