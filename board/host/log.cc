#include "board/host/log.h"

#include <cstdio>
#include <time.h>
#include <unistd.h>

namespace board::host {
namespace {

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

std::string utc_now() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    tm broken{};
    ::gmtime_r(&now.tv_sec, &broken);
    char text[40];
    const auto size = ::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &broken);
    std::snprintf(text + size, sizeof(text) - size, ".%03ldZ", now.tv_nsec / 1'000'000);
    return text;
}

}  // namespace

LogLine::LogLine(LogLevel level, std::string_view event) {
    line_ = "{\"time\":\"" + utc_now() + "\",\"level\":";
    string(level_name(level));
    line_ += ",\"event\":";
    string(event);
}

LogLine::~LogLine() {
    line_ += "}\n";
    // One write, so that lines of several processes do not mix. A closed stderr is nobody's fault.
    (void)!::write(STDERR_FILENO, line_.data(), line_.size());
}

LogLine& LogLine::text(std::string_view key, std::string_view value) {
    line_ += ',';
    string(key);
    line_ += ':';
    string(value);
    return *this;
}

LogLine& LogLine::number(std::string_view key, std::int64_t value) {
    line_ += ',';
    string(key);
    line_ += ':' + std::to_string(value);
    return *this;
}

// RFC 8259 §7. What is not ASCII is written as '?': no name that we log needs more.
void LogLine::string(std::string_view value) {
    line_ += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') {
            line_ += '\\';
            line_ += c;
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), "\\u%04x", static_cast<unsigned>(c));
            line_ += escape;
        } else {
            line_ += static_cast<unsigned char>(c) < 0x7f ? c : '?';
        }
    }
    line_ += '"';
}

}  // namespace board::host
