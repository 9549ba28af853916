#include "cloudsign/store/redirect_uri.h"

#include <string>

#include <gtest/gtest.h>

#include "cloudsign/store/client_settings.h"

namespace cloudsign::store {
namespace {

TEST(RedirectUri, IsHttpsOrTheUsersOwn) {
    for (const char* uri : {"https://portal.example",
                            "https://portal.example:8443/callback?of=kyso",
                            "http://127.0.0.1:4711/callback",
                            "http://[::1]/callback",
                            "http://localhost:4711/callback",
                            "vn.example.app:/callback"}) {
        EXPECT_TRUE(is_redirect_uri(uri)) << uri;
    }
}

TEST(RedirectUri, IsNothingElse) {
    for (const std::string& uri : {std::string(),
                                   std::string("portal.example/callback"),
                                   std::string("/callback"),
                                   std::string("http://portal.example/callback"),
                                   std::string("http://localhost.evil.example/"),
                                   std::string("https:///callback"),
                                   std::string("https://portal.example/#x"),
                                   std::string("https://user@portal.example/"),
                                   std::string("https://portal.example/a b"),
                                   std::string("https://portal.example/é"),
                                   std::string("https://portal.example/%zz"),
                                   std::string("javascript:alert(1)"),
                                   std::string("data:text/html,x"),
                                   "https://portal.example/" + std::string(1024, 'x')}) {
        EXPECT_FALSE(is_redirect_uri(uri)) << uri;
    }
}

TEST(RedirectUri, IsSetAsAList) {
    ClientSettings settings;

    EXPECT_TRUE(set_client_setting(
        settings, "oauth.redirect_uris", "https://a.example/cb  http://localhost/cb"));
    EXPECT_EQ(settings.redirect_uris,
              (std::vector<std::string>{"https://a.example/cb", "http://localhost/cb"}));
    EXPECT_FALSE(set_client_setting(settings, "oauth.redirect_uris", "https://a.example/#x"));
    EXPECT_EQ(settings.redirect_uris.size(), 2u);
    EXPECT_TRUE(set_client_setting(settings, "oauth.redirect_uris", ""));
    EXPECT_TRUE(settings.redirect_uris.empty());
}

}  // namespace
}  // namespace cloudsign::store
