#include "server/cli/bringup/port_holders.h"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace server::cli::bringup {
namespace {

namespace fs = std::filesystem;

bool is_number(const std::string& text) {
    return text.find_first_not_of("0123456789") == std::string::npos;
}

bool has_open(const fs::path& process, const fs::path& file) {
    std::error_code error;
    for (fs::directory_iterator at(process / "fd", error); !error && at != fs::end(at);
         at.increment(error)) {
        std::error_code gone;
        if (fs::read_symlink(at->path(), gone) == file && !gone) {
            return true;
        }
    }
    return false;
}

}  // namespace

std::string holders_of(const std::string& path) {
    std::error_code error;
    const auto file = fs::canonical(path, error);
    if (error) {
        return {};
    }
    std::string holders;
    for (fs::directory_iterator at("/proc", error); !error && at != fs::end(at);
         at.increment(error)) {
        const auto pid = at->path().filename().string();
        if (!is_number(pid) || pid == std::to_string(::getpid()) || !has_open(at->path(), file)) {
            continue;
        }
        std::ifstream comm(at->path() / "comm");
        std::string name;
        std::getline(comm, name);
        holders += (holders.empty() ? "" : ", ") + name + " (" + pid + ")";
    }
    return holders;
}

}  // namespace server::cli::bringup
