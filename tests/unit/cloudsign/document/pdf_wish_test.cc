#include "cloudsign/document/pdf_wish.h"

#include <gtest/gtest.h>

namespace cloudsign::document {
namespace {

constexpr std::int64_t time_ms = 1'790'000'000'000;

PdfWish of_preset(const std::string& name) {
    PdfWish wish;
    wish.preset = name;
    return wish;
}

std::string refusal(const PdfWish& wish) {
    const auto signature = signature_wished(wish, time_ms);
    return signature ? "" : signature.error().detail;
}

TEST(PdfWish, OfNothingIsAnInvisibleSignature) {
    const auto signature = signature_wished({}, time_ms);

    ASSERT_TRUE(signature);
    EXPECT_TRUE(signature->appearance.is_empty());
    EXPECT_EQ(signature->page, 1U);
    EXPECT_EQ(signature->time_ms, time_ms);
    EXPECT_EQ(signature->certification, Certification::none);
}

TEST(PdfWish, OfAPresetShowsItInItsPlace) {
    auto wish = of_preset("phu-luc");
    wish.values = {{"number", "Số: 12/QĐ-UBND"}};
    wish.page = 2;
    wish.reason = "Phê duyệt";
    wish.certify = true;
    const auto signature = signature_wished(wish, time_ms);

    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->appearance.lines.front(), "Số: 12/QĐ-UBND");
    EXPECT_EQ(signature->page, 2U);
    EXPECT_EQ(signature->reason, "Phê duyệt");
    EXPECT_EQ(signature->certification, Certification::fields_only);
}

TEST(PdfWish, OfASealStandsOverAnothersSignatureOrInAPlaceOfItsOwn) {
    auto wish = of_preset("to-chuc");
    wish.picture = {1};
    EXPECT_NE(refusal(wish).find("over which field"), std::string::npos);

    wish.over = "Signature1";
    EXPECT_EQ(signature_wished(wish, time_ms)->appearance.seal_over, "Signature1");

    wish.box = PdfBox{1, 2, 3, 4};
    EXPECT_NE(refusal(wish).find("two places"), std::string::npos);
    wish.over.clear();
    EXPECT_EQ(signature_wished(wish, time_ms)->appearance.seal_over, "");
    wish.box.reset();
    wish.field = "Seal";
    EXPECT_EQ(signature_wished(wish, time_ms)->appearance.seal_over, "");
}

TEST(PdfWish, SaysWhatDoesNotGoTogether) {
    EXPECT_NE(refusal(of_preset("other")).find("ky-nhay|"), std::string::npos);
    auto wish = of_preset("phu-luc");
    wish.lines = {"of one's own"};
    EXPECT_NE(refusal(wish).find("not both"), std::string::npos);
    wish.preset.clear();
    wish.values = {{"number", "1"}};
    EXPECT_NE(refusal(wish).find("Only a preset"), std::string::npos);
    wish.values.clear();
    for (const auto* preset : {"", "ky-nhay"}) {
        wish = of_preset(preset);
        wish.picture = {1};
        EXPECT_EQ(refusal(wish), "");
        wish.over = "Signature1";
        EXPECT_NE(refusal(wish).find("leave over out"), std::string::npos) << preset;
    }
}

}  // namespace
}  // namespace cloudsign::document
