#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

// User and system time of a process, in microseconds: /proc/PID/stat, 10 ms steps.
std::uint64_t cpu_us(pid_t pid);

// Resident memory in bytes, and what of it is which kind. All zero when there is no such process.
struct Memory {
    std::uint64_t resident = 0;
    std::uint64_t anonymous = 0;  // heap and stacks
    std::uint64_t mapped = 0;     // programs and libraries
    std::uint64_t shared = 0;     // of the database's write-ahead index
};
Memory memory_of(pid_t pid);
// As soon as it has stood still for a second; at the latest after `patience_seconds`.
Memory settled_memory(pid_t pid, double patience_seconds = 15);

// The children of a process by their program's name, e.g. of `kyso up`.
std::vector<pid_t> children_named(pid_t parent, const std::string& program);

// User and system time of this thread, and of this process, in microseconds.
std::uint64_t thread_cpu_us();
std::uint64_t process_cpu_us();

// Of one call of `count`, in this thread.
template <class Work>
double us_per_call(unsigned count, Work work) {
    const auto before = thread_cpu_us();
    for (unsigned i = 0; i < count; ++i) {
        work();
    }
    return static_cast<double>(thread_cpu_us() - before) / count;
}

// The value below which `fraction` of the samples lie; 0 without samples.
double quantile(std::vector<double> samples, double fraction);

// p99 of pwrite + fdatasync of one 4 KiB block in `folder`, in microseconds: what any durable
// write costs there at this moment.
double raw_sync_p99_us(const std::string& folder);

}  // namespace bench
