#pragma once

#include <string>
#include <vector>

#include "server/config/config.h"

namespace server::cli {

enum class Verdict { good, doubtful, wrong };

struct Finding {
    Verdict verdict;
    std::string text;  // what was looked at; and if it is not good, what to do
};

// Looks at every file that the settings name, and at each module.
std::vector<Finding> check(const config::Config& config);

}  // namespace server::cli
