#pragma once

#include <filesystem>
#include <optional>

#include "hsm/openssl/bytes.h"
#include "hsm/protocol/statement.h"
#include "server/cli/failure.h"

namespace server::cli {

// The group configuration that a plan (TOML) describes, encoded: of a new group, or the revision
// of `before` that comes next:
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
// and, where wanted, former_officers = ["…"]: thumbprints (64 hexadecimal digits) of officers of
// before whose bindings of issuer keys stand.
//
// Paths start at the plan's folder; unknown keys are errors. A usage failure names what is wrong.
Outcome<hsm::Bytes> configuration_of_plan(
    const std::filesystem::path& plan,
    const std::optional<hsm::protocol::GroupConfiguration>& before);

}  // namespace server::cli
