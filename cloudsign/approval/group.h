#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/module_port.h"

namespace cloudsign::approval {

// The modules' group configuration, as the server needs it: where approval passkeys live and who
// the officers are.
struct Group {
    std::string rp_id;
    std::string origin;
    unsigned officers_needed = 1;
    std::vector<hsm::protocol::Point> officers;
    std::vector<bool> officer_backup_eligible;
    std::vector<unsigned> officer_persons;  // passkeys of one person have one number
};

// From the first member that is provisioned; `unavailable` when none answers.
Result<Group> read_group(ModulePort& modules);

}  // namespace cloudsign::approval
