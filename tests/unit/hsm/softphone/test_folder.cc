#include "tests/unit/hsm/softphone/test_folder.h"

#include <fstream>
#include <iterator>
#include <stdlib.h>

#include "hsm/base/check.h"

namespace hsm::softphone::testing {

namespace fs = std::filesystem;

TestFolder::TestFolder() {
    std::string name =
        std::string(fs::is_directory("/dev/shm") ? "/dev/shm" : "/tmp") + "/kyso-phone-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr);
    root_ = name;
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

std::string read_text(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    CHECK(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, std::string_view text) {
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file << text;
    CHECK(file.good());
}

}  // namespace hsm::softphone::testing
