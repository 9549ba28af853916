#include "tests/unit/hsm/softphone/program.h"

#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/base/check.h"

namespace hsm::softphone::testing {
namespace {

void redirect(int descriptor, const std::filesystem::path& path, int flags) {
    const int file = ::open(path.c_str(), flags, 0600);
    if (file < 0 || ::dup2(file, descriptor) < 0) {
        ::_exit(127);
    }
}

}  // namespace

std::filesystem::path store_of(const TestFolder& folder) {
    return folder.path("phone.json");
}

Finished run_phone(const TestFolder& folder,
                   const std::vector<std::string>& arguments,
                   const std::string& standard_input) {
    const char* bin = std::getenv("KYSO_BIN");
    CHECK(bin != nullptr);
    std::vector<std::string> words = {std::string(bin) + "/kyso-phone"};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::string store = "KYSO_PHONE_STORE=" + store_of(folder).string();
    std::vector<char*> environment = {store.data(), nullptr};
    write_text(folder.path("in"), standard_input);

    const auto child = ::fork();
    CHECK(child >= 0);
    if (child == 0) {
        redirect(0, folder.path("in"), O_RDONLY);
        redirect(1, folder.path("out"), O_WRONLY | O_CREAT | O_TRUNC);
        redirect(2, folder.path("err"), O_WRONLY | O_CREAT | O_TRUNC);
        ::execve(argv[0], argv.data(), environment.data());
        ::_exit(127);
    }
    int status = 0;
    CHECK(::waitpid(child, &status, 0) == child);
    Finished finished;
    finished.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    finished.out = read_text(folder.path("out"));
    finished.err = read_text(folder.path("err"));
    return finished;
}

}  // namespace hsm::softphone::testing
