#pragma once

#include <string_view>

namespace cloudsign::notice {

// Whether mail can go there: a Mailbox of RFC 5321 §4.1.2 in its plain form, dot-string @ domain,
// in ASCII. Quoted local parts and address literals are not taken; no control character, space or
// angle bracket can come through.
bool is_mail_address(std::string_view address);

}  // namespace cloudsign::notice
