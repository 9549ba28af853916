#include "cloudsign/notice/mail_text.h"

#include <array>
#include <ctime>

namespace cloudsign::notice {
namespace {

using store::NoticeKind;

struct Words {
    const char* vi;
    const char* en;
};

struct Event {
    NoticeKind kind;
    Words subject;
    Words happened;  // "%" stands for what it is about
};

// In the order of NoticeKind.
constexpr std::array events{
    Event{NoticeKind::phone_enrolled,
          {"Điện thoại mới được ghi danh để ký số", "A phone was enrolled for signing"},
          {"Điện thoại \"%\" đã được ghi danh. Từ nay điện thoại này phê duyệt chữ ký của bạn.",
           "The phone \"%\" was enrolled. From now on it approves your signatures."}},
    Event{NoticeKind::phone_replaced,
          {"Điện thoại ký số đã được đổi", "Your phone for signing was changed"},
          {"Điện thoại \"%\" đã thay điện thoại cũ của bạn. Điện thoại cũ không ký được nữa.",
           "The phone \"%\" has taken your old one's place. The old one signs no more."}},
    Event{NoticeKind::device_removed,
          {"Một thiết bị đã bị gỡ", "A device was removed"},
          {"Thiết bị \"%\" không còn nhận yêu cầu ký của bạn.",
           "The device \"%\" gets no more of your signing requests."}},
    Event{NoticeKind::devices_removed,
          {"Mọi thiết bị của bạn đã bị gỡ", "All your devices were removed"},
          {"Nơi đăng ký đã gỡ mọi thiết bị của bạn, ví dụ vì điện thoại bị mất.",
           "The registration office removed all your devices, as after a lost phone."}},
    Event{NoticeKind::credential_suspended,
          {"Chứng thư số tạm dừng", "Your certificate was suspended"},
          {"Chứng thư số của \"%\" đang tạm dừng: không ký được cho đến khi được mở lại.",
           "The certificate of \"%\" is on hold: nothing can be signed until it is released."}},
    Event{NoticeKind::credential_resumed,
          {"Chứng thư số được mở lại", "Your certificate was released"},
          {"Chứng thư số của \"%\" dùng được trở lại.",
           "The certificate of \"%\" can be used again."}},
    Event{NoticeKind::credential_revoked,
          {"Chứng thư số bị thu hồi", "Your certificate was revoked"},
          {"Chứng thư số của \"%\" đã bị thu hồi. Khóa này không ký được nữa.",
           "The certificate of \"%\" was revoked. Nothing can be signed with this key any more."}},
    Event{NoticeKind::certificate_ending,
          {"Chứng thư số sắp hết hạn", "Your certificate ends soon"},
          {"Chứng thư số của \"%\" hết hạn trong vòng 30 ngày. Hãy đề nghị nơi đăng ký gia hạn; "
           "điện thoại và khóa ký của bạn giữ nguyên.",
           "The certificate of \"%\" ends within 30 days. Ask your registration office to renew "
           "it; your phone and your key stay as they are."}},
    Event{NoticeKind::certificate_renewed,
          {"Chứng thư số đã được gia hạn", "Your certificate was renewed"},
          {"Chứng thư số mới của \"%\" đã được cấp cho khóa ký của bạn.",
           "A new certificate of \"%\" was issued for your key."}},
    Event{NoticeKind::login_added,
          {"Thêm một khóa đăng nhập", "A sign-in passkey was added"},
          {"Khóa đăng nhập \"%\" đã được thêm cho bạn.",
           "The sign-in passkey \"%\" was added for you."}},
    Event{NoticeKind::frozen,
          {"Việc ký của bạn tạm khóa", "Your signing is frozen"},
          {"Có người báo rằng một yêu cầu ký không phải của bạn, hoặc nơi đăng ký đã khóa. Không "
           "yêu cầu nào được nhận cho đến khi nơi đăng ký mở lại.",
           "A request was reported as not yours, or the registration office froze it. No request "
           "is taken until the office lifts this."}},
    Event{NoticeKind::unfrozen,
          {"Việc ký của bạn được mở lại", "Your signing is open again"},
          {"Nơi đăng ký đã mở lại: yêu cầu ký lại được gửi đến bạn.",
           "The registration office lifted the freeze: requests reach you again."}},
    Event{NoticeKind::deleted,
          {"Bạn không còn là thuê bao", "You are no longer a subscriber"},
          {"Nơi đăng ký đã xóa bạn khỏi hệ thống: chứng thư số bị thu hồi, thiết bị bị gỡ.",
           "The registration office removed you: certificates are revoked, devices removed."}},
    Event{NoticeKind::address_changed,
          {"Địa chỉ nhận thông báo đã đổi", "Your address for notices was changed"},
          {"Thông báo về khóa ký của bạn không còn gửi đến địa chỉ này.",
           "Notices about your signing key no longer go to this address."}},
    Event{NoticeKind::trial,
          {"Thư thử", "Trial mail"},
          {"Người vận hành máy chủ ký số thử gửi thư.",
           "The operator of the signing server tries whether mail is sent."}},
};

std::string replace(const char* pattern, const std::string& about) {
    std::string text = pattern;
    if (const auto at = text.find('%'); at != std::string::npos) {
        text.replace(at, 1, about);
    }
    return text;
}

// Vietnam's time, the whole year the same.
std::string local_time(std::int64_t at_ms) {
    constexpr std::int64_t offset_s = 7 * 3600;
    const auto seconds = static_cast<std::time_t>(at_ms / 1000 + offset_s);
    std::tm parts{};
    char text[32];  // NOLINT: strftime's own interface
    ::gmtime_r(&seconds, &parts);
    const auto size = std::strftime(text, sizeof text, "%H:%M %d/%m/%Y", &parts);
    return {text, size};
}

}  // namespace

MailText mail_text(const store::Notice& notice) {
    const auto& event = events.at(static_cast<std::size_t>(notice.kind));
    const bool english = notice.language.starts_with("en");
    const auto when = local_time(notice.created_at);
    MailText mail;
    if (english) {
        mail.subject = event.subject.en;
        mail.body = (notice.name.empty() ? "Hello,\n\n" : "Dear " + notice.name + ",\n\n") +
                    replace(event.happened.en, notice.about) + "\n\nTime: " + when + " (UTC+7)\n\n";
        if (notice.kind != NoticeKind::trial) {
            mail.body +=
                "If this was not you, or you did not expect it, tell your registration "
                "office at once.\n\n";
        }
        mail.body +=
            "This mail is sent automatically; answers are not read. It has no links, and "
            "nobody will ask you for a password or a code.\n";
    } else {
        mail.subject = event.subject.vi;
        mail.body = (notice.name.empty() ? "Kính chào,\n\n" : "Kính gửi " + notice.name + ",\n\n") +
                    replace(event.happened.vi, notice.about) + "\n\nThời gian: " + when +
                    " (giờ Việt Nam)\n\n";
        if (notice.kind != NoticeKind::trial) {
            mail.body +=
                "Nếu không phải bạn, hoặc bạn không chờ việc này, hãy báo ngay cho nơi "
                "đăng ký.\n\n";
        }
        mail.body +=
            "Thư gửi tự động; thư trả lời không có ai đọc. Thư không có đường dẫn nào, và "
            "không ai hỏi bạn mật khẩu hay mã số.\n";
    }
    return mail;
}

}  // namespace cloudsign::notice
