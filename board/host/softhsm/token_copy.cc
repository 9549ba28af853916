#include "board/host/softhsm/token_copy.h"

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "board/host/softhsm/token_label.h"

namespace board::host::softhsm {

using hsm::Result;
using hsm::Status;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view token_file = "token.object";
constexpr std::string_view copy_file = "token.object.kept";  // not *.object: SoftHSM reads those
constexpr std::size_t size_max = 1 << 20;

std::string read(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(in), {});
    return content.size() <= size_max ? content : std::string();
}

// Whole under its name or not at all, also after a power cut.
Result<void> write_whole(const fs::path& file, const std::string& content) {
    const auto part = file.string() + ".part";
    const int descriptor = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return Status::storage_failed;
    }
    const bool good = ::write(descriptor, content.data(), content.size()) ==
                          static_cast<ssize_t>(content.size()) &&
                      ::fsync(descriptor) == 0;
    ::close(descriptor);
    if (!good || ::rename(part.c_str(), file.c_str()) != 0) {
        ::unlink(part.c_str());
        return Status::storage_failed;
    }
    const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = folder >= 0 && ::fsync(folder) == 0;
    if (folder >= 0) {
        ::close(folder);
    }
    return synced ? Result<void>() : Status::storage_failed;
}

// softhsm2.conf(5): "directories.tokendir = PATH".
fs::path folder_of_tokens(const std::string& configuration) {
    std::ifstream in(configuration);
    for (std::string line; std::getline(in, line);) {
        constexpr std::string_view name = "directories.tokendir";
        const auto equals = line.find('=');
        if (!line.starts_with(name) || equals == std::string::npos) {
            continue;
        }
        const auto first = line.find_first_not_of(" \t", equals + 1);
        const auto last = line.find_last_not_of(" \t\r");
        return fs::path(first == std::string::npos ? "" : line.substr(first, last - first + 1));
    }
    return {};
}

bool is_of(const std::string& content, const std::string& label) {
    const auto padded = padded_label(label);
    return content.find(hsm::text_of(padded)) != std::string::npos;
}

// The token's folder, by the label in its file or in the copy; empty when there is none.
fs::path find_folder(const TokenConfig& config, std::string_view file) {
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(folder_of_tokens(config.configuration), error)) {
        if (is_of(read(entry.path() / file), config.label)) {
            return entry.path();
        }
    }
    return {};
}

}  // namespace

Result<void> keep_token_copy(const TokenConfig& config) {
    const auto folder = find_folder(config, token_file);
    if (folder.empty()) {
        return {};
    }
    const auto content = read(folder / token_file);
    if (read(folder / copy_file) == content) {
        return {};
    }
    return write_whole(folder / copy_file, content);
}

Result<void> restore_token(const TokenConfig& config) {
    const auto folder = find_folder(config, copy_file);
    if (folder.empty()) {
        return {};
    }
    const auto copy = read(folder / copy_file);
    const auto content = read(folder / token_file);
    if (content.size() >= copy.size() && is_of(content, config.label)) {
        return {};
    }
    return write_whole(folder / token_file, copy);
}

}  // namespace board::host::softhsm
