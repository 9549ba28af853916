#pragma once

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::revision {

// Of a file: more are not looked at.
constexpr std::size_t signatures_max = 64;

// Whether something may be put behind a file that is signed: that every signature of it is whole,
// and nothing came behind one that it does not let others do, or that cannot be told. `invalid` in
// words otherwise: what is signed or stamped over would look as if it had been seen and approved.
// Nothing is asked of who signed. A file without signatures stands.
Result<void> check_standing(hsm::ByteView pdf);

}  // namespace cloudsign::revision
