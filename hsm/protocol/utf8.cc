#include "hsm/protocol/utf8.h"

#include <cstdint>

namespace hsm::protocol {

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<std::uint8_t>(text[at]);
        const std::size_t following = lead < 0x80             ? 0
                                      : (lead & 0xe0) == 0xc0 ? 1
                                      : (lead & 0xf0) == 0xe0 ? 2
                                      : (lead & 0xf8) == 0xf0 ? 3
                                                              : 4;
        if (following == 4 || text.size() - at <= following) {
            return false;
        }
        std::uint32_t point = following == 0 ? lead : lead & (0x3fu >> following);
        for (std::size_t i = 1; i <= following; ++i) {
            const auto byte = static_cast<std::uint8_t>(text[at + i]);
            if ((byte & 0xc0) != 0x80) {
                return false;
            }
            point = point << 6 | (byte & 0x3fu);
        }
        constexpr std::uint32_t smallest[] = {0, 0x80, 0x800, 0x1'0000};
        if (point < smallest[following] || point > 0x10'ffff ||
            (point >= 0xd800 && point <= 0xdfff)) {
            return false;
        }
        at += 1 + following;
    }
    return true;
}

}  // namespace hsm::protocol
