#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace tests::support {

struct Finished {
    int code = -1;  // of its exit; -1 when a signal ended it
    std::string out;
    std::string err;
};

// Runs a program of KYSO_BIN, or the one at a path, to its end; `folder` takes what it reads and
// says. The environment, of lines NAME=VALUE, is this process's own unless one is given.
Finished run_program(const std::filesystem::path& folder,
                     const std::string& name,
                     const std::vector<std::string>& arguments,
                     const std::string& standard_input = "",
                     std::optional<std::vector<std::string>> environment = std::nullopt);

std::string read_file(const std::filesystem::path& file);
void write_file(const std::filesystem::path& file, const std::string& text);

}  // namespace tests::support
