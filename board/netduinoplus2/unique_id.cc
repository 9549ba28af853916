#include "board/cortex_m/ports.h"

namespace {

// QEMU does not model the chip's electronic signature.
class NoUniqueId final : public firmware::hal::UniqueId {
public:
    firmware::hal::UniqueIdBytes unique_id() const override { return {}; }
};

}  // namespace

firmware::hal::UniqueId& board::unique_id_port() {
    static NoUniqueId none;
    return none;
}
