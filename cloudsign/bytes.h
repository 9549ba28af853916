#pragma once

#include <vector>

#include "hsm/base/bytes.h"

namespace cloudsign {

// A byte string that is not text: std::string is for text only.
using Bytes = std::vector<hsm::Byte>;

inline Bytes bytes_of(hsm::ByteView view) {
    return {view.begin(), view.end()};
}

}  // namespace cloudsign
