#include "board/host/process.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <memory>
#include <pwd.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "board/host/log.h"

namespace board::host {

void protect_process() {
    const rlimit none{0, 0};
    const bool no_core = ::setrlimit(RLIMIT_CORE, &none) == 0;
    if (!no_core || ::prctl(PR_SET_DUMPABLE, 0) != 0) {
        LogLine(LogLevel::warning, "memory may be dumped").text("reason", std::strerror(errno));
    }
    // No new privileges for anything that a library might ever start.
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (::mlockall(MCL_CURRENT | MCL_ONFAULT) != 0) {
        LogLine(LogLevel::warning, "memory may be swapped").text("reason", std::strerror(errno));
    }
}

Setup<void> become_user(const std::string& user) {
    const auto* entry = ::getpwnam(user.c_str());
    if (entry == nullptr) {
        return SetupError{"user: there is no user " + user};
    }
    const auto uid = entry->pw_uid;
    const auto gid = entry->pw_gid;
    if (uid == ::geteuid()) {
        return {};
    }
    if (::geteuid() != 0) {
        return SetupError{"user: only root can become " + user};
    }
    if (::initgroups(user.c_str(), gid) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0) {
        return SetupError{"user: cannot become " + user + ": " + std::strerror(errno)};
    }
    // The change of uid made the process dumpable again (prctl(2)).
    ::prctl(PR_SET_DUMPABLE, 0);
    return {};
}

Setup<hsm::Digest> hash_of_program() {
    const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> context(::EVP_MD_CTX_new(),
                                                                            ::EVP_MD_CTX_free);
    const Descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    bool good = file && context != nullptr &&
                ::EVP_DigestInit_ex(context.get(), ::EVP_sha256(), nullptr) == 1;
    std::array<hsm::Byte, 65536> chunk;
    while (good) {
        const auto size = ::read(file.get(), chunk.data(), chunk.size());
        if (size == 0) {
            break;
        }
        good = size > 0 &&
               ::EVP_DigestUpdate(context.get(), chunk.data(), static_cast<std::size_t>(size)) == 1;
    }
    hsm::Digest digest{};
    if (!good || ::EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) != 1) {
        return SetupError{"/proc/self/exe: cannot be read to hash the program"};
    }
    return digest;
}

Setup<Descriptor> open_signals() {
    sigset_t taken;
    ::sigemptyset(&taken);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        ::sigaddset(&taken, signal);
    }
    Descriptor descriptor(::sigprocmask(SIG_BLOCK, &taken, nullptr) == 0
                              ? ::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK)
                              : -1);
    if (!descriptor || ::signal(SIGPIPE, SIG_IGN) == SIG_ERR) {
        return SetupError{std::string("signals: ") + std::strerror(errno)};
    }
    return descriptor;
}

Signal next_signal(int descriptor) {
    signalfd_siginfo taken{};
    if (::read(descriptor, &taken, sizeof(taken)) != sizeof(taken)) {
        return Signal::none;
    }
    return taken.ssi_signo == SIGHUP ? Signal::hang_up : Signal::stop;
}

}  // namespace board::host
