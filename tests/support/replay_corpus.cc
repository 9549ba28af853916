// What stands in for libFuzzer where a program is built without it: every file of the folder given
// goes once through the fuzzer's entry point, and so does the empty input.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size);

namespace {

namespace fs = std::filesystem;

using Input = std::vector<char>;

void run_once(const Input& input) {
    // A copy of exactly this size: with a sanitizer, one byte read too far is a report.
    std::vector<std::uint8_t> exact(input.begin(), input.end());
    exact.shrink_to_fit();
    LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// Sorted, so that a failure comes at the same place on every machine.
std::vector<fs::path> files_of(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file()) {
            files.push_back(entry.path());
        }
    }
    std::ranges::sort(files);
    return files;
}

}  // namespace

int main(int argc, char** argv) {
    std::error_code ignored;
    if (argc != 2 || !fs::is_directory(argv[1], ignored)) {
        std::fprintf(stderr, "usage: %s FOLDER (an existing folder of inputs)\n", argv[0]);
        return 2;
    }

    run_once({});
    const auto files = files_of(argv[1]);
    for (const auto& file : files) {
        std::ifstream stream(file, std::ios::binary);
        const Input input{std::istreambuf_iterator<char>(stream), {}};
        if (stream.bad() || input.size() != fs::file_size(file)) {
            std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
            return 1;
        }
        run_once(input);
    }
    std::printf("%zu files of %s and the empty input\n", files.size(), argv[1]);
    return 0;
}
