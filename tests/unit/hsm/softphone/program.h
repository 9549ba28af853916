#pragma once

#include <string>
#include <vector>

#include "tests/support/run_program.h"
#include "tests/unit/hsm/softphone/test_folder.h"

namespace hsm::softphone::testing {

using tests::support::Finished;

// Runs kyso-phone to its end, KYSO_PHONE_STORE the only word of its environment.
Finished run_phone(const TestFolder& folder,
                   const std::vector<std::string>& arguments,
                   const std::string& standard_input = "");

// The store that run_phone() names.
std::filesystem::path store_of(const TestFolder& folder);

}  // namespace hsm::softphone::testing
