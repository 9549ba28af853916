#include "server/cli/output_place.h"

#include <cerrno>
#include <cstdint>
#include <sys/stat.h>
#include <unistd.h>

#include "server/cli/files.h"

namespace server::cli {
namespace {

namespace fs = std::filesystem;

constexpr mode_t permission_bits = 0777;
constexpr mode_t read_and_write_bits = 0666;

// What of a file changes when another takes its place or somebody writes to it; empty when there is
// none.
std::string identity_of(const fs::path& file) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0) {
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

mode_t current_umask() {
    // It is read by setting it: meanwhile nothing is made that others could read.
    const auto mask = ::umask(permission_bits & ~S_IRWXU);
    ::umask(mask);
    return mask;
}

FileRights rights_of_new(const fs::path& source) {
    auto mode = read_and_write_bits;
    if (struct stat status{}; !source.empty() && ::stat(source.c_str(), &status) == 0) {
        mode &= status.st_mode | S_IRUSR | S_IWUSR;
    }
    return {mode & ~current_umask()};
}

FileRights rights_at(const fs::path& file, const fs::path& source) {
    struct stat status {};
    if (::lstat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
        return rights_of_new(source);
    }
    return {status.st_mode & permission_bits, FileRights::Owner{status.st_uid, status.st_gid}};
}

// /dev/stdout, or the file that the shell sent it to: what this program says would go to the one
// file, and what it makes would take its name.
bool is_own_output(const struct stat& status) {
    for (const int descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat own {};
        if (::fstat(descriptor, &own) == 0 && own.st_dev == status.st_dev &&
            own.st_ino == status.st_ino) {
            return true;
        }
    }
    return false;
}

}  // namespace

OutputPlace::OutputPlace(fs::path named, fs::path file, fs::path source)
    : named_(std::move(named)),
      file_(std::move(file)),
      source_(std::move(source)),
      found_(identity_of(file_)) {}

Outcome<OutputPlace> OutputPlace::choose(const fs::path& file, const fs::path& source) {
    struct stat status {};
    const bool is_there = ::stat(file.c_str(), &status) == 0;
    if (is_there && !S_ISREG(status.st_mode)) {
        return usage_failure(file.string() + ": is no regular file");
    }
    if (is_there && is_own_output(status)) {
        return usage_failure(file.string() + ": is this program's standard output");
    }
    auto real = file;
    std::error_code error;
    if (fs::is_symlink(file, error)) {
        real = fs::canonical(file, error);
        if (!is_there || error) {
            return usage_failure(file.string() + ": is a link to nothing that is there");
        }
    }
    TRY(check_writable(real));
    return OutputPlace(file, std::move(real), source);
}

Outcome<void> OutputPlace::check_room(std::uintmax_t size) const {
    if (const auto tried = try_part_file(file_, size); !tried) {
        return usage_failure(tried.error().text + ": its folder has no room for the " +
                             std::to_string(size) + " bytes that this may take");
    }
    return {};
}

Outcome<void> OutputPlace::replace(std::span<const std::string_view> parts) const {
    TRY_ASSIGN(auto part, PartFile::write(file_, parts, rights_at(file_, source_)));
    return part.replace(file_);
}

Outcome<void> OutputPlace::replace(std::string_view content) const {
    return replace(std::span(&content, 1));
}

Outcome<fs::path> OutputPlace::write(std::span<const std::string_view> parts) const {
    if (!found_.empty() && identity_of(file_) == found_) {
        TRY(replace(parts));
        return named_;
    }
    TRY_ASSIGN(auto part, PartFile::write(file_, parts, rights_of_new(source_)));
    TRY_ASSIGN(auto taken, part.take_free_name(file_));
    return taken == file_ ? named_ : taken;
}

Outcome<fs::path> OutputPlace::keep_signature(std::span<const std::string_view> parts) const {
    auto written = write(parts);
    if (written) {
        return written;
    }
    const auto& why = written.error().text;
    std::error_code none;
    const auto last_resort = fs::temp_directory_path(none) / file_.filename();
    if (!none) {
        auto part = PartFile::write(last_resort, parts, {mode_private});
        if (part) {
            if (const auto taken = part->take_free_name(last_resort)) {
                return Failure{why + "; the signature was made, and is kept in " + taken->string()};
            }
        }
    }
    return Failure{why + "; the signature was made, and could not be kept: neither there nor in " +
                   last_resort.parent_path().string() + ". Make room, and ask for it again"};
}

Outcome<void> write_result(const fs::path& file, std::string_view content, const fs::path& source) {
    TRY_ASSIGN(const auto place, OutputPlace::choose(file, source));
    return place.replace(content);
}

CLI::Validator output_name() {
    const auto refuse = [](const std::string& name) -> std::string {
        if (name.empty()) {
            return "is empty: name a file to write";
        }
        return name == "-" ? "results do not go to standard output: name a file to write" : "";
    };
    return CLI::Validator(refuse, "");
}

}  // namespace server::cli
