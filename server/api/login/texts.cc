#include "server/api/login/texts.h"

namespace server::api::login {
namespace {

constexpr Texts vietnamese = {
    .language_tag = "vi",
    .needs_script = "Trang này cần JavaScript để dùng khóa truy cập (passkey).",
    .failure_title = "Không thể tiếp tục",
    .failure =
        "Yêu cầu này không hợp lệ hoặc đã hết hạn. Hãy quay lại trang đã đưa bạn tới đây và "
        "thử lại.",
    .sign_in_title = "Đăng nhập",
    .sign_in =
        "muốn được bạn cho phép. Hãy đăng nhập bằng khóa truy cập của bạn. Đăng nhập không "
        "phải là ký.",
    .sign_in_button = "Đăng nhập bằng khóa truy cập",
    .consent_title = "Cho phép truy cập?",
    .consent =
        "muốn xem các chứng thư của bạn và gửi yêu cầu ký tới điện thoại của bạn. Mỗi lần "
        "ký bạn vẫn phải xác nhận trên điện thoại.",
    .sign_title = "Yêu cầu ký",
    .sign = "yêu cầu bạn ký:",
    .own_words = "Lời của bên yêu cầu:",
    .documents = "Số tài liệu:",
    .unnamed_document = "Tài liệu không tên",
    .certificate = "Chứng thư:",
    .valid_until = "Hiệu lực đến:",
    .signed_in_as = "Đã đăng nhập:",
    .sign_out_button = "Không phải bạn? Đăng xuất",
    .allow_button = "Cho phép",
    .deny_button = "Từ chối",
    .screen_button = "Ký bằng mã QR hoặc trên thiết bị này",
    .phone_button = "Gửi tới điện thoại của tôi",
    .wait_title = "Xác nhận trên điện thoại",
    .scan =
        "Mở ứng dụng xác nhận trên điện thoại và quét mã này. Mã đổi liên tục: đừng gửi cho "
        "ai, và đừng quét mã do người khác gửi.",
    .scan_image = "Mã QR để quét bằng điện thoại",
    .same_device = "Xác nhận trên thiết bị này",
    .type_number = "Mở yêu cầu trên điện thoại và nhập số này:",
    .waiting = "Đang chờ điện thoại trả lời…",
    .register_title = "Tạo khóa đăng nhập",
    .register_passkey =
        "Khóa này chỉ để đăng nhập tại đây. Nó không ký được gì: việc ký luôn được "
        "xác nhận trên điện thoại.",
    .register_name = "Tên thiết bị",
    .register_button = "Tạo khóa truy cập",
    .data_cancelled = "Đã hủy hoặc hết giờ. Hãy thử lại.",
    .data_refused = "Không được chấp nhận. Hãy thử lại.",
    .data_failed = "Không kết nối được. Hãy thử lại.",
    .data_registered = "Đã tạo khóa. Bạn có thể đóng trang này.",
    .data_seen = "Điện thoại đã mở yêu cầu. Đang chờ bạn xác nhận…",
};

constexpr Texts english = {
    .language_tag = "en",
    .needs_script = "This page needs JavaScript to use a passkey.",
    .failure_title = "This cannot go on",
    .failure =
        "The request is not valid, or its time is over. Go back to the page that sent you "
        "here and try again.",
    .sign_in_title = "Sign in",
    .sign_in = "asks for your permission. Sign in with your passkey. Signing in signs nothing.",
    .sign_in_button = "Sign in with a passkey",
    .consent_title = "Allow access?",
    .consent =
        "wants to see your certificates and to send requests to your phone. You still "
        "confirm each signature on your phone.",
    .sign_title = "Request to sign",
    .sign = "asks you to sign:",
    .own_words = "In their own words:",
    .documents = "Documents:",
    .unnamed_document = "Document without a name",
    .certificate = "Certificate:",
    .valid_until = "Valid until:",
    .signed_in_as = "Signed in:",
    .sign_out_button = "Not you? Sign out",
    .allow_button = "Allow",
    .deny_button = "Deny",
    .screen_button = "Sign with a QR code or on this device",
    .phone_button = "Send it to my phone",
    .wait_title = "Confirm on your phone",
    .scan =
        "Open the approval app on your phone and scan this code. It changes all the time: send "
        "it to nobody, and scan none that somebody sends you.",
    .scan_image = "QR code to scan with your phone",
    .same_device = "Confirm on this device",
    .type_number = "Open the request on your phone and type this number:",
    .waiting = "Waiting for your phone…",
    .register_title = "Make a sign-in passkey",
    .register_passkey =
        "It signs you in here and nothing else: what you sign is always confirmed "
        "on your phone.",
    .register_name = "Name of this device",
    .register_button = "Make the passkey",
    .data_cancelled = "Cancelled, or out of time. Try again.",
    .data_refused = "That was not accepted. Try again.",
    .data_failed = "No connection. Try again.",
    .data_registered = "The passkey is made. You may close this page.",
    .data_seen = "Your phone has opened the request. Waiting for your answer…",
};

}  // namespace

const Texts& texts_in(cloudsign::oauth::PageLanguage language) {
    return language == cloudsign::oauth::PageLanguage::en ? english : vietnamese;
}

}  // namespace server::api::login
