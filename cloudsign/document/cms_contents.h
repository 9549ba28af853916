#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "hsm/protocol/types.h"

namespace cloudsign::document {

// A CMS signature (RFC 5652) of one signer, whoever made it.
class CmsContents {
public:
    // `der` may be followed by what fills a place up. `invalid` when it is none, or has not exactly
    // one signer.
    static Result<CmsContents> read(hsm::ByteView der);

    CmsContents(CmsContents&&) noexcept;
    CmsContents& operator=(CmsContents&&) noexcept;
    ~CmsContents();

    // The digest that the document was hashed with.
    hsm::protocol::DigestAlgorithm digest() const { return digest_; }
    const Bytes& signer() const { return signer_; }                           // its certificate
    const std::vector<Bytes>& certificates() const { return certificates_; }  // all that are inside
    const Bytes& signature() const { return signature_; }                     // the value
    // Of a signature-time-stamp (RFC 3161 appendix A), the first; empty: there is none.
    const Bytes& timestamp() const { return timestamp_; }

    // `invalid` unless the signature is the signer's, over attributes that name this document.
    Result<void> check(const Bytes& document_hash) const;

    // The same signature with this token beside it, DER.
    Result<Bytes> with_timestamp(const Bytes& token) const;

private:
    struct Parsed;
    CmsContents();

    std::unique_ptr<Parsed> parsed_;
    hsm::protocol::DigestAlgorithm digest_{};
    Bytes signer_;
    std::vector<Bytes> certificates_;
    Bytes signature_;
    Bytes timestamp_;
};

// `bytes` as far as the DER object that they begin with goes; empty when there is none.
hsm::ByteView der_object(hsm::ByteView bytes);

}  // namespace cloudsign::document
