// Preloaded into a program under test: SIGKILLs it at its n-th write, sync or send, as kill -9 or
// the kernel would at any other moment. The program itself knows nothing of it.
//
// $KYSO_CRASH_FOLDER/<program> is the fuse: one line "N MODE", put there whole (by rename), taken
// away by whoever it arms. N counts the calls of the whole process from the one that finds the fuse
// on; 0 disarms. MODE is `before` (the call never happens), `after` (its caller never learns) or
// `torn` (the first half of the bytes goes out; as `before` for a call without bytes).
// At the end <program>.crashed says which call it was; a fuse that is taken away before leaves how
// many calls were left in <program>.left.
//
// Counted are calls on regular files and sockets. Not counted: standard output and error, and logs
// (*.jsonl): a crash there is one at the next call that matters. What stdio writes never passes
// through here.
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum class Mode { before, after, torn };

struct Fuse {
    std::atomic<long> left{0};  // calls until the end, the last one included; 0: not armed
    std::atomic<Mode> mode{Mode::before};
};

Fuse fuse;

struct Paths {
    char fuse[PATH_MAX] = {};
    char crashed[PATH_MAX] = {};
    char left[PATH_MAX] = {};

    Paths() {
        const char* folder = std::getenv("KYSO_CRASH_FOLDER");
        if (folder == nullptr) {
            return;
        }
        const char* program = program_invocation_short_name;
        std::snprintf(fuse, sizeof(fuse), "%s/%s", folder, program);
        std::snprintf(crashed, sizeof(crashed), "%s/%s.crashed", folder, program);
        std::snprintf(left, sizeof(left), "%s/%s.left", folder, program);
    }
};

const Paths& paths() {
    static const Paths paths;
    return paths;
}

// The functions that stand behind this library's.
template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// By system calls alone: through the functions below, it would count itself.
void report(const char* path, const char* line) {
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    syscall(SYS_write, file, line, std::strlen(line));
    close(file);
}

void look_for_fuse() {
    const char* path = paths().fuse;
    if (path[0] == '\0' || access(path, F_OK) != 0) {
        return;
    }
    char line[64] = {};
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || read(file, line, sizeof(line) - 1) <= 0) {
        return;
    }
    close(file);
    char mode[16] = {};
    long count = 0;
    // Of several threads that have read it, the one that takes it away is armed by it.
    if (std::sscanf(line, "%ld %15s", &count, mode) < 1 || unlink(path) != 0) {
        return;
    }
    fuse.mode = std::strcmp(mode, "after") == 0  ? Mode::after
                : std::strcmp(mode, "torn") == 0 ? Mode::torn
                                                 : Mode::before;
    const long left = fuse.left.exchange(count);
    if (count == 0) {
        std::snprintf(line, sizeof(line), "%ld\n", left);
        report(paths().left, line);
    }
}

bool name_of(int file, char* name, size_t size) {
    char link[64];
    std::snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
    const auto length = readlink(link, name, size - 1);
    name[length < 0 ? 0 : length] = '\0';
    return length >= 0;
}

bool ends_with(const char* text, const char* end) {
    const auto length = std::strlen(text);
    const auto end_length = std::strlen(end);
    return length >= end_length && std::strcmp(text + length - end_length, end) == 0;
}

bool counts(int file) {
    struct stat status {};
    if (file == STDOUT_FILENO || file == STDERR_FILENO || fstat(file, &status) != 0) {
        return false;
    }
    if (S_ISSOCK(status.st_mode)) {
        return true;
    }
    char name[PATH_MAX];
    return S_ISREG(status.st_mode) && name_of(file, name, sizeof(name)) &&
           !ends_with(name, ".jsonl");
}

[[noreturn]] void end_here(const char* call, int file) {
    char name[PATH_MAX];
    char line[PATH_MAX + 64];
    name_of(file, name, sizeof(name));
    std::snprintf(line, sizeof(line), "%s %s\n", call, name);
    report(paths().crashed, line);
    syscall(SYS_kill, getpid(), SIGKILL);
    // The signal takes this thread at the latest when it returns to user space, but not
    // necessarily before another thread does a call.
    while (true) {
        pause();
    }
}

// One call to `file`: whether it is the last one.
bool is_last(int file) {
    const int kept = errno;
    look_for_fuse();
    const bool last = fuse.left > 0 && counts(file) && fuse.left.fetch_sub(1) == 1;
    errno = kept;
    return last;
}

// `whole` does the call, `half` its first half of bytes.
template <class Whole, class Half>
auto pass(const char* call, int file, Whole whole, Half half) {
    if (!is_last(file)) {
        return whole();
    }
    if (fuse.mode == Mode::torn) {
        half();
    } else if (fuse.mode == Mode::after) {
        whole();
    }
    end_here(call, file);
}

constexpr auto nothing = [] {};

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, size_t size) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t)>("write");
    return pass(
        "write",
        file,
        [&] { return real(file, bytes, size); },
        [&] { real(file, bytes, size / 2); });
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off_t)>("pwrite");
    return pass(
        "pwrite",
        file,
        [&] { return real(file, bytes, size, offset); },
        [&] { real(file, bytes, size / 2, offset); });
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64");
    return pass(
        "pwrite64",
        file,
        [&] { return real(file, bytes, size, offset); },
        [&] { real(file, bytes, size / 2, offset); });
}

ssize_t writev(int file, const iovec* parts, int count) {
    static const auto real = next<ssize_t (*)(int, const iovec*, int)>("writev");
    return pass(
        "writev",
        file,
        [&] { return real(file, parts, count); },
        [&] { real(file, parts, count / 2); });
}

ssize_t send(int file, const void* bytes, size_t size, int flags) {
    static const auto real = next<ssize_t (*)(int, const void*, size_t, int)>("send");
    return pass(
        "send",
        file,
        [&] { return real(file, bytes, size, flags); },
        [&] { real(file, bytes, size / 2, flags); });
}

ssize_t sendmsg(int file, const msghdr* message, int flags) {
    static const auto real = next<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
    return pass(
        "sendmsg", file, [&] { return real(file, message, flags); }, nothing);
}

int fsync(int file) {
    static const auto real = next<int (*)(int)>("fsync");
    return pass(
        "fsync", file, [&] { return real(file); }, nothing);
}

int fdatasync(int file) {
    static const auto real = next<int (*)(int)>("fdatasync");
    return pass(
        "fdatasync", file, [&] { return real(file); }, nothing);
}

int ftruncate(int file, off_t size) {
    static const auto real = next<int (*)(int, off_t)>("ftruncate");
    return pass(
        "ftruncate", file, [&] { return real(file, size); }, nothing);
}

int ftruncate64(int file, off64_t size) {
    static const auto real = next<int (*)(int, off64_t)>("ftruncate64");
    return pass(
        "ftruncate64", file, [&] { return real(file, size); }, nothing);
}

}  // extern "C"
