#pragma once

#include <string>
#include <string_view>

namespace hsm::softphone {

// `text` (UTF-8) with every character that could change what a terminal shows around it (control
// characters, line and paragraph separators, zero-width and bidirectional controls) written as
// \u{hex}: what is approved is what is shown.
std::string printable(std::string_view text);

}  // namespace hsm::softphone
