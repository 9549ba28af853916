#pragma once

#include <memory>

#include <openssl/cmp.h>

#include "cloudsign/external_ca/cmp_peer.h"

namespace cloudsign::external_ca {

using CmpContextPtr = std::unique_ptr<OSSL_CMP_CTX, hsm::openssl::Freed<OSSL_CMP_CTX_free>>;

// OpenSSL's state of a new transaction under those settings; it writes nothing to stderr. `invalid`
// when a certificate, a key or a secret cannot be used. `peer` outlives it.
Result<CmpContextPtr> open_cmp_context(const CmpSettings& settings, const CmpPeer& peer);

}  // namespace cloudsign::external_ca
