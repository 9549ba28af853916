#include "tests/support/run_program.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/base/check.h"

namespace tests::support {
namespace {

void redirect(int descriptor, const std::filesystem::path& path, int flags) {
    const int file = ::open(path.c_str(), flags, 0600);
    if (file < 0 || ::dup2(file, descriptor) < 0) {
        ::_exit(127);
    }
}

std::string program_path(const std::string& name) {
    if (name.find('/') != std::string::npos) {
        return name;
    }
    const char* bin = std::getenv("KYSO_BIN");
    CHECK(bin != nullptr);
    return std::string(bin) + "/" + name;
}

}  // namespace

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    CHECK(in.good());
    return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out << text;
    CHECK(out.good());
}

Finished run_program(const std::filesystem::path& folder,
                     const std::string& name,
                     const std::vector<std::string>& arguments,
                     const std::string& standard_input) {
    std::vector<std::string> words = {program_path(name)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    write_file(folder / "stdin", standard_input);

    const auto child = ::fork();
    CHECK(child >= 0);
    if (child == 0) {
        redirect(0, folder / "stdin", O_RDONLY);
        redirect(1, folder / "stdout", O_WRONLY | O_CREAT | O_TRUNC);
        redirect(2, folder / "stderr", O_WRONLY | O_CREAT | O_TRUNC);
        ::execv(argv[0], argv.data());
        ::_exit(127);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            read_file(folder / "stdout"),
            read_file(folder / "stderr")};
}

}  // namespace tests::support
