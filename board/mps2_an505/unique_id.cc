#include "board/cortex_m/ports.h"

namespace {

// The FPGA has no serial number.
class NoUniqueId final : public firmware::hal::UniqueId {
public:
    firmware::hal::UniqueIdBytes unique_id() const override { return {}; }
};

}  // namespace

firmware::hal::UniqueId& board::unique_id_port() {
    static NoUniqueId none;
    return none;
}
