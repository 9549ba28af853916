#include "hsm/base/hex.h"

#include <gtest/gtest.h>

namespace hsm::base {
namespace {

TEST(Hex, KnowsTheDigitsOfEitherCaseAndNothingElse) {
    constexpr std::string_view either_case = "0123456789abcdefABCDEF";
    for (int code = 0; code < 256; ++code) {
        const char c = static_cast<char>(code);
        const auto at = either_case.find(c);
        const int value = static_cast<int>(at < 16 ? at : at - 6);

        EXPECT_EQ(hex_value(c), at == std::string_view::npos ? -1 : value) << code;
    }
    for (std::size_t value = 0; value < 16; ++value) {
        EXPECT_EQ(hex_value(hex_digits[value]), static_cast<int>(value));
    }
}

}  // namespace
}  // namespace hsm::base
