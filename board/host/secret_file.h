#pragma once

#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>

#include "board/host/descriptor.h"
#include "board/host/setup_error.h"
#include "hsm/base/secret.h"

namespace board::host {

// A small secret file, whole: PIN or PSK. No stream buffer keeps a copy, and a file that anybody
// but its owner can read is refused.
template <std::size_t size_max>
Setup<hsm::Secret<size_max>> read_secret_file(const std::filesystem::path& file) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        return SetupError{file.string() + ": " + std::strerror(errno)};
    }
    if (!S_ISREG(status.st_mode) || (status.st_mode & 077) != 0) {
        return SetupError{file.string() + ": must be a file that only its owner can read (0600)"};
    }
    hsm::Secret<size_max> secret;
    const auto size = ::read(descriptor.get(), secret.storage().data(), secret.storage().size());
    if (size < 0 || size != status.st_size) {
        return SetupError{file.string() + ": longer than " + std::to_string(size_max) + " bytes"};
    }
    secret.resize(static_cast<std::size_t>(size));
    return secret;
}

}  // namespace board::host
