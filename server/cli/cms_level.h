#pragma once

#include <filesystem>

#include "server/cli/pdf_level.h"

namespace server::cli {

// Puts a time-stamp into the CMS signature in a file (CAdES B-T, ETSI EN 319 122-1 §5.3), where it
// lies, durably; whatever fails, the signature stays as it was.
Outcome<cloudsign::evidence::Raised> stamp_file(const std::filesystem::path& file,
                                                const LevelSources& sources);

}  // namespace server::cli
