#include "server/cli/part_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/cli/descriptor.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;

// Of results that others were quicker to put in their place.
constexpr int names_max = 1000;

std::string part_pattern(const fs::path& file) {
    return (file.parent_path() / ("." + file.filename().string() + ".XXXXXX")).string();
}

bool write_all(int descriptor, std::string_view content) {
    while (!content.empty()) {
        const auto count = ::write(descriptor, content.data(), content.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        content.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void sync_folder(const fs::path& folder) {
    const auto& name = folder.empty() ? fs::path(".") : folder;
    const Descriptor descriptor(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (descriptor) {
        ::fsync(descriptor.get());
    }
}

bool set_rights(int descriptor, const FileRights& rights) {
    auto mode = rights.mode;
    struct stat made {};
    if (::fstat(descriptor, &made) != 0) {
        return false;
    }
    const auto& owner = rights.owner;
    if (owner && (made.st_uid != owner->user || made.st_gid != owner->group) &&
        ::fchown(descriptor, owner->user, owner->group) != 0 &&
        ::fchown(descriptor, static_cast<uid_t>(-1), owner->group) != 0) {
        // What one group was allowed is not for another.
        const mode_t of_all = (mode & S_IRWXO) << 3;
        mode &= ~static_cast<mode_t>(S_IRWXG) | of_all;
    }
    return ::fchmod(descriptor, mode) == 0;
}

// "a.pdf", "a.2.pdf", "a.3.pdf" …
fs::path numbered(const fs::path& file, int number) {
    return number == 1 ? file
                       : file.parent_path() / (file.stem().string() + "." + std::to_string(number) +
                                               file.extension().string());
}

}  // namespace

Failure file_failure(const fs::path& file, int error) {
    constexpr int not_the_callers[] = {ENOSPC, EDQUOT, EFBIG, EIO};
    return {file.string() + ": " + std::strerror(error),
            std::ranges::count(not_the_callers, error) != 0 ? exit_failed : exit_usage};
}

Outcome<void> try_part_file(const fs::path& file, std::uintmax_t size) {
    auto part = part_pattern(file);
    const Descriptor descriptor(::mkostemp(part.data(), O_CLOEXEC));
    if (!descriptor) {
        return file_failure(file, errno);
    }
    ::unlink(part.c_str());
    const int error =
        size == 0 ? 0 : ::posix_fallocate(descriptor.get(), 0, static_cast<off_t>(size));
    return error == 0 ? Outcome<void>() : file_failure(file, error);
}

Outcome<PartFile> PartFile::write(const fs::path& file,
                                  std::span<const std::string_view> parts,
                                  const FileRights& rights) {
    auto path = part_pattern(file);
    Descriptor descriptor(::mkostemp(path.data(), O_CLOEXEC));
    if (!descriptor) {
        return file_failure(file, errno);
    }
    PartFile part(std::move(path));
    const auto put = [&](std::string_view content) { return write_all(descriptor.get(), content); };
    const bool written = set_rights(descriptor.get(), rights) && std::ranges::all_of(parts, put) &&
                         ::fsync(descriptor.get()) == 0 && descriptor.close();
    return written ? Outcome<PartFile>(std::move(part)) : file_failure(file, errno);
}

PartFile::~PartFile() {
    if (!path_.empty()) {
        ::unlink(path_.c_str());
    }
}

Outcome<void> PartFile::replace(const fs::path& file) {
    if (::rename(path_.c_str(), file.c_str()) != 0) {
        return file_failure(file, errno);
    }
    path_.clear();
    sync_folder(file.parent_path());
    return {};
}

Outcome<fs::path> PartFile::take_free_name(const fs::path& file) {
    int error = EEXIST;
    for (int number = 1; number <= names_max && error == EEXIST; ++number) {
        auto name = numbered(file, number);
        if (rename_to_free(name)) {
            path_.clear();
            sync_folder(name.parent_path());
            return name;
        }
        error = errno;
    }
    return file_failure(file, error);
}

// False with errno EEXIST where there is a file already. Not every filesystem can both: NFS has no
// such rename, FAT no links.
bool PartFile::rename_to_free(const fs::path& file) const {
    if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    return ::link(path_.c_str(), file.c_str()) == 0 && ::unlink(path_.c_str()) == 0;
}

}  // namespace server::cli
