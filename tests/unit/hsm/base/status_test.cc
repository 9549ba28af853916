#include "hsm/base/status.h"

#include <array>
#include <bit>
#include <set>

#include <gtest/gtest.h>

namespace hsm {
namespace {

struct Row {
    const char* name;
    std::uint16_t word;
};
#define ROW(name, word) Row{#name, word},
constexpr std::array rows = {HSM_STATUS_TABLE(ROW)};
#undef ROW

TEST(Status, WordsAreUnique) {
    std::set<std::uint16_t> words;
    for (const auto& row : rows) {
        EXPECT_TRUE(words.insert(row.word).second) << row.name;
    }
}

TEST(Status, EveryRefusalIsSixBitsFromOk) {
    for (const auto& row : rows) {
        auto distance = std::popcount(
            static_cast<std::uint16_t>(row.word ^ static_cast<std::uint16_t>(Status::ok)));
        EXPECT_GE(distance, 6) << row.name;
    }
}

TEST(Status, NamesItselfAndAnUnknownWord) {
    EXPECT_EQ(status_name(Status::blob_revoked), "blob_revoked");
    EXPECT_EQ(status_name(static_cast<Status>(0x7777)), "unknown");
}

}  // namespace
}  // namespace hsm
