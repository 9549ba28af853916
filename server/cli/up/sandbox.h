#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "server/cli/data_folder.h"

namespace server::cli::up {

// A person of the sandbox: whoever asks them gets this answer, from a phone that nobody holds.
struct SandboxPerson {
    std::string_view signer_id;
    std::string_view answer;  // of `kyso-phone watch --answer`; empty: their phone is lost
    std::string_view meaning;
};

// One for each outcome that a portal must tell apart.
std::span<const SandboxPerson> sandbox_people();

// Their phones lie in DIR/sandbox, whose being there makes a folder a sandbox.
std::filesystem::path sandbox_folder(const DataFolder& folder);
std::filesystem::path sandbox_phone(const DataFolder& folder, const SandboxPerson& person);
bool is_sandbox(const DataFolder& folder);

// On a running server, once: registers and enrols each of them, with the officer's phone.
Outcome<void> populate_sandbox(const DataFolder& folder);

}  // namespace server::cli::up
