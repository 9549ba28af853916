#pragma once

#include <string>
#include <string_view>

namespace cloudsign::store {

// `text` as people type it who look for it: without marks and case, in one form of Unicode, so that
// "Nguyễn Thị Thủy" and "NGUYEN THI THUY" are the same, however either was entered. Of bytes that
// are not UTF-8: the bytes.
std::string fold(std::string_view text);

}  // namespace cloudsign::store
