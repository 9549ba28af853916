#pragma once

#include "hsm/base/crc32c.h"

namespace firmware::storage {

using hsm::crc32c;

}  // namespace firmware::storage
