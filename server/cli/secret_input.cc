#include "server/cli/secret_input.h"

#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <termios.h>
#include <unistd.h>

#include "server/cli/files.h"

namespace server::cli {
namespace {

constexpr std::size_t secret_size_max = 4096;

std::string first_line(const std::string& text) {
    return text.substr(0, text.find_first_of("\r\n"));
}

// A terminal that does not show what is typed, until the end of the scope.
class NoEcho {
public:
    explicit NoEcho(int terminal) : terminal_(terminal) {
        ::tcgetattr(terminal_, &before_);
        auto silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(terminal_, TCSAFLUSH, &silent);
    }
    NoEcho(const NoEcho&) = delete;
    NoEcho& operator=(const NoEcho&) = delete;
    ~NoEcho() { ::tcsetattr(terminal_, TCSAFLUSH, &before_); }

private:
    int terminal_;
    termios before_{};
};

std::string ask_at_terminal() {
    const NoEcho silent(STDIN_FILENO);
    std::cerr << "client secret: " << std::flush;
    std::string line;
    std::getline(std::cin, line);
    std::cerr << "\n";
    return line;
}

}  // namespace

Outcome<std::string> read_client_secret(const std::string& file) {
    std::string secret;
    if (!file.empty()) {
        TRY_ASSIGN(const auto text, read_file(file, secret_size_max));
        secret = first_line(text);
    } else if (const char* named = std::getenv("KYSO_CLIENT_SECRET"); named != nullptr) {
        secret = named;
    } else if (::isatty(STDIN_FILENO) == 1) {
        secret = ask_at_terminal();
    }
    if (secret.empty()) {
        return usage_failure(
            "no client secret: name its file with --secret-file, or set KYSO_CLIENT_SECRET");
    }
    return secret;
}

}  // namespace server::cli
