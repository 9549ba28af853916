#include "tests/unit/server/push/python_server.h"

#include <cstdlib>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hsm/base/check.h"

namespace server::push {

PythonServer::PythonServer(const std::string& script, const std::vector<std::string>& arguments) {
    const char* source = std::getenv("KYSO_SOURCE");
    CHECK(source != nullptr);
    std::vector<std::string> words = {"python3", std::string(source) + "/tests/support/" + script};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& word : words) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    int to[2];
    int from[2];
    CHECK(::pipe2(to, O_CLOEXEC) == 0 && ::pipe2(from, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_adddup2(&files, to[0], STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&files, from[1], STDOUT_FILENO);
    CHECK(::posix_spawnp(&process_, "python3", &files, nullptr, argv.data(), environ) == 0);
    ::posix_spawn_file_actions_destroy(&files);
    ::close(to[0]);
    ::close(from[1]);
    input_ = to[1];
    std::string line;
    char character = 0;
    while (::read(from[0], &character, 1) == 1 && character != '\n') {
        line += character;
    }
    ::close(from[0]);
    told_ = boost::json::parse(line).as_object();
}

PythonServer::~PythonServer() {
    ::close(input_);
    int status = 0;
    ::waitpid(process_, &status, 0);
}

}  // namespace server::push
