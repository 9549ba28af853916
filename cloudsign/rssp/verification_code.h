#pragma once

#include <string>
#include <vector>

#include "cloudsign/bytes.h"

namespace cloudsign::rssp {

// What portal and phone both show, so that the person sees that they belong together: "1A2B-3C4D",
// the first and the last two bytes of SHA-256 over the XOR of all hashes, in upper-case
// hexadecimal. Anybody who knows the hashes can compute it, and about 2^32 tries find another set
// with the same: it helps against mistakes, the approval itself rests on the hashes. `hashes` are
// of one length.
std::string verification_code(const std::vector<Bytes>& hashes);

}  // namespace cloudsign::rssp
