#pragma once

#include <filesystem>

#include "board/host/setup_error.h"
#include "firmware/channel/host_table.h"

namespace board::host {

// Fills `hosts` from every `<identity>.psk` of the folder (hsm/protocol/psk_file.h). A file that
// group or others can read is refused, and so is a folder without any.
Setup<void> load_psk_folder(const std::filesystem::path& folder,
                            firmware::channel::HostTable& hosts);

}  // namespace board::host
