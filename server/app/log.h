#pragma once

#include <filesystem>
#include <string_view>

#include "server/net/access_record.h"

namespace server::app {

// JSON lines: one object a line, with time (UTC), level and message. To `file`, or to the standard
// error when it is empty. Throws spdlog::spdlog_ex when the file cannot be opened.
void start_log(const std::filesystem::path& file);

// One line for each answered request, in the same log.
void log_access(const net::AccessRecord& record);

}  // namespace server::app
