#include "board/host/file_flash.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace board::host {
namespace {

void invert(ByteView from, MutableBytes to) {
    std::ranges::transform(from, to.begin(), [](Byte byte) { return static_cast<Byte>(~byte); });
}

bool read_all(int file, off_t offset, MutableBytes into) {
    while (!into.empty()) {
        const auto count = ::pread(file, into.data(), into.size(), offset);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        into = into.subspan(static_cast<std::size_t>(count));
        offset += count;
    }
    return true;
}

bool write_all(int file, off_t offset, ByteView bytes) {
    while (!bytes.empty()) {
        const auto count = ::pwrite(file, bytes.data(), bytes.size(), offset);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += count;
    }
    return true;
}

// A new file survives a power cut only when its folder's entry does.
bool sync_folder_of(const std::string& path) {
    auto folder = std::filesystem::path(path).parent_path();
    if (folder.empty()) {
        folder = ".";
    }
    const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    const bool synced = ::fsync(file) == 0;
    ::close(file);
    return synced;
}

// The size of a new file is set under the lock, so that nobody else sees it half made.
Result<void> lock_and_size(int file, const std::string& path, off_t size) {
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        return errno == EWOULDBLOCK ? Status::busy : Status::storage_failed;
    }
    struct stat found {};
    if (::fstat(file, &found) != 0 || !S_ISREG(found.st_mode)) {
        return Status::storage_failed;
    }
    if (found.st_size == size) {
        return {};
    }
    if (found.st_size != 0) {
        return Status::configuration_wrong;
    }
    if (::ftruncate(file, size) != 0 || ::fsync(file) != 0 || !sync_folder_of(path)) {
        return Status::storage_failed;
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<FileFlash>> FileFlash::open(const std::string& path,
                                                   const FlashGeometry& geometry) {
    constexpr mode_t owner_only = 0600;
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, owner_only);
    if (file < 0) {
        return Status::storage_failed;
    }
    std::unique_ptr<FileFlash> flash(new FileFlash(file, geometry));
    TRY(lock_and_size(
        file, path, static_cast<off_t>(geometry.sector_size) * geometry.sector_count));
    return flash;
}

FileFlash::FileFlash(int file, const FlashGeometry& geometry)
    : file_(file),
      geometry_(geometry),
      inverted_(geometry.sector_size),
      cached_(geometry.sector_size) {}

FileFlash::~FileFlash() {
    ::close(file_);
}

Result<void> FileFlash::load(std::uint32_t sector) {
    if (cached_sector_ == sector) {
        return {};
    }
    cached_sector_.reset();
    if (!read_all(file_, static_cast<off_t>(sector) * geometry_.sector_size, cached_)) {
        return Status::storage_failed;
    }
    invert(cached_, cached_);
    cached_sector_ = sector;
    return {};
}

Result<void> FileFlash::read(std::uint32_t offset, MutableBytes into) {
    // A look at a sector's header; a scan of all the headers must not read the whole file.
    if (offset % geometry_.sector_size == 0 && cached_sector_ != offset / geometry_.sector_size) {
        if (!read_all(file_, offset, into)) {
            return Status::storage_failed;
        }
        invert(into, into);
        return {};
    }
    while (!into.empty()) {
        const auto within = offset % geometry_.sector_size;
        const auto size = std::min<std::size_t>(into.size(), geometry_.sector_size - within);
        TRY(load(offset / geometry_.sector_size));
        std::ranges::copy(ByteView(cached_).subspan(within, size), into.begin());
        into = into.subspan(size);
        offset += static_cast<std::uint32_t>(size);
    }
    return {};
}

Result<void> FileFlash::program(std::uint32_t offset, ByteView units) {
    const auto unit = geometry_.program_unit;
    const auto within = offset % geometry_.sector_size;
    CHECK(offset % unit == 0 && units.size() % unit == 0 &&
          units.size() <= geometry_.sector_size - within);
    invert(units, inverted_);
    unsynced_ = true;
    if (!write_all(file_, offset, ByteView(inverted_).first(units.size()))) {
        cached_sector_.reset();
        return Status::storage_failed;
    }
    if (cached_sector_ == offset / geometry_.sector_size) {
        std::ranges::copy(units, MutableBytes(cached_).subspan(within).begin());
    }
    return {};
}

Result<void> FileFlash::erase(std::uint32_t sector) {
    CHECK(sector < geometry_.sector_count);
    std::ranges::fill(inverted_, Byte{0});
    unsynced_ = true;
    if (cached_sector_ == sector) {
        cached_sector_.reset();
    }
    const auto offset = static_cast<off_t>(sector) * geometry_.sector_size;
    if (!write_all(file_, offset, inverted_)) {
        return Status::storage_failed;
    }
    return {};
}

Result<void> FileFlash::sync() {
    if (!unsynced_) {
        return {};
    }
    if (::fdatasync(file_) != 0) {
        return Status::storage_failed;
    }
    unsynced_ = false;
    return {};
}

}  // namespace board::host
