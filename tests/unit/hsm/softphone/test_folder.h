#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace hsm::softphone::testing {

// A folder of its own on tmpfs where there is one, removed at the end.
class TestFolder {
public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    std::filesystem::path path(std::string_view name) const { return root_ / name; }
    const std::filesystem::path& root() const { return root_; }

private:
    std::filesystem::path root_;
};

std::string read_text(const std::filesystem::path& path);
void write_text(const std::filesystem::path& path, std::string_view text);

}  // namespace hsm::softphone::testing
