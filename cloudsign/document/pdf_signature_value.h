#pragma once

#include <qpdf/QPDFObjectHandle.hh>
#include <string>

namespace cloudsign::document {

// The body of a signature dictionary with its two places, and where they are within it: what a
// ByteRange covers is known when everything is written, and /Contents when that is signed.
struct SignatureValue {
    std::string text;
    std::size_t byte_range = 0;
    std::size_t contents = 0;
    std::size_t room = 0;  // for a CMS of so many bytes
};
SignatureValue signature_value(QPDFObjectHandle dictionary, std::size_t room);

// An increment in two parts: up to the signature's "<", and behind its ">".
struct AroundContents {
    std::string before;
    std::string after;
};
// Fills in the ByteRange. `value_at`: where its body stands in `increment`.
AroundContents cut_at_contents(std::string increment,
                               std::size_t value_at,
                               const SignatureValue& value,
                               std::size_t base_size);

}  // namespace cloudsign::document
