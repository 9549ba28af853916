#pragma once

#include <string>
#include <string_view>

namespace cloudsign::qd769 {

// A certificate's serial number as two of them are compared, however each was written: upper case,
// without leading zeros.
std::string normal_serial(std::string_view serial_number);

}  // namespace cloudsign::qd769
