#include "cloudsign/notice/mail_address.h"

#include <regex>

namespace cloudsign::notice {

bool is_mail_address(std::string_view address) {
    constexpr std::size_t address_max = 254;  // RFC 5321 §4.5.3.1.3, without the brackets
    constexpr std::size_t local_max = 64;
    // Every part is bounded, so that the expression's work is, too.
    static const std::regex form(
        "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}"
        "(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}){0,31}@"
        "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        "(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?){0,15}");
    return address.size() <= address_max && address.find('@') <= local_max &&
           std::regex_match(address.begin(), address.end(), form);
}

}  // namespace cloudsign::notice
