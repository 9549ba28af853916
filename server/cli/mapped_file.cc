#include "server/cli/mapped_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace server::cli {

Outcome<MappedFile> MappedFile::open(const std::filesystem::path& file) {
    // Opening a pipe waits for its writer otherwise.
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
        return usage_failure(file.string() + ": cannot be read: " + std::strerror(errno));
    }
    struct stat status {};
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        ::close(descriptor);
        return usage_failure(file.string() + ": cannot be read: it is no regular file");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    void* memory =
        size == 0 ? nullptr : ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    ::close(descriptor);
    if (memory == MAP_FAILED) {
        return usage_failure(file.string() + ": cannot be read: " + std::strerror(errno));
    }
    return MappedFile(hsm::ByteView(static_cast<const hsm::Byte*>(memory), size));
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : bytes_(std::exchange(other.bytes_, hsm::ByteView())) {}

MappedFile::~MappedFile() {
    if (!bytes_.empty()) {
        ::munmap(const_cast<hsm::Byte*>(bytes_.data()), bytes_.size());
    }
}

}  // namespace server::cli
