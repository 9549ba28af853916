#include "tests/bench/usage.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace bench {
namespace {

// The fields of /proc/PID/stat after the program's name, which may hold anything.
std::vector<std::string> stat_fields(pid_t pid, std::string& program) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    std::string text((std::istreambuf_iterator<char>(in)), {});
    const auto open = text.find('(');
    const auto close = text.rfind(')');
    if (open == std::string::npos || close == std::string::npos) {
        return {};
    }
    program = text.substr(open + 1, close - open - 1);
    std::istringstream rest(text.substr(close + 1));
    std::vector<std::string> fields;
    for (std::string field; rest >> field;) {
        fields.push_back(field);
    }
    return fields;
}

}  // namespace

std::uint64_t cpu_us(pid_t pid) {
    std::string program;
    const auto fields = stat_fields(pid, program);
    constexpr std::size_t utime = 11;
    constexpr std::size_t stime = 12;
    if (fields.size() <= stime) {
        return 0;
    }
    const auto ticks = std::stoull(fields[utime]) + std::stoull(fields[stime]);
    return ticks * 1'000'000 / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
}

std::uint64_t resident_bytes(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/statm");
    std::uint64_t size = 0;
    std::uint64_t resident = 0;
    in >> size >> resident;
    return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::vector<pid_t> children_named(pid_t parent, const std::string& program) {
    std::vector<pid_t> children;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const auto name = entry.path().filename().string();
        if (!std::ranges::all_of(name, [](char c) { return c >= '0' && c <= '9'; })) {
            continue;
        }
        std::string found;
        const auto fields = stat_fields(std::stoi(name), found);
        constexpr std::size_t ppid = 1;
        if (fields.size() > ppid && std::stoi(fields[ppid]) == parent && found == program) {
            children.push_back(std::stoi(name));
        }
    }
    return children;
}

std::uint64_t thread_cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
               static_cast<std::uint64_t>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
}

double quantile(std::vector<double> samples, double fraction) {
    if (samples.empty()) {
        return 0;
    }
    const auto at =
        std::min(samples.size() - 1,
                 static_cast<std::size_t>(fraction * static_cast<double>(samples.size())));
    std::ranges::nth_element(samples, samples.begin() + static_cast<std::ptrdiff_t>(at));
    return samples[at];
}

double raw_sync_p99_us(const std::string& folder) {
    const auto file = folder + "/sync-probe";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    std::array<char, 4096> block{};
    std::vector<double> samples;
    for (int i = 0; i < 500; ++i) {
        const auto start = std::chrono::steady_clock::now();
        const auto written = ::pwrite(descriptor, block.data(), block.size(), 4096 * i);
        if (written != static_cast<ssize_t>(block.size()) || ::fdatasync(descriptor) != 0) {
            break;
        }
        samples.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start)
                .count());
    }
    ::close(descriptor);
    ::unlink(file.c_str());
    return quantile(std::move(samples), 0.99);
}

}  // namespace bench
