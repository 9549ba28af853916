#include "server/push/outbound_mail.h"

#include <algorithm>
#include <ctime>
#include <curl/curl.h>
#include <memory>
#include <string_view>

#include "cloudsign/base64.h"
#include "hsm/base/check.h"

namespace server::push {
namespace {

struct Freed {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// Encoded words (RFC 2047 §2), each of whole characters.
std::string header_text(const std::string& text) {
    constexpr std::size_t word_max = 42;  // bytes: 56 characters of base64
    const auto starts_character = [&](std::size_t at) {
        return (static_cast<unsigned char>(text[at]) & 0xc0) != 0x80;
    };
    std::string words;
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto end = std::min(begin + word_max, text.size());
        while (end < text.size() && end > begin + 1 && !starts_character(end)) {
            --end;
        }
        words += words.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?";
        words += cloudsign::base64(hsm::view_of(text.substr(begin, end - begin))) + "?=";
        begin = end;
    }
    return words;
}

// RFC 5322 §3.3.
std::string date_text(std::int64_t at_ms) {
    const auto seconds = static_cast<std::time_t>(at_ms / 1000);
    std::tm parts{};
    char text[64];  // NOLINT: strftime's own interface
    ::gmtime_r(&seconds, &parts);
    const auto size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &parts);
    return {text, size};
}

// Base64 (RFC 2045 §6.8): no line is too long, none begins with a dot.
std::string body_text(const std::string& body) {
    constexpr std::size_t line_max = 76;
    const auto encoded = cloudsign::base64(hsm::view_of(body));
    std::string lines;
    for (std::size_t at = 0; at < encoded.size(); at += line_max) {
        lines += encoded.substr(at, line_max) + "\r\n";
    }
    return lines;
}

// RFC 5322. The addresses are checked, where they come from, to hold no line end or bracket.
std::string message_text(const MailServer& server, const OutboundMail& mail) {
    const auto host = server.from.substr(server.from.find('@') + 1);
    return "From: <" + server.from + ">\r\nTo: <" + mail.to +
           ">\r\nSubject: " + header_text(mail.subject) + "\r\nDate: " + date_text(mail.date_ms) +
           "\r\nMessage-ID: <" + mail.id + "@" + host +
           ">\r\n"
           "Auto-Submitted: auto-generated\r\n"  // RFC 3834 §5: nobody's machine answers
           "MIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Transfer-Encoding: base64\r\n\r\n" +
           body_text(mail.body);
}

std::size_t read_text(char* to, std::size_t, std::size_t room, void* opaque) {
    auto& left = *static_cast<std::string_view*>(opaque);
    const auto size = left.copy(to, room);
    left.remove_prefix(size);
    return size;
}

// The last line with which the mail server refused something (RFC 5321 §4.2.1): its own words say
// more than libcurl's.
struct Refusal {
    static constexpr std::size_t size_max = 200;
    std::string line;
};

std::size_t keep_refusal(const char* from, std::size_t, std::size_t size, void* opaque) {
    const std::string_view line(from, size);
    if (!line.starts_with('4') && !line.starts_with('5')) {
        return size;
    }
    const auto end = std::min(line.find_last_not_of("\r\n") + 1, Refusal::size_max);
    auto& kept = static_cast<Refusal*>(opaque)->line;
    kept = line.substr(0, end);
    // It goes into a log and onto a terminal.
    std::ranges::replace_if(
        kept, [](char character) { return character < ' ' || character > '~'; }, '?');
    return size;
}

int look_whether_to_stop(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return *static_cast<const std::atomic<bool>*>(stop) ? 1 : 0;
}

MailFault fault_of(CURLcode code, long status, const std::string& detail, const Refusal& refusal) {
    // What the server says of sender, receiver or text; the rest is about us and it (RFC 5321
    // §4.2.3, RFC 4954 §6).
    const bool of_us = status == 530 || status == 534 || status == 535 || status == 538;
    MailFault fault;
    fault.status = static_cast<unsigned>(status);
    fault.why = detail.empty() ? curl_easy_strerror(code) : detail;
    if (!refusal.line.empty()) {
        fault.why += "; it said: " + refusal.line;
    }
    fault.of_mail = status >= 500 && status <= 599 && !of_us && code != CURLE_LOGIN_DENIED &&
                    code != CURLE_USE_SSL_FAILED;
    return fault;
}

}  // namespace

hsm::Result<unsigned, MailFault> send_mail(const MailServer& server,
                                           const OutboundMail& mail,
                                           const std::atomic<bool>& stop) {
    const std::unique_ptr<CURL, Freed> easy(curl_easy_init());
    CHECK(easy != nullptr);
    const auto set = [&](CURLoption option, auto value) {
        CHECK(curl_easy_setopt(easy.get(), option, value) == CURLE_OK);
    };
    const auto to = "<" + mail.to + ">";
    const std::unique_ptr<curl_slist, Freed> receivers(curl_slist_append(nullptr, to.c_str()));
    CHECK(receivers != nullptr);
    const auto text = message_text(server, mail);
    std::string_view unsent = text;
    const auto url = server.url + "/" + server.own_name;
    const auto sender = "<" + server.from + ">";
    Refusal refusal;
    char detail[CURL_ERROR_SIZE] = "";  // NOLINT: libcurl's own interface
    set(CURLOPT_URL, url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_PROXY, "");
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(server.deadline.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_USE_SSL,
        static_cast<long>(server.tls == MailServer::Tls::required ? CURLUSESSL_ALL
                                                                  : CURLUSESSL_NONE));
    if (!server.ca_file.empty()) {
        set(CURLOPT_CAINFO, server.ca_file.c_str());
    }
    if (!server.user.empty()) {
        set(CURLOPT_USERNAME, server.user.c_str());
        set(CURLOPT_PASSWORD, server.password.c_str());
    }
    set(CURLOPT_MAIL_FROM, sender.c_str());
    set(CURLOPT_MAIL_RCPT, receivers.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &read_text);
    set(CURLOPT_READDATA, &unsent);
    set(CURLOPT_HEADERFUNCTION, &keep_refusal);
    set(CURLOPT_HEADERDATA, &refusal);
    set(CURLOPT_ERRORBUFFER, detail);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &look_whether_to_stop);
    set(CURLOPT_XFERINFODATA, const_cast<std::atomic<bool>*>(&stop));  // NOLINT: only read

    const auto code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) {
        return fault_of(code, status, detail, refusal);
    }
    return static_cast<unsigned>(status);
}

}  // namespace server::push
