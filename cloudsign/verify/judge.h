#pragma once

#include "cloudsign/verify/cms.h"
#include "cloudsign/verify/status.h"

// Who signed, when, and whether their certificate was good then: the same for every format.
namespace cloudsign::verify {

// What the verifier believes, and when it does so.
struct Setting {
    X509_STORE* anchors = nullptr;
    std::int64_t now_ms = 0;
    const evidence::Fetch* fetch = nullptr;  // nullptr: nobody is asked
};

// All certificates and statements that a file carries, for all its signatures.
struct Material {
    CertificatePool pool;
    Evidence evidence;
};

struct CheckedTimestamp {
    Findings findings;
    bool is_intact = false;  // about this content, and signed by whoever its certificate names
    std::optional<std::int64_t> time_ms;
    hsm::openssl::X509Ptr certificate;
    bool has_embedded_status = false;  // of its certificate, without asking anybody
    std::string digest_algorithm;
    std::string signature_algorithm;

    bool proves() const { return time_ms && worst(findings) == Verdict::valid; }
};

// A TimeStampToken (RFC 3161) over `content`. `control_ms`: when it is known to have been there, by
// a later time-stamp; otherwise now.
CheckedTimestamp check_timestamp(hsm::ByteView token,
                                 const Content& content,
                                 const Material& material,
                                 std::int64_t control_ms,
                                 const Setting& setting);

// The certificate of an intact or broken signature, at the time that is proven or now, into
// `report`. True: what the file itself carries says that nothing of the path was revoked.
bool judge_certificate(SignatureReport& report,
                       X509* certificate,
                       const Material& material,
                       const Setting& setting);

}  // namespace cloudsign::verify
