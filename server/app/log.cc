#include "server/app/log.h"

#include <algorithm>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace server::app {
namespace {

// Most of what is logged needs no escape.
std::string quoted(std::string_view text) {
    const bool plain = std::ranges::all_of(
        text, [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (plain) {
        return '"' + std::string(text) + '"';
    }
    return boost::json::serialize(boost::json::string(text));
}

// The message as a JSON string. A line that begins with '{' is an object's own members already.
class JsonMessage final : public spdlog::custom_flag_formatter {
public:
    void format(const spdlog::details::log_msg& message,
                const std::tm&,
                spdlog::memory_buf_t& out) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        if (text.starts_with("{\"")) {
            const auto members = text.substr(1, text.size() - 2);
            out.append(members.data(), members.data() + members.size());
            return;
        }
        const auto json = "\"message\":" + quoted(text);
        out.append(json.data(), json.data() + json.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonMessage>();
    }
};

}  // namespace

void start_log(const std::filesystem::path& file) {
    std::shared_ptr<spdlog::logger> logger;
    if (file.empty()) {
        logger = std::make_shared<spdlog::logger>(
            "kyso", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    } else {
        logger = std::make_shared<spdlog::logger>(
            "kyso", std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string()));
    }
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<JsonMessage>('*').set_pattern(
        R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%*})");
    logger->set_formatter(std::move(formatter));
    logger->flush_on(spdlog::level::warn);
    spdlog::set_default_logger(std::move(logger));
    spdlog::flush_every(std::chrono::seconds(1));
}

void log_access(const net::AccessRecord& record) {
    spdlog::info(
        R"({{"request":{},"method":{},"path":{},"status":{},"duration_us":{},"bytes":{},"peer":{}}})",
        quoted(record.id),
        quoted(record.method),
        quoted(record.path),
        record.status,
        record.duration.count(),
        record.bytes,
        quoted(record.peer));
}

}  // namespace server::app
