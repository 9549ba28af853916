#pragma once

#include <string>
#include <string_view>

#include "cloudsign/bytes.h"
#include "hsm/protocol/types.h"
#include "server/cli/failure.h"

namespace server::cli {

// Of a file of any size. A usage failure when it cannot be read.
Outcome<cloudsign::Bytes> hash_of_file(const std::string& file,
                                       hsm::protocol::DigestAlgorithm digest);

// The "cty" of a JWS over the file, by the ending of its name.
std::string_view content_type_of(const std::string& file);

}  // namespace server::cli
