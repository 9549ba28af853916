#pragma once

#include <atomic>
#include <chrono>
#include <string>

#include "hsm/base/result.h"

namespace server::push {

// The mail server that takes what we send (RFC 6409).
struct MailServer {
    std::string url;  // smtp://HOST:PORT or smtps://HOST:PORT
    std::string from;
    std::string user;  // empty: no authentication
    std::string password;
    enum class Tls { required, none };
    Tls tls = Tls::required;  // of smtp: STARTTLS, and nothing is said without it
    std::string ca_file;      // trusted in place of the system's authorities; empty: those
    std::string own_name;     // what the server is greeted with
    std::chrono::milliseconds deadline{20'000};
};

struct OutboundMail {
    std::string id;  // of Message-ID, the same at every attempt
    std::string to;
    std::string subject;  // UTF-8 without control characters
    std::string body;     // UTF-8
    std::int64_t date_ms = 0;
};

struct MailFault {
    unsigned status = 0;   // RFC 5321 §4.2; 0: no answer
    std::string why;       // one sentence
    bool of_mail = false;  // refused for good; otherwise the server cannot be used now
};

// Hands one mail over; answers the server's status. Blocks at most for the deadline, and ends at
// once when `stop` becomes true.
hsm::Result<unsigned, MailFault> send_mail(const MailServer& server,
                                           const OutboundMail& mail,
                                           const std::atomic<bool>& stop);

}  // namespace server::push
