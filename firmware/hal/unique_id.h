#pragma once

#include "hsm/base/bytes.h"

namespace firmware::hal {

constexpr std::size_t unique_id_size = 16;
using UniqueIdBytes = std::array<hsm::Byte, unique_id_size>;

// The chip's serial number: the same at every start, another on every chip; public. Shorter ones
// are followed by zeros. All zero where the chip has none.
class UniqueId {
public:
    virtual UniqueIdBytes unique_id() const = 0;

protected:
    ~UniqueId() = default;
};

}  // namespace firmware::hal
