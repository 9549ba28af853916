#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace board::host {

enum class LogLevel : std::uint8_t { info, warning, error };

// One event of the process, written to stderr as one line of JSON when the object goes:
//   LogLine(LogLevel::info, "host connected").text("host", name).number("role", 1);
class LogLine {
public:
    LogLine(LogLevel level, std::string_view event);
    LogLine(const LogLine&) = delete;
    LogLine& operator=(const LogLine&) = delete;
    ~LogLine();

    LogLine& text(std::string_view key, std::string_view value);
    LogLine& number(std::string_view key, std::int64_t value);

private:
    void string(std::string_view value);

    std::string line_;
};

}  // namespace board::host
