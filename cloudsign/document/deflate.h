#pragma once

#include <string>
#include <string_view>
#include <zlib.h>

#include "hsm/base/check.h"

namespace cloudsign::document {

// As /FlateDecode reads it.
inline std::string deflate(std::string_view content) {
    auto size = compressBound(content.size());
    std::string packed(size, '\0');
    CHECK(compress(reinterpret_cast<Bytef*>(packed.data()),
                   &size,
                   reinterpret_cast<const Bytef*>(content.data()),
                   content.size()) == Z_OK);
    packed.resize(size);
    return packed;
}

}  // namespace cloudsign::document
