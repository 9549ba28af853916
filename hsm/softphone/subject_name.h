#pragma once

#include <string_view>

namespace hsm::softphone {

// Whether two spellings (RFC 4514 §2.4) name the same subject: the same parts in the same order,
// whatever the escapes and the spaces around separators. Case counts.
bool same_subject(std::string_view a, std::string_view b);

}  // namespace hsm::softphone
