#include "cloudsign/document/appearance_preset.h"

#include <set>

#include <gtest/gtest.h>

namespace cloudsign::document {
namespace {

constexpr std::int64_t time_ms = 1'790'000'000'000;
const Bytes some_picture = {1};

TEST(AppearancePreset, OfAnAnnexShowsNumberAndTimeInTheCorner) {
    const auto appearance =
        appearance_of(*preset_named("phu-luc"), {{"number", "Số: 12/QĐ-UBND"}}, {}, time_ms);

    ASSERT_TRUE(appearance);
    EXPECT_EQ(appearance->lines,
              (std::vector<std::string>{"Số: 12/QĐ-UBND", "2026-09-21T21:13:20+07:00"}));
    EXPECT_EQ(appearance->font_size, 10);
    EXPECT_EQ(appearance->alignment, TextAlignment::right);
    EXPECT_FALSE(appearance->box);
}

TEST(AppearancePreset, OfACopyNamesItsFormAndWhoMadeIt) {
    for (const auto& [name, form] :
         {std::pair{"sao-y", "SAO Y"}, {"sao-luc", "SAO LỤC"}, {"trich-sao", "TRÍCH SAO"}}) {
        const auto appearance =
            appearance_of(*preset_named(name), {{"organisation", "UBND xã A"}}, {}, time_ms);

        ASSERT_TRUE(appearance);
        EXPECT_EQ(appearance->lines.at(0), form);
        EXPECT_EQ(appearance->lines.at(1), "UBND xã A");
        EXPECT_EQ(appearance->lines.size(), 3u);
    }
}

TEST(AppearancePreset, SaysWhatIsMissingOrTooMuch) {
    const auto detail = [](const char* name,
                           const std::map<std::string, std::string>& values,
                           const Bytes& picture) {
        const auto appearance = appearance_of(*preset_named(name), values, picture, time_ms);
        return appearance ? "" : appearance.error().detail;
    };

    EXPECT_NE(detail("phu-luc", {}, {}).find("{number}"), std::string::npos);
    EXPECT_NE(detail("phu-luc", {{"number", "1"}}, some_picture).find("no picture"),
              std::string::npos);
    EXPECT_NE(detail("lanh-dao", {}, {}).find("PNG"), std::string::npos);
    EXPECT_NE(detail("lanh-dao", {{"number", "1"}}, some_picture).find("{number}"),
              std::string::npos);
    EXPECT_NE(detail("phu-luc", {{"number", "1"}, {"time", "now"}}, {}).find("{time}"),
              std::string::npos);
    EXPECT_EQ(detail("to-chuc", {}, some_picture), "");
}

TEST(AppearancePreset, IsKnownByOneName) {
    std::set<std::string_view> names;
    for (const auto& preset : appearance_presets()) {
        EXPECT_TRUE(names.insert(preset.name).second) << preset.name;
        EXPECT_EQ(preset_named(preset.name), &preset);
    }
    EXPECT_EQ(preset_named("x"), nullptr);
}

TEST(AppearancePreset, StandsInTheMiddleAboveAName) {
    const auto box = box_above(*preset_named("lanh-dao"), {100, 50, 60, 12});

    EXPECT_EQ(box.x, 70);
    EXPECT_EQ(box.y, 66);
    EXPECT_EQ(box.width, 120);
}

}  // namespace
}  // namespace cloudsign::document
