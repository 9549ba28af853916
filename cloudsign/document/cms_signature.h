#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

// A CMS signature (RFC 5652) at level B-B of CAdES (ETSI EN 319 122-1 §6) or PAdES (EN 319 142-1
// §6), in two phases with the signer's approval in between: what is approved and signed is the hash
// of the signed attributes, which hold the document's hash.
namespace cloudsign::document {

using hsm::protocol::Algorithm;

struct PreparedCms {
    Bytes signed_attributes;  // DER, SET OF Attribute: RFC 5652 §5.4
    Bytes hash;               // digest of signed_attributes: what to authorise
};

// Signed attributes: content-type id-data, message-digest = `document_hash`, signing-time where one
// is given, signing-certificate-v2 with issuerSerial (RFC 5035) for `certificate` (DER), and
// CMSAlgorithmProtection (RFC 6211). PAdES has no signing-time: its time stands in the PDF.
Result<PreparedCms> prepare_cms(const Bytes& document_hash,
                                const Bytes& certificate,
                                const Algorithm& algorithm,
                                std::optional<std::int64_t> signing_time_ms);

// SignedData, DER, with `chain` (leaf first) inside, and with `content` if that is given; detached
// otherwise. The signature is checked under the leaf's key first: `internal` when it does not
// verify.
Result<Bytes> finish_cms(const PreparedCms& prepared,
                         const Algorithm& algorithm,
                         const Bytes& signature,
                         const std::vector<Bytes>& chain,
                         const Bytes* content = nullptr);

}  // namespace cloudsign::document
