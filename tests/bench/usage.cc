#include "tests/bench/usage.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/resource.h>
#include <thread>
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

std::uint64_t used_us(int who) {
    rusage usage{};
    ::getrusage(who, &usage);
    const auto us = [](const timeval& time) {
        return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000 +
               static_cast<std::uint64_t>(time.tv_usec);
    };
    return us(usage.ru_utime) + us(usage.ru_stime);
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

Memory memory_of(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/status");
    Memory memory;
    for (std::string line; std::getline(in, line);) {
        std::istringstream fields(line);
        std::string name;
        std::uint64_t kib = 0;
        fields >> name >> kib;
        if (name == "RssAnon:") {
            memory.anonymous = kib * 1024;
        } else if (name == "RssFile:") {
            memory.mapped = kib * 1024;
        } else if (name == "RssShmem:") {
            memory.shared = kib * 1024;
        }
    }
    memory.resident = memory.anonymous + memory.mapped + memory.shared;
    return memory;
}

Memory settled_memory(pid_t pid, double patience_seconds) {
    constexpr std::uint64_t still = 64 * 1024;
    constexpr auto step = std::chrono::milliseconds(200);
    constexpr int quiet_steps = 5;
    auto last = memory_of(pid);
    const auto steps = static_cast<int>(patience_seconds / 0.2);
    for (int i = 0, quiet = 0; i < steps && quiet < quiet_steps; ++i) {
        std::this_thread::sleep_for(step);
        const auto now = memory_of(pid);
        const auto moved =
            std::max(now.resident, last.resident) - std::min(now.resident, last.resident);
        quiet = moved <= still ? quiet + 1 : 0;
        last = now;
    }
    return last;
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
    return used_us(RUSAGE_THREAD);
}

std::uint64_t process_cpu_us() {
    return used_us(RUSAGE_SELF);
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
