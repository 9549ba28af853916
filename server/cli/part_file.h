#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>

#include "server/cli/failure.h"

namespace server::cli {

// Who may do what with a file.
struct FileRights {
    struct Owner {
        uid_t user;
        gid_t group;
    };

    mode_t mode;
    std::optional<Owner> owner = {};  // else the user of this program
};

// `error` (of errno) in words. A full disk is nobody's wrong use; all else is a usage failure.
Failure file_failure(const std::filesystem::path& file, int error);

// Makes a file without a name beside `file`, with at least so many bytes kept for it while it is
// tried. A failure as file_failure()'s when that cannot be.
Outcome<void> try_part_file(const std::filesystem::path& file, std::uintmax_t size);

// What is to be a file, whole and durable beside it before it has its name; removed unless it got
// one.
class PartFile {
public:
    // Failures as file_failure()'s. An owner whom this program may not give the file to is left
    // away, and then a group that it may not give it to gets no more than everybody has.
    static Outcome<PartFile> write(const std::filesystem::path& file,
                                   std::span<const std::string_view> parts,
                                   const FileRights& rights);
    PartFile(PartFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    PartFile& operator=(PartFile&&) = delete;
    ~PartFile();

    // Takes the place of `file`, whatever is there.
    Outcome<void> replace(const std::filesystem::path& file);

    // Takes `file` as its name, or the first free one of "a.2.pdf", "a.3.pdf" … beside it; answers
    // which.
    Outcome<std::filesystem::path> take_free_name(const std::filesystem::path& file);

private:
    explicit PartFile(std::string path) : path_(std::move(path)) {}

    bool rename_to_free(const std::filesystem::path& file) const;

    std::string path_;
};

}  // namespace server::cli
