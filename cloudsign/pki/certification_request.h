#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

// Asking another authority for a certificate (PKCS #10, RFC 2986) and judging what it issues.
namespace cloudsign::pki {

// CertificationRequestInfo (RFC 2986 §4.1), DER, without attributes: what the key's holder approves
// and the key signs. `subject`: RFC 4514; `spki`: SubjectPublicKeyInfo, DER. `invalid` when one of
// them cannot be read.
Result<Bytes> build_request_info(std::string_view subject, const Bytes& spki);

// The request of `info`, DER, whose signature is checked under the key in it: a wrong one never
// leaves as a proof of possession. `internal` otherwise.
Result<Bytes> assemble_request(const Bytes& info,
                               const hsm::protocol::Algorithm& algorithm,
                               const Bytes& signature);

std::string request_to_pem(const Bytes& request);

// What was asked for. `as_asked`: the certificate's subject has each part of `subject` and may have
// more, as authorities add what they know, but no second CN, serialNumber or UID; `any`: somebody
// has looked at what it says instead.
enum class SubjectRule { as_asked, any };
struct AskedCertificate {
    Bytes spki;
    std::string subject;  // RFC 4514
    SubjectRule rule = SubjectRule::as_asked;
};

// The chain from `certificate` to one of `anchors`, when it is what was asked for: of this key, of
// that subject, no authority's, for documents (is_for_documents()), with a serial number of RFC
// 5280, valid at `now_ms`, each link signed by nothing weaker than SHA-256. `others`: what may
// stand between, in any order. `invalid` otherwise, in words that say what is wrong.
Result<std::vector<Bytes>> check_issued(const Bytes& certificate,
                                        const std::vector<Bytes>& others,
                                        const std::vector<Bytes>& anchors,
                                        const AskedCertificate& asked,
                                        std::int64_t now_ms);

}  // namespace cloudsign::pki
