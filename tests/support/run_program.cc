#include "tests/support/run_program.h"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/base/check.h"
#include "tests/support/pointers.h"

namespace tests::support {
namespace {

// For posix_spawn(): the copy that fork() makes of a process with threads may not allocate, since
// no one there opens the lock that another thread held at that moment.
class FileActions {
public:
    FileActions() { CHECK(::posix_spawn_file_actions_init(&actions_) == 0); }
    FileActions(const FileActions&) = delete;
    FileActions& operator=(const FileActions&) = delete;
    ~FileActions() { ::posix_spawn_file_actions_destroy(&actions_); }

    void redirect(int descriptor, const std::filesystem::path& path, int flags) {
        CHECK(::posix_spawn_file_actions_addopen(
                  &actions_, descriptor, path.c_str(), flags, 0600) == 0);
    }
    const posix_spawn_file_actions_t* get() const { return &actions_; }

private:
    posix_spawn_file_actions_t actions_{};
};

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
                     const std::string& standard_input,
                     std::optional<std::vector<std::string>> environment) {
    std::vector<std::string> words = {program_path(name)};
    words.insert(words.end(), arguments.begin(), arguments.end());
    const auto argv = pointers(words);
    const auto envp = environment ? pointers(*environment) : std::vector<char*>();
    write_file(folder / "stdin", standard_input);
    FileActions files;
    files.redirect(STDIN_FILENO, folder / "stdin", O_RDONLY);
    files.redirect(STDOUT_FILENO, folder / "stdout", O_WRONLY | O_CREAT | O_TRUNC);
    files.redirect(STDERR_FILENO, folder / "stderr", O_WRONLY | O_CREAT | O_TRUNC);

    pid_t child = -1;
    CHECK(::posix_spawn(&child,
                        argv[0],
                        files.get(),
                        nullptr,
                        argv.data(),
                        environment ? envp.data() : environ) == 0);
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
            read_file(folder / "stdout"),
            read_file(folder / "stderr")};
}

}  // namespace tests::support
