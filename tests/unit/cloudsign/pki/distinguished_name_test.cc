#include "cloudsign/pki/distinguished_name.h"

#include <gtest/gtest.h>

namespace cloudsign::pki {
namespace {

TEST(DistinguishedName, SurvivesTheRoundTrip) {
    for (const std::string text :
         {"CN=Nguyễn Thị Thủy,UID=CCCD:001234567890,O=Trường THPT Chu Văn An,C=VN",
          "CN=A\\, B,O=\\+x",
          "title=Bác sĩ,CN=Lê Văn Bình"}) {
        const auto name = parse_name(text);
        ASSERT_TRUE(name) << text;
        EXPECT_EQ(format_name(name->get()), text);
    }
}

TEST(DistinguishedName, IsRefusedWithTheReason) {
    struct Case {
        std::string text;
        std::string reason;
    };
    for (const auto& [text, reason] : {
             Case{"", "is not TYPE=value"},
             Case{"Nguyễn", "is not TYPE=value"},
             Case{"CN=", "is empty"},
             Case{"CN=a,", "is not TYPE=value"},
             Case{"XX=a", "unknown attribute type"},
             Case{"CN=a+O=b", "literal +"},
             Case{"CN=a\\", "single \\"},
             Case{"CN=#0c01", "hexadecimal"},
             Case{"C=VNM", "too long"},
             Case{"CN=" + std::string(65, 'x'), "too long"},
             Case{"CN=\xff\xfe", "not UTF-8"},
             Case{"CN=An\u200b", "cannot be seen"},
             Case{"CN=An,O=\\E2\\80\\AE nở", "the value of O is not UTF-8 or has a character"},
         }) {
        const auto name = parse_name(text);
        ASSERT_FALSE(name) << text;
        EXPECT_NE(name.error().detail.find(reason), std::string::npos) << name.error().detail;
    }
}

}  // namespace
}  // namespace cloudsign::pki
