#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <openssl/cms.h>

#include "cloudsign/verify/certificates.h"
#include "cloudsign/verify/finding.h"

namespace cloudsign::verify {

constexpr std::size_t cms_size_max = 16 * 1024 * 1024;
constexpr std::size_t cms_signers_max = 16;

// What a signature is about, in the order in which it is hashed.
using Content = std::vector<hsm::ByteView>;

// What stands in a CMS about one of its signers.
struct CheckedSigner {
    Findings findings;
    hsm::openssl::X509Ptr certificate;  // nullptr: it is nowhere
    bool is_intact = false;             // content, attributes and key agree
    bool names_certificate = false;     // signing-certificate or -v2, and it is this one
    Bytes signature;
    std::optional<std::int64_t> claimed_time_ms;
    Bytes timestamp;  // TimeStampToken over `signature`; empty: none
    std::string digest_algorithm;
    std::string signature_algorithm;
    Evidence evidence;  // that this signer's attributes carry
};

// A SignedData (RFC 5652) as it lies in a file: anybody may have written it.
class Cms {
public:
    // None when `der` does not begin with one. `used`: how many bytes it takes.
    static std::optional<Cms> read(hsm::ByteView der, std::size_t& used);

    std::size_t signers() const;
    // The encapsulated content of this type (an OID); none when there is none, or of another.
    std::optional<Bytes> content(const char* type) const;
    // Certificates and lists that it carries are put into `pool` and `evidence`.
    void collect(CertificatePool& pool, Evidence& evidence) const;
    // Looks for the signer's certificate here and in `pool`.
    CheckedSigner check(std::size_t index,
                        const Content& content,
                        const CertificatePool& pool) const;

private:
    using Pointer = std::unique_ptr<CMS_ContentInfo, hsm::openssl::Freed<CMS_ContentInfo_free>>;

    explicit Cms(Pointer cms) : cms_(std::move(cms)) {}

    Pointer cms_;
};

}  // namespace cloudsign::verify
