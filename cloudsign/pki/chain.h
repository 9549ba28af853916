#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"

namespace cloudsign::pki {

// Certificates from `leaf` to one of `anchors`, in DER, each signed by the next and valid at that
// time. `others`: what may stand between. No status is asked. `invalid` when there is no such
// chain, with OpenSSL's reason.
Result<std::vector<Bytes>> find_chain(const Bytes& leaf,
                                      const std::vector<Bytes>& others,
                                      const std::vector<Bytes>& anchors,
                                      std::int64_t at_ms);

// The certificates of a PEM text, in DER.
std::vector<Bytes> certificates_of_pem(const std::string& pem);

}  // namespace cloudsign::pki
