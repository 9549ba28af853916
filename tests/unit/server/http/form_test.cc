#include "server/http/form.h"

#include <gtest/gtest.h>

namespace server::http {
namespace {

TEST(Form, DecodesEscapesAndPlus) {
    const auto form = Form::parse("grant_type=client_credentials&scope=a+b%20c&empty=&flag");

    ASSERT_TRUE(form);
    EXPECT_EQ(form->find("grant_type"), "client_credentials");
    EXPECT_EQ(form->find("scope"), "a b c");
    EXPECT_EQ(form->find("empty"), "");
    EXPECT_EQ(form->find("flag"), "");
    EXPECT_EQ(form->find("absent"), std::nullopt);
}

TEST(Form, RefusesBadEscapesAndRepeatedNames) {
    for (const char* text : {"a=%", "a=%4", "a=%zz", "a=%00", "a=1&a=2", "a=1&%61=2"}) {
        EXPECT_FALSE(Form::parse(text)) << text;
    }
}

TEST(Form, RefusesTooManyFields) {
    std::string text;
    for (std::size_t i = 0; i < Form::fields_max; ++i) {
        text += 'f' + std::to_string(i) + "=1&";
    }

    EXPECT_TRUE(Form::parse(text));
    EXPECT_FALSE(Form::parse(text + "last=1"));
}

TEST(Form, AcceptsNothingAndEmptyFields) {
    EXPECT_TRUE(Form::parse("")->fields().empty());
    EXPECT_EQ(Form::parse("&&a=1&")->fields().size(), 1u);
}

}  // namespace
}  // namespace server::http
