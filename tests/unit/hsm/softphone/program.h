#pragma once

#include <string>
#include <vector>

#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone::testing {

struct Finished {
    int code = -1;
    std::string out;
    std::string err;
};

// Runs kyso-phone to its end, KYSO_PHONE_STORE naming `store`.
Finished run_phone(const TestFolder& folder,
                   const std::vector<std::string>& arguments,
                   const std::string& standard_input = "");

// The store that run_phone() names.
std::filesystem::path store_of(const TestFolder& folder);

}  // namespace hsm::softphone::testing
