#include "hsm/softphone/printable.h"

#include <gtest/gtest.h>

namespace hsm::softphone {
namespace {

TEST(Printable, LeavesTextAsItIs) {
    EXPECT_EQ(printable("Học bạ: Lê Minh An, 2025–2026 ✓ 𝔸"), "Học bạ: Lê Minh An, 2025–2026 ✓ 𝔸");
}

TEST(Printable, EscapesWhatWouldChangeTheScreen) {
    EXPECT_EQ(printable("a\x1b[2Jb\r\n\x7f"), "a\\u{1b}[2Jb\\u{d}\\u{a}\\u{7f}");
    EXPECT_EQ(printable("\xc2\x9b"
                        "2J"),
              "\\u{9b}2J");
    EXPECT_EQ(printable("fdp.\xe2\x80\xae"  // NOLINT(misc-misleading-bidirectional)
                        "exe"),
              "fdp.\\u{202e}exe");
    EXPECT_EQ(printable("a\xe2\x80\x8b"
                        "b"),
              "a\\u{200b}b");
}

TEST(Printable, SurvivesWhatIsNotUtf8) {
    EXPECT_EQ(printable("\xf0\x9f!"), "\\u{f0}\\u{9f}!");
    EXPECT_EQ(printable(std::string_view("\0", 1)), "\\u{0}");
}

}  // namespace
}  // namespace hsm::softphone
