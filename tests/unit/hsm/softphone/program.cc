#include "tests/unit/hsm/softphone/program.h"

namespace hsm::softphone::testing {

std::filesystem::path store_of(const TestFolder& folder) {
    return folder.path("phone.json");
}

Finished run_phone(const TestFolder& folder,
                   const std::vector<std::string>& arguments,
                   const std::string& standard_input) {
    return tests::support::run_program(folder.root(),
                                       "kyso-phone",
                                       arguments,
                                       standard_input,
                                       {{"KYSO_PHONE_STORE=" + store_of(folder).string()}});
}

}  // namespace hsm::softphone::testing
