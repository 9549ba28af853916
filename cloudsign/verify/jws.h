#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "cloudsign/verify/cms.h"

namespace cloudsign::verify {

// A compact JWS (RFC 7515 §7.1) as it lies in a file: anybody may have written it.
class Jws {
public:
    // None unless it is three parts of strict base64url with one JSON object for a header. What
    // stands around it may be white space.
    static std::optional<Jws> read(hsm::ByteView text);
    // Whether a file is text, which no DER is: it is then read as a JWS and as nothing else.
    static bool looks_like(hsm::ByteView file);

    // The certificates of x5c are put into `pool`.
    void collect(CertificatePool& pool) const;
    // Whether the header says when it was signed.
    bool names_time() const;
    CheckedSigner check(hsm::ByteView document) const;

private:
    Jws() = default;

    std::vector<Bytes> certificates() const;

    std::string header_text_;  // base64url
    std::string payload_;      // as it stands there
    Bytes signature_;
    boost::json::object header_;
};

}  // namespace cloudsign::verify
