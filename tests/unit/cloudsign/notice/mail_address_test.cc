#include "cloudsign/notice/mail_address.h"

#include <string>

#include <gtest/gtest.h>

namespace cloudsign::notice {
namespace {

TEST(MailAddress, TakesPlainMailboxes) {
    for (const char* good : {"an@kyso.example",
                             "nguyen.van.an+ky-so@so-noi-vu.hanoi.gov.vn",
                             "a@b",
                             "x_y!#$%&'*+/=?^`{|}~-@1and1.example"}) {
        EXPECT_TRUE(is_mail_address(good)) << good;
    }
    EXPECT_TRUE(is_mail_address(std::string(64, 'x') + "@kyso.example"));
}

TEST(MailAddress, RefusesWhatCouldBeSomethingElse) {
    for (const char* bad : {"",
                            "an",
                            "@kyso.example",
                            "an@",
                            "an@@kyso.example",
                            ".an@kyso.example",
                            "an.@kyso.example",
                            "an..x@kyso.example",
                            "an@kyso..example",
                            "an@-kyso.example",
                            "an@kyso.example-",
                            "an@kyso.example.",
                            "an@[127.0.0.1]",
                            "\"an b\"@kyso.example",
                            "an b@kyso.example",
                            "<an@kyso.example>",
                            "an@kyso.example,b@kyso.example",
                            "an@kyso.example\r\nBcc: b@kyso.example",
                            "an@kyso.example\n",
                            "ân@kyso.example"}) {
        EXPECT_FALSE(is_mail_address(bad)) << bad;
    }
    EXPECT_FALSE(is_mail_address(std::string(65, 'x') + "@kyso.example"));
    EXPECT_FALSE(is_mail_address(std::string_view("an@kyso.example\0", 16)));
    EXPECT_FALSE(is_mail_address(std::string(100'000, 'a') + "@" + std::string(100'000, 'a')));
}

}  // namespace
}  // namespace cloudsign::notice
