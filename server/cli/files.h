#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

#include "cloudsign/bytes.h"
#include "server/cli/failure.h"

namespace server::cli {

constexpr mode_t mode_private = 0600;
constexpr mode_t mode_public = 0644;

// The whole file; a usage failure that names it when it cannot be read or is larger.
Outcome<std::string> read_file(const std::filesystem::path& file, std::size_t size_max);

// The same of what is a file and nothing else: a pipe or a device may never end.
Outcome<std::string> read_regular_file(const std::filesystem::path& file, std::size_t size_max);

// A usage failure unless `file` may be written to: it is none of those that the command reads, by
// whatever name. `option`: which one names it. Empty names are passed over.
Outcome<void> check_output(const std::filesystem::path& file,
                           const std::vector<std::string>& inputs,
                           std::string_view option);

// Written beside `file` and renamed, durably: `file` is whole, or as it was before. For files of
// the installation's own; what the user named a file for is written with write_result().
Outcome<void> write_file(const std::filesystem::path& file,
                         std::string_view content,
                         mode_t mode = mode_public);

// The same of the concatenation of `parts`.
Outcome<void> write_file(const std::filesystem::path& file,
                         std::span<const std::string_view> parts,
                         mode_t mode = mode_public);

// Whether write_file() could make `file` now: makes and removes a file beside it. A usage failure
// that says why not.
Outcome<void> check_writable(const std::filesystem::path& file);

// With the folders above it; those made here are for their owner alone, or what `mode` says.
Outcome<void> make_folder(const std::filesystem::path& folder, mode_t mode = 0700);

// The certificates of PEM files, in DER. A usage failure when there is none in a file.
Outcome<std::vector<cloudsign::Bytes>> read_certificates(const std::vector<std::string>& files);

}  // namespace server::cli
