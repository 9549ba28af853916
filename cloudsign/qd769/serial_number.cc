#include "cloudsign/qd769/serial_number.h"

#include <cctype>

namespace cloudsign::qd769 {

std::string normal_serial(std::string_view serial_number) {
    std::string normal;
    for (const char character : serial_number) {
        if (!normal.empty() || character != '0') {
            normal.push_back(
                static_cast<char>(std::toupper(static_cast<unsigned char>(character))));
        }
    }
    return normal;
}

}  // namespace cloudsign::qd769
