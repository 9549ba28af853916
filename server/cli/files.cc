#include "server/cli/files.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

#include "cloudsign/pki/certificate.h"
#include "server/cli/descriptor.h"
#include "server/cli/part_file.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t certificates_max = 1 << 20;

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
            return file_failure(file, errno);
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
    return descriptor ? read_all(descriptor, file, size_max) : file_failure(file, errno);
}

Outcome<std::string> read_regular_file(const fs::path& file, std::size_t size_max) {
    const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (!descriptor || ::fstat(descriptor.get(), &status) != 0) {
        return file_failure(file, errno);
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

Outcome<void> write_file(const fs::path& file,
                         std::span<const std::string_view> parts,
                         mode_t mode) {
    TRY_ASSIGN(auto part, PartFile::write(file, parts, {mode}));
    return part.replace(file);
}

Outcome<void> check_writable(const fs::path& file) {
    if (struct stat status{}; ::stat(file.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
        return usage_failure(file.string() + ": exists and is no file");
    }
    return try_part_file(file, 0);
}

Outcome<void> make_folder(const fs::path& folder, mode_t mode) {
    if (!folder.parent_path().empty() && folder.parent_path() != folder) {
        std::error_code ignored;
        if (!fs::exists(folder.parent_path(), ignored)) {
            TRY(make_folder(folder.parent_path(), mode));
        }
    }
    if (::mkdir(folder.c_str(), mode) != 0 && errno != EEXIST) {
        return file_failure(folder, errno);
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
