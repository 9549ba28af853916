#pragma once

#include <boost/json/object.hpp>

#include "cloudsign/verify/report.h"

namespace cloudsign::verify {

// The report for machines: VERIFY.md says what each member means.
boost::json::object to_json(const Report& report);

std::string_view name_of(Level level);
std::string_view name_of(SignatureKind kind);
std::string_view name_of(TimeSource source);

}  // namespace cloudsign::verify
