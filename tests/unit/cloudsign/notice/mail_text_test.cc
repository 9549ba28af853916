#include "cloudsign/notice/mail_text.h"

#include <set>

#include <gtest/gtest.h>

namespace cloudsign::notice {
namespace {

using store::NoticeKind;

store::Notice notice_of(NoticeKind kind, const std::string& language) {
    store::Notice notice;
    notice.kind = kind;
    notice.about = "Máy 50% \"mới\"";
    notice.name = "Nguyễn Thị Ân";
    notice.language = language;
    notice.created_at = 1'798'741'800'000;  // 2026-12-31T18:30:00Z
    return notice;
}

TEST(MailText, EveryKindSaysSomethingOfItsOwnInBothLanguages) {
    std::set<std::string> subjects;
    const auto last = static_cast<int>(NoticeKind::trial);
    for (int kind = 0; kind <= last; ++kind) {
        for (const char* language : {"vi", "en"}) {
            const auto text = mail_text(notice_of(static_cast<NoticeKind>(kind), language));
            EXPECT_TRUE(subjects.insert(text.subject).second) << text.subject;
            EXPECT_NE(text.body.find("Nguyễn Thị Ân"), std::string::npos);
            // The next year has begun in Vietnam.
            EXPECT_NE(text.body.find("01:30 01/01/2027"), std::string::npos) << text.body;
            EXPECT_EQ(text.body.find("http"), std::string::npos);
            EXPECT_TRUE(text.body.ends_with(".\n"));
        }
    }
    EXPECT_EQ(subjects.size(), 2U * (last + 1));
}

TEST(MailText, NamesWhatItIsAboutOnceAndAsItIs) {
    const auto text = mail_text(notice_of(NoticeKind::phone_enrolled, "en-GB"));
    EXPECT_NE(text.body.find("The phone \"Máy 50% \"mới\"\" was enrolled"), std::string::npos);
    const auto vietnamese = mail_text(notice_of(NoticeKind::phone_enrolled, "fr"));
    EXPECT_NE(vietnamese.body.find("Điện thoại \"Máy 50% \"mới\"\" đã được ghi danh"),
              std::string::npos);
}

}  // namespace
}  // namespace cloudsign::notice
