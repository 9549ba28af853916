#include <cstring>

#include "board/cortex_m/ports.h"
#include "board/stm32f4/bus.h"
#include "board/stm32f4/peripherals.h"

namespace {

// RM0090 §39.1: three words, never the same on two chips.
class ElectronicSignature final : public firmware::hal::UniqueId {
public:
    firmware::hal::UniqueIdBytes unique_id() const override {
        firmware::hal::UniqueIdBytes id{};
        for (std::size_t at = 0; at < 12; at += sizeof(std::uint32_t)) {
            const auto word = board::stm32f4::Bus::read(board::stm32f4::unique_device_id + at);
            std::memcpy(id.data() + at, &word, sizeof(word));
        }
        return id;
    }
};

}  // namespace

firmware::hal::UniqueId& board::unique_id_port() {
    static ElectronicSignature signature;
    return signature;
}
