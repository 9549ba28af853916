#include "hsm/cli/elf_image.h"

#include <gtest/gtest.h>

#include "tests/unit/hsm/cli/test_elf.h"

namespace hsm::cli {
namespace {

using testing::make_elf;
using testing::make_image;
using testing::put;

constexpr std::uint32_t address = 0x08020400;

std::string error_of(ByteView elf) {
    const auto image = read_elf_image(elf);
    return image ? "" : image.error();
}

TEST(ElfImage, IsItsSegmentsByPhysicalAddress) {
    const auto text = make_image(address, 64, 0x11);
    const Bytes initial_data(12, 0x22);
    const auto image = read_elf_image(make_elf({{address + 80, initial_data}, {address, text}}));

    ASSERT_TRUE(image.has_value()) << image.error();
    EXPECT_EQ(image->load_address, address);
    auto expected = text;
    expected.resize(80, 0xff);
    expected.insert(expected.end(), initial_data.begin(), initial_data.end());
    EXPECT_EQ(image->bytes, expected);
}

TEST(ElfImage, IsNotMadeOfAnythingElse) {
    const auto right = make_elf({{address, make_image(address, 64, 0x11)}});
    ASSERT_EQ(error_of(right), "");
    for (std::size_t size = 0; size < right.size(); ++size) {
        EXPECT_NE(error_of(ByteView(right).first(size)), "") << size;
    }
    auto x86 = right;
    put(x86, 18, 62, 2);
    EXPECT_EQ(error_of(x86), "not a 32-bit executable for Arm");
    auto outside = right;
    put(outside, 28, 0xfffffff0, 4);
    EXPECT_EQ(error_of(outside), "a program header lies outside the file");
    auto many = right;
    put(many, 44, 0xffff, 2);
    EXPECT_EQ(error_of(many), "a program header lies outside the file");
    auto long_segment = right;
    put(long_segment, 52 + 32 + 16, 0xffffffff, 4);
    EXPECT_EQ(error_of(long_segment), "a segment lies outside the file");
    EXPECT_EQ(error_of(make_elf({})), "nothing in it is loaded");
}

TEST(ElfImage, HasSegmentsThatFitTogether) {
    const auto text = make_image(address, 64, 0x11);
    EXPECT_EQ(error_of(make_elf({{address, text}, {address + 60, Bytes(8)}})),
              "two segments overlap");
    EXPECT_EQ(error_of(make_elf({{address, text}, {address + 0x200000, Bytes(8)}})),
              "it is larger than an image may be");
}

TEST(ElfImage, BeginsWithItsVectorTable) {
    const std::string expected = "it does not begin with its vector table";
    EXPECT_EQ(error_of(make_elf({{address, Bytes(4)}})), expected);
    EXPECT_EQ(error_of(make_elf({{address, Bytes(64)}})), expected);
    EXPECT_EQ(error_of(make_elf({{address, make_image(address + 0x1000, 64, 0)}})), expected);
    auto no_thumb = make_image(address, 64, 0);
    put(no_thumb, 4, address + 8, 4);
    EXPECT_EQ(error_of(make_elf({{address, no_thumb}})), expected);
}

}  // namespace
}  // namespace hsm::cli
