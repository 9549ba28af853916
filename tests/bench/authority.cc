#include "tests/bench/authority.h"

#include <algorithm>

#include "cloudsign/clock.h"
#include "cloudsign/hex.h"
#include "cloudsign/random.h"
#include "firmware/engine/der.h"
#include "hsm/openssl/der.h"
#include "tests/bench/failure.h"
#include "tests/bench/subscriber.h"

namespace bench {
namespace {

using cloudsign::Bytes;
using cloudsign::pki::Profile;
using cloudsign::pki::TbsRequest;
using hsm::openssl::EvpKeyPtr;

constexpr hsm::protocol::Algorithm ecdsa_sha256{
    hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};
constexpr std::int64_t validity_ms = 3LL * 365 * 24 * 3600 * 1000;
constexpr std::uint64_t checked_every = 1000;

Bytes spki_of(EVP_PKEY* key) {
    return hsm::openssl::to_der<const EVP_PKEY>(key, i2d_PUBKEY);
}

Bytes build(Profile profile, const std::string& subject, Bytes spki, Bytes issuer) {
    TbsRequest request;
    request.profile = profile;
    request.subject = subject;
    request.spki = std::move(spki);
    request.issuer = std::move(issuer);
    request.algorithm = ecdsa_sha256;
    cloudsign::fill_random(request.serial_number);
    request.valid_from_ms = cloudsign::SystemClock().now_ms();
    request.valid_to_ms = request.valid_from_ms + validity_ms;
    return need(cloudsign::pki::build_tbs(request), "certificate");
}

// RFC 5280 §4.1: Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }.
Bytes put_together(const Bytes& tbs, const Bytes& signature) {
    constexpr std::array<hsm::Byte, 12> ecdsa_with_sha256 = {
        0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    Bytes buffer(tbs.size() + signature.size() + 64);
    firmware::engine::DerWriter certificate(buffer);
    certificate.bytes(signature);
    certificate.byte(0);  // no unused bits
    certificate.header(firmware::engine::der_bit_string, signature.size() + 1);
    certificate.bytes(ecdsa_with_sha256);
    certificate.bytes(tbs);
    certificate.header(firmware::engine::der_sequence, certificate.size());
    CHECK(certificate.ok());
    const auto written = certificate.written();
    return {written.begin(), written.end()};
}

}  // namespace

Authority::Authority(const std::string& subject) : key_(EVP_EC_gen("P-256")) {
    CHECK(key_ != nullptr);
    const auto own = build(Profile::root, subject, spki_of(key_.get()), {});
    certificate_ = need(cloudsign::pki::assemble(own, ecdsa_sha256, sign(own), {}), subject);
    facts_ = need(cloudsign::pki::read_certificate(certificate_), subject);
    const EvpKeyPtr nobody(EVP_EC_gen("P-256"));
    auto spki = spki_of(nobody.get());
    auto tbs =
        build(Profile::person, subject_of(CertificateTemplate::blank_digits), spki, certificate_);
    template_ = CertificateTemplate(std::move(tbs), std::move(spki));
}

Bytes Authority::sign(const Bytes& tbs) const {
    const hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    Bytes signature(hsm::protocol::ecdsa_der_size_max);
    std::size_t size = signature.size();
    CHECK(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1);
    CHECK(EVP_DigestSign(context.get(), signature.data(), &size, tbs.data(), tbs.size()) == 1);
    signature.resize(size);
    return signature;
}

IssuedCertificate Authority::issue(const std::string& digits, hsm::ByteView spki) {
    const auto serial_number = CertificateTemplate::fresh_serial_number();
    const auto tbs = template_.fill(digits, spki, serial_number);
    const auto signature = sign(tbs);
    IssuedCertificate issued{put_together(tbs, signature), cloudsign::hex(serial_number)};
    std::ranges::transform(issued.serial_number, issued.serial_number.begin(), ::toupper);
    // The product's own way checks the signature too.
    if (issued_++ % checked_every == 0) {
        CHECK(need(cloudsign::pki::assemble(tbs, ecdsa_sha256, signature, certificate_),
                   "certificate") == issued.der);
    }
    return issued;
}

}  // namespace bench
