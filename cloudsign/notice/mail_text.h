#pragma once

#include <string>

#include "cloudsign/store/notice_table.h"

namespace cloudsign::notice {

// UTF-8; lines of the body end with "\n".
struct MailText {
    std::string subject;
    std::string body;
};

// What the person reads, in their language (vi unless en): what has happened, to what, when in
// Vietnam's time, and what to do if it was not they. Has no link, so that nobody learns to follow
// one in a mail that says it is ours.
MailText mail_text(const store::Notice& notice);

}  // namespace cloudsign::notice
