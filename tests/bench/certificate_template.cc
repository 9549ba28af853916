#include "tests/bench/certificate_template.h"

#include <algorithm>

#include <openssl/sha.h>

#include "cloudsign/hex.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/random.h"
#include "hsm/protocol/types.h"
#include "tests/bench/failure.h"

namespace bench {
namespace {

using cloudsign::Bytes;
using hsm::ByteView;

// RFC 5280 §4.2.1.2 (1): SHA-1 of the BIT STRING, which is the point at the end.
std::array<hsm::Byte, SHA_DIGEST_LENGTH> key_identifier(ByteView spki) {
    const auto point = spki.last(hsm::protocol::point_size);
    std::array<hsm::Byte, SHA_DIGEST_LENGTH> identifier{};
    ::SHA1(point.data(), point.size(), identifier.data());
    return identifier;
}

// Every place where `from` stands; both have one length.
unsigned replace(Bytes& bytes, ByteView from, ByteView to) {
    CHECK(from.size() == to.size());
    unsigned places = 0;
    // Not std::ranges::search, whose subrange clang 14 cannot compile.
    auto at = std::search(bytes.begin(), bytes.end(), from.begin(), from.end());
    while (at != bytes.end()) {
        at = std::ranges::copy(to, at).out;
        ++places;
        at = std::search(at, bytes.end(), from.begin(), from.end());
    }
    return places;
}

}  // namespace

CertificateTemplate::CertificateTemplate(Bytes tbs, Bytes spki)
    : tbs_(std::move(tbs)), spki_(std::move(spki)) {
    const auto facts = need(cloudsign::pki::read_tbs(tbs_), "certificate");
    serial_number_ = cloudsign::from_hex(facts.serial_number).value_or(Bytes());
    auto copy = tbs_;
    const auto blank = hsm::view_of(blank_digits);
    if (replace(copy, blank, blank) == 0 || replace(copy, spki_, spki_) != 1 ||
        replace(copy, serial_number_, serial_number_) != 1 ||
        replace(copy, key_identifier(spki_), key_identifier(spki_)) != 1) {
        fail("certificate: not what a template can be made of");
    }
}

Bytes CertificateTemplate::fresh_serial_number() {
    Bytes number(16);
    cloudsign::fill_random(number);
    number[0] = static_cast<hsm::Byte>((number[0] & 0x7f) | 0x40);
    return number;
}

Bytes CertificateTemplate::fill(const std::string& digits,
                                ByteView spki,
                                ByteView serial_number) const {
    auto tbs = tbs_;
    replace(tbs, hsm::view_of(blank_digits), hsm::view_of(digits));
    replace(tbs, serial_number_, serial_number);
    replace(tbs, key_identifier(spki_), key_identifier(spki));
    replace(tbs, spki_, spki);
    return tbs;
}

}  // namespace bench
