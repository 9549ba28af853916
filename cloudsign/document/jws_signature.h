#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

// A compact JWS (RFC 7515 §7.1) at level B-B of JAdES (ETSI TS 119 182-1 §6), in two phases with
// the signer's approval in between: what is approved and signed is the hash of the signing input,
// header first.
namespace cloudsign::document {

using hsm::protocol::Algorithm;

// What is signed is held in memory whole, and its base64url as well.
constexpr std::size_t jws_payload_size_max = 64 * 1024 * 1024;

struct PreparedJws {
    std::string signing_input;  // RFC 7515 §5.1: BASE64URL(header).payload
    Bytes hash;                 // of it, by the algorithm's digest: what to authorise
};

// The document is the payload. `chain`: leaf first, DER; the anchor at its end, if there is one
// behind the leaf, is left out of x5c. The header has alg, cty (`content_type`, none where it is
// empty), iat, x5t#S256, x5c. `invalid` where JWS has no name for the algorithm or the document is
// too large.
Result<PreparedJws> prepare_jws(hsm::ByteView payload,
                                std::string_view content_type,
                                const std::vector<Bytes>& chain,
                                const Algorithm& algorithm,
                                std::int64_t signing_time_ms);

// Of the document only the hash is known: the payload is empty, and the header names the document
// by `name` and hash (sigD, mechanism ObjectIdByURIHash, with b64 false: the hash of the bytes as
// they are; crit has both).
Result<PreparedJws> prepare_jws_of_hash(const Bytes& document_hash,
                                        std::string_view name,
                                        const std::vector<Bytes>& chain,
                                        const Algorithm& algorithm,
                                        std::int64_t signing_time_ms);

// detached: RFC 7515 appendix F, `header..signature`.
enum class JwsPayload { detached, attached };

// The signature (ECDSA: DER) is checked under the leaf's key first: `internal` when it does not
// verify.
Result<std::string> finish_jws(std::string_view signing_input,
                               const Algorithm& algorithm,
                               const Bytes& signature,
                               const Bytes& leaf,
                               JwsPayload payload = JwsPayload::detached);

}  // namespace cloudsign::document
