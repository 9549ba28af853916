#pragma once

#include <string>
#include <string_view>

namespace cloudsign::document {

// Unicode normalisation form C (UAX #15), so that "ễ" is one text however it was typed. Bytes that
// are no UTF-8 become U+FFFD.
std::string composed(std::string_view utf8);

}  // namespace cloudsign::document
