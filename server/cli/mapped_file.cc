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
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) {
        const int error = descriptor < 0 ? errno : EINVAL;
        if (descriptor >= 0) {
            ::close(descriptor);
        }
        return usage_failure(file.string() + ": cannot be read: " + std::strerror(error));
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
