#pragma once

#include <boost/json/object.hpp>

#include "server/cli/commands.h"
#include "server/cli/failure.h"

namespace server::cli {

// Of `kyso credential`.
void add_issue(CLI::App& credential, Action& chosen);
void add_renew(CLI::App& credential, Action& chosen);

// Prints the member `life` of GET /admin/v1/credentials/{id}: each certificate and what happened
// to it.
Outcome<void> print_life(const boost::json::object& credential);

// A time that the server sent in milliseconds, as ISO 8601; "" where there is none.
std::string time_in(const boost::json::object& object, std::string_view name);

}  // namespace server::cli
