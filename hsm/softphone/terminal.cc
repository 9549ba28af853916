#include "hsm/softphone/terminal.h"

#include <iostream>

#include "hsm/softphone/commands.h"
#include "hsm/softphone/printable.h"

namespace hsm::softphone {

int report(const Problem& problem) {
    std::cerr << "kyso-phone: " << printable(problem.text) << "\n";
    return problem.kind == ProblemKind::input ? exit_usage : exit_failed;
}

bool confirmed_at_terminal() {
    std::cerr << "Approve? [y/N] " << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && (answer == "y" || answer == "Y" || answer == "yes");
}

Outcome<std::string> absolute_ca_file(const std::string& ca_file) {
    if (ca_file.empty()) {
        return ca_file;
    }
    if (std::error_code error; !std::filesystem::exists(ca_file, error)) {
        return Problem{ProblemKind::input, "--ca " + ca_file + ": no such file"};
    }
    return std::filesystem::absolute(ca_file).string();
}

}  // namespace hsm::softphone
