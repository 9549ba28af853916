#pragma once

#include "hsm/openssl/bytes.h"

namespace cloudsign {

using hsm::Bytes;

inline Bytes bytes_of(hsm::ByteView view) {
    return {view.begin(), view.end()};
}

}  // namespace cloudsign
