#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/document/xades_place.h"
#include "hsm/protocol/types.h"

// XAdES at level B-B (ETSI EN 319 132-1 §6), in two phases with the signer's approval in between:
// what is approved and signed is the hash of SignedInfo in its exclusive canonical form.
namespace cloudsign::document {

using hsm::protocol::Algorithm;

// All that is needed for phase two beside the signature: it may wait anywhere.
struct PreparedXades {
    std::string before;       // of the file that comes of it: up to the signature's value
    std::string after;        // behind it
    std::string signed_info;  // canonical
    Bytes hash;               // of it, by the algorithm's digest: what to authorise
};

// In the document. `chain`: leaf first, DER; the anchor at its end is left out of KeyInfo.
// `invalid`, with a sentence for the user, where the document cannot be signed so, or where that
// would break a signature that it has.
Result<PreparedXades> prepare_xades(hsm::ByteView document,
                                    const XmlWish& wish,
                                    const std::vector<Bytes>& chain,
                                    const Algorithm& algorithm,
                                    std::int64_t signing_time_ms);

// Beside a document of any kind, named by `name` and its hash.
Result<PreparedXades> prepare_xades_of_hash(const Bytes& document_hash,
                                            std::string_view name,
                                            const std::vector<Bytes>& chain,
                                            const Algorithm& algorithm,
                                            std::int64_t signing_time_ms);

// The signed file, or the signature's. The signature (ECDSA: DER) is checked under the leaf's key
// first: `internal` when it does not verify.
Result<std::string> complete_xades(const PreparedXades& prepared,
                                   const Algorithm& algorithm,
                                   const Bytes& signature,
                                   const Bytes& leaf);

}  // namespace cloudsign::document
