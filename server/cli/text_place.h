#pragma once

#include <string>

#include "cloudsign/document/pdf_words.h"
#include "server/cli/failure.h"

namespace server::cli {

// Where `phrase` stands in `pdf`, which `file` holds too; where it is there several times, the one
// of number `hit`, from 1. A usage failure that lists them where it is not said which (0).
Outcome<cloudsign::document::TextHit> find_hit(const std::string& file,
                                               hsm::ByteView pdf,
                                               const std::string& phrase,
                                               std::size_t hit);

}  // namespace server::cli
