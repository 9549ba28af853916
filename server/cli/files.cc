#include "server/cli/files.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "cloudsign/pki/certificate.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t certificates_max = 1 << 20;
// Of results that others were quicker to put in their place.
constexpr int names_max = 1000;

Failure failed(const fs::path& file, int error) {
    return usage_failure(file.string() + ": " + std::strerror(error));
}

class Descriptor {
public:
    explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() { close(); }

    int get() const { return descriptor_; }
    explicit operator bool() const { return descriptor_ >= 0; }
    bool close() {
        const int descriptor = std::exchange(descriptor_, -1);
        return descriptor < 0 || ::close(descriptor) == 0;
    }

private:
    int descriptor_;
};

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

}  // namespace

namespace {

Outcome<std::string> read_all(const Descriptor& descriptor,
                              const fs::path& file,
                              std::size_t size_max) {
    std::string content;
    char buffer[16 * 1024];
    while (true) {
        const auto count = ::read(descriptor.get(), buffer, sizeof(buffer));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return failed(file, errno);
        }
        if (count == 0) {
            return content;
        }
        content.append(buffer, static_cast<std::size_t>(count));
        if (content.size() > size_max) {
            return usage_failure(file.string() + ": larger than " + std::to_string(size_max) +
                                 " bytes");
        }
    }
}

}  // namespace

Outcome<std::string> read_file(const fs::path& file, std::size_t size_max) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    return descriptor ? read_all(descriptor, file, size_max) : failed(file, errno);
}

Outcome<std::string> read_regular_file(const fs::path& file, std::size_t size_max) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        return failed(file, errno);
    }
    if (!S_ISREG(status.st_mode)) {
        return usage_failure(file.string() + ": is no regular file");
    }
    return read_all(descriptor, file, size_max);
}

Outcome<void> check_output(const fs::path& file,
                           const std::vector<std::string>& inputs,
                           std::string_view option) {
    for (const auto& input : inputs) {
        std::error_code error;
        if (!input.empty() && fs::equivalent(file, input, error) && !error) {
            return usage_failure(file.string() + ": is the same file as " + input +
                                 ", which would be overwritten; name another place with " +
                                 std::string(option) + " FILE");
        }
    }
    return {};
}

Outcome<void> write_file(const fs::path& file, std::string_view content, mode_t mode) {
    return write_file(file, std::span(&content, 1), mode);
}

namespace {

// `parts` durably in a file beside `file`, for publish() or a rename to take its place.
Outcome<std::string> write_part(const fs::path& file,
                                std::span<const std::string_view> parts,
                                mode_t mode) {
    auto part = part_pattern(file);
    Descriptor descriptor(::mkostemp(part.data(), O_CLOEXEC));
    if (!descriptor) {
        return failed(file, errno);
    }
    const auto put = [&](std::string_view content) { return write_all(descriptor.get(), content); };
    const bool written = ::fchmod(descriptor.get(), mode) == 0 && std::ranges::all_of(parts, put) &&
                         ::fsync(descriptor.get()) == 0 && descriptor.close();
    if (!written) {
        const int error = errno;
        ::unlink(part.c_str());
        return failed(file, error);
    }
    return part;
}

Outcome<void> rename_part(const std::string& part, const fs::path& file) {
    if (::rename(part.c_str(), file.c_str()) != 0) {
        const int error = errno;
        ::unlink(part.c_str());
        return failed(file, error);
    }
    sync_folder(file.parent_path());
    return {};
}

// False with errno EEXIST where there is a file already. Not every filesystem can both: NFS has no
// such rename, FAT no links.
bool rename_to_free(const std::string& part, const fs::path& file) {
    if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, file.c_str(), RENAME_NOREPLACE) == 0) {
        return true;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return false;
    }
    return ::link(part.c_str(), file.c_str()) == 0 && ::unlink(part.c_str()) == 0;
}

// What of a file changes when another takes its place or somebody writes to it; empty when there is
// none.
std::string identity_of(const fs::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) {
        return {};
    }
    std::string identity;
    for (const auto number : {static_cast<std::int64_t>(status.st_dev),
                              static_cast<std::int64_t>(status.st_ino),
                              static_cast<std::int64_t>(status.st_size),
                              static_cast<std::int64_t>(status.st_mtim.tv_sec),
                              static_cast<std::int64_t>(status.st_mtim.tv_nsec)}) {
        identity += std::to_string(number) + " ";
    }
    return identity;
}

// "a.pdf", "a.2.pdf", "a.3.pdf" …
fs::path numbered(const fs::path& file, int number) {
    return number == 1 ? file
                       : file.parent_path() / (file.stem().string() + "." + std::to_string(number) +
                                               file.extension().string());
}

}  // namespace

Outcome<void> write_file(const fs::path& file,
                         std::span<const std::string_view> parts,
                         mode_t mode) {
    TRY_ASSIGN(const auto part, write_part(file, parts, mode));
    return rename_part(part, file);
}

OutputPlace::OutputPlace(fs::path file) : file_(std::move(file)), found_(identity_of(file_)) {}

Outcome<fs::path> OutputPlace::write(std::span<const std::string_view> parts) const {
    TRY_ASSIGN(const auto part, write_part(file_, parts, mode_public));
    if (!found_.empty() && identity_of(file_) == found_) {
        TRY(rename_part(part, file_));
        return file_;
    }
    int error = EEXIST;
    for (int number = 1; number <= names_max && error == EEXIST; ++number) {
        const auto file = numbered(file_, number);
        if (rename_to_free(part, file)) {
            sync_folder(file.parent_path());
            return file;
        }
        error = errno;
    }
    ::unlink(part.c_str());
    return failed(file_, error);
}

Outcome<void> check_writable(const fs::path& file) {
    if (struct stat status{}; ::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return usage_failure(file.string() + ": exists and is no file");
    }
    auto part = part_pattern(file);
    const Descriptor descriptor(::mkostemp(part.data(), O_CLOEXEC));
    if (!descriptor) {
        return failed(file, errno);
    }
    ::unlink(part.c_str());
    return {};
}

Outcome<void> make_folder(const fs::path& folder, mode_t mode) {
    if (!folder.parent_path().empty() && folder.parent_path() != folder) {
        std::error_code ignored;
        if (!fs::exists(folder.parent_path(), ignored)) {
            TRY(make_folder(folder.parent_path(), mode));
        }
    }
    if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) {
        return failed(folder, errno);
    }
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored)) {
        return usage_failure(folder.string() + ": is no folder");
    }
    return {};
}

Outcome<std::vector<cloudsign::Bytes>> read_certificates(const std::vector<std::string>& files) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    constexpr std::string_view end = "-----END CERTIFICATE-----";
    std::vector<cloudsign::Bytes> certificates;
    for (const auto& file : files) {
        TRY_ASSIGN(const auto text, read_regular_file(file, certificates_max));
        const auto before = certificates.size();
        for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
            const auto stop = text.find(end, at);
            const auto size = (stop == std::string::npos ? text.size() : stop + end.size()) - at;
            auto der = cloudsign::pki::from_pem(std::string_view(text).substr(at, size));
            if (!der) {
                return usage_failure(file + ": " + der.error().detail);
            }
            certificates.push_back(*std::move(der));
            at += size;
        }
        if (certificates.size() == before) {
            return usage_failure(file + ": holds no certificate in PEM");
        }
    }
    return certificates;
}

}  // namespace server::cli
