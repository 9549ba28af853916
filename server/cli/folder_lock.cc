#include "server/cli/folder_lock.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace server::cli {
namespace {

pid_t read_holder(int descriptor) {
    char text[16] = "";
    const auto size = ::pread(descriptor, text, sizeof(text) - 1, 0);
    return size > 0 ? static_cast<pid_t>(std::strtol(text, nullptr, 10)) : 0;
}

bool is_alive(pid_t pid) {
    return pid > 0 && (::kill(pid, 0) == 0 || errno == EPERM);
}

}  // namespace

Outcome<FolderLock> FolderLock::take(const DataFolder& folder) {
    using Clock = std::chrono::steady_clock;
    constexpr auto patience = std::chrono::seconds(10);
    FolderLock lock(::open(folder.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.descriptor_ < 0) {
        return usage_failure(folder.lock().string() + ": " + std::strerror(errno));
    }
    const auto deadline = Clock::now() + patience;
    while (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
        const auto holder = read_holder(lock.descriptor_);
        if (is_alive(holder)) {
            return Failure{folder.root().string() + ": kyso up runs there already (process " +
                           std::to_string(holder) + ")"};
        }
        if (Clock::now() > deadline) {
            return Failure{folder.root().string() +
                           ": processes of an earlier kyso up still run there (fuser " +
                           folder.lock().string() + ")"};
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    const auto pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(lock.descriptor_, 0) != 0 ||
        ::pwrite(lock.descriptor_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
        return usage_failure(folder.lock().string() + ": " + std::strerror(errno));
    }
    return lock;
}

FolderLock::~FolderLock() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

}  // namespace server::cli
