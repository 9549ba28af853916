#pragma once

#include <string>
#include <string_view>

namespace cloudsign {

// What is kept and shown of why an attempt failed, some of it the words of somebody else's machine:
// UTF-8 of at most `size_max` bytes, '?' for each character that changes the display and each byte
// that is none.
std::string fault_text(std::string_view said, std::size_t size_max);

}  // namespace cloudsign
