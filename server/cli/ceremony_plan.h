#pragma once

#include <filesystem>

#include "hsm/openssl/bytes.h"
#include "server/cli/failure.h"

namespace server::cli {

// The group configuration that a plan (TOML) describes, encoded, with a new group id:
//
//   class = "hardware"                      # software, emulated, hardware
//   rp_id = "approve.example.vn"            # of the approval passkeys
//   origin = "https://approve.example.vn"
//   officers_needed = 2                     # different people
//   custodians_needed = 2
//   custodians = ["a.json", "b.json", …]    # from `kyso-custodian public --out`
//   members = ["module-1.json", …]          # from `kyso ceremony identity`
//   [[officers]]
//   person = 1                              # passkeys of one person have one number
//   point = "04…"                           # 130 hexadecimal digits
//   backup_eligible = false
//
// Paths start at the plan's folder; unknown keys are errors. A usage failure names what is wrong.
Outcome<hsm::Bytes> configuration_of_plan(const std::filesystem::path& plan);

}  // namespace server::cli
