#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bench {

// User and system time of a process, in microseconds: /proc/PID/stat, 10 ms steps.
std::uint64_t cpu_us(pid_t pid);
// Resident memory in bytes.
std::uint64_t resident_bytes(pid_t pid);
// The children of a process by their program's name, e.g. of `kyso up`.
std::vector<pid_t> children_named(pid_t parent, const std::string& program);

// User and system time of this thread, in microseconds.
std::uint64_t thread_cpu_us();

// The value below which `fraction` of the samples lie; 0 without samples.
double quantile(std::vector<double> samples, double fraction);

// p99 of pwrite + fdatasync of one 4 KiB block in `folder`, in microseconds: what any durable
// write costs there at this moment.
double raw_sync_p99_us(const std::string& folder);

}  // namespace bench
