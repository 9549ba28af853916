#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "server/cli/part_file.h"

namespace server::cli {

// Where a result goes that the user named a file for, as it was when it was chosen. Links are
// followed once, and stay. A file that is replaced keeps its mode and, where that is permitted, its
// owner and group. A new one may be read by whoever may read the file that it is made of, less what
// the umask takes.
class OutputPlace {
public:
    // A usage failure that says why nothing can be written there: something else than a regular
    // file, a link to nothing, this program's own standard output, or a folder that takes no file.
    // `source`: what the result is made of; empty: it may be read by all.
    static Outcome<OutputPlace> choose(const std::filesystem::path& file,
                                       const std::filesystem::path& source = {});

    // A usage failure unless there is room for so many bytes more.
    Outcome<void> check_room(std::uintmax_t size) const;

    // Written beside it and renamed, durably: the file is whole, or as it was before.
    Outcome<void> replace(std::span<const std::string_view> parts) const;
    Outcome<void> replace(std::string_view content) const;

    // The same of a signature that somebody has approved, which cannot be made again: whoever has
    // written to the place since it was chosen loses nothing, and it goes under the first free name
    // of "a.2.pdf", "a.3.pdf" … beside it. Returns where. Where that fails it is put into the
    // system's folder for temporary files, for its owner alone. The failure says where it lies, or
    // that it could not be kept.
    Outcome<std::filesystem::path> keep_signature(std::span<const std::string_view> parts) const;

private:
    OutputPlace(std::filesystem::path named,
                std::filesystem::path file,
                std::filesystem::path source);

    Outcome<std::filesystem::path> write(std::span<const std::string_view> parts) const;

    std::filesystem::path named_;
    std::filesystem::path file_;  // `named_`, or what it is a link to
    std::filesystem::path source_;
    std::string found_;  // what tells one file from another in its place; empty: none
};

// Writes what the user named `file` for, as OutputPlace does.
Outcome<void> write_result(const std::filesystem::path& file,
                           std::string_view content,
                           const std::filesystem::path& source = {});

// What an option that names a file to write accepts: neither nothing nor "-".
CLI::Validator output_name();

}  // namespace server::cli
