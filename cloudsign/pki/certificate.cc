#include "cloudsign/pki/certificate.h"

#include <algorithm>

#include <openssl/pem.h>

#include "cloudsign/pki/asn1_time.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/serial_text.h"
#include "cloudsign/pki/signature_algorithm.h"
#include "cloudsign/pki/signed_structure.h"
#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}
Error broken(std::string detail) {
    return {ErrorKind::internal, std::move(detail)};
}

Result<void> add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    openssl::X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    if (!extension || X509_add_ext(certificate, extension.get(), -1) != 1) {
        return broken(std::string("extension ") + OBJ_nid2sn(nid));
    }
    return {};
}

Result<void> add_extensions(X509* certificate, X509* issuer, const TbsRequest& request) {
    for (const auto& text : extensions_of(request.profile)) {
        TRY(add_extension(certificate, issuer, text.nid, text.value));
    }
    // A root says nothing about itself that anybody would look up.
    if (request.profile == Profile::root) {
        return {};
    }
    const auto& at = request.published;
    std::string access;
    if (!at.ocsp.empty() && request.profile != Profile::ocsp) {
        access = "OCSP;URI:" + at.ocsp;
    }
    if (!at.issuer.empty()) {
        access += (access.empty() ? "" : ",") + ("caIssuers;URI:" + at.issuer);
    }
    if (!access.empty()) {
        TRY(add_extension(certificate, issuer, NID_info_access, access.c_str()));
    }
    if (!at.list.empty()) {
        TRY(add_extension(
            certificate, issuer, NID_crl_distribution_points, ("URI:" + at.list).c_str()));
    }
    return {};
}

Result<void> set_validity(X509* certificate, const X509* issuer, const TbsRequest& request) {
    auto from = request.valid_from_ms;
    auto to = request.valid_to_ms;
    if (issuer != nullptr) {
        from = std::max(from, to_ms(X509_get0_notBefore(issuer)));
        to = std::min(to, to_ms(X509_get0_notAfter(issuer)));
    }
    if (from >= to) {
        return wrong("the issuer's certificate leaves no validity");
    }
    if (ASN1_TIME_set(X509_getm_notBefore(certificate), from / 1000) == nullptr ||
        ASN1_TIME_set(X509_getm_notAfter(certificate), to / 1000) == nullptr) {
        return wrong("validity");
    }
    return {};
}

Result<void> set_serial_number(X509* certificate, std::array<hsm::Byte, 16> serial) {
    // Positive, and of full length whatever was drawn.
    serial[0] = static_cast<hsm::Byte>((serial[0] & 0x7f) | 0x40);
    openssl::BignumPtr number(BN_bin2bn(serial.data(), serial.size(), nullptr));
    if (!number ||
        BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) == nullptr) {
        return broken("serial number");
    }
    return {};
}

Result<CertificateFacts> facts_of(X509* certificate) {
    CertificateFacts facts;
    facts.subject = format_name(X509_get_subject_name(certificate));
    facts.issuer = format_name(X509_get_issuer_name(certificate));
    facts.serial_number = serial_text(X509_get0_serialNumber(certificate));
    facts.valid_from_ms = to_ms(X509_get0_notBefore(certificate));
    facts.valid_to_ms = to_ms(X509_get0_notAfter(certificate));
    facts.spki = openssl::to_der(X509_get_X509_PUBKEY(certificate), i2d_X509_PUBKEY);
    return facts;
}

}  // namespace

Result<Bytes> build_tbs(const TbsRequest& request) {
    openssl::X509Ptr certificate(X509_new());
    openssl::X509Ptr issuer;
    if (!request.issuer.empty()) {
        issuer = openssl::read_x509(request.issuer);
        if (!issuer) {
            return wrong("the issuer's certificate cannot be read");
        }
    }
    TRY_ASSIGN(auto subject, parse_name(request.subject));
    const auto key = openssl::from_der<openssl::X509PubkeyPtr>(request.spki, d2i_X509_PUBKEY);
    EVP_PKEY* public_key = key ? X509_PUBKEY_get0(key.get()) : nullptr;
    if (public_key == nullptr || X509_set_pubkey(certificate.get(), public_key) != 1) {
        return wrong("the public key cannot be read");
    }
    X509_set_version(certificate.get(), X509_VERSION_3);
    X509_set_subject_name(certificate.get(), subject.get());
    X509_set_issuer_name(certificate.get(),
                         issuer ? X509_get_subject_name(issuer.get()) : subject.get());
    TRY(set_serial_number(certificate.get(), request.serial_number));
    TRY(set_validity(certificate.get(), issuer.get(), request));
    TRY(add_extensions(certificate.get(), issuer ? issuer.get() : certificate.get(), request));
    // OpenSSL has no setter for the algorithm inside the TBS but its own signing call.
    auto* inside = const_cast<X509_ALGOR*>(X509_get0_tbs_sigalg(certificate.get()));
    if (!set_signature_algorithm(inside, request.algorithm)) {
        return broken("signature algorithm");
    }
    auto tbs = openssl::to_der(certificate.get(), i2d_re_X509_tbs);
    if (tbs.empty()) {
        return broken("TBSCertificate cannot be encoded");
    }
    return tbs;
}

Result<Bytes> assemble(const Bytes& tbs,
                       const Algorithm& algorithm,
                       const Bytes& signature,
                       const Bytes& issuer) {
    auto der = wrap_signed(tbs, algorithm, signature);
    auto certificate = openssl::read_x509(der);
    auto signer = issuer.empty() ? openssl::read_x509(der) : openssl::read_x509(issuer);
    if (!certificate || !signer) {
        return broken("the certificate cannot be put together");
    }
    EVP_PKEY* key = X509_get0_pubkey(signer.get());
    if (key == nullptr || X509_verify(certificate.get(), key) != 1) {
        return broken("the issuer's signature on the certificate is wrong");
    }
    return der;
}

Result<CertificateFacts> read_certificate(hsm::ByteView der) {
    const auto certificate = parsed_certificate(der);
    if (!certificate) {
        return wrong("the certificate cannot be read");
    }
    return facts_of(certificate.get());
}

Result<CertificateFacts> read_tbs(hsm::ByteView der) {
    // With an empty signature around it, a TBSCertificate is read like a certificate.
    const Bytes placeholder(1, 0);
    const Algorithm any{hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};
    return read_certificate(wrap_signed(Bytes(der.begin(), der.end()), any, placeholder));
}

std::string to_pem(const Bytes& certificate) {
    auto parsed = openssl::read_x509(certificate);
    CHECK(parsed != nullptr);
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), parsed.get());
    return openssl::text_of(out.get());
}

Result<Bytes> from_pem(std::string_view pem) {
    const openssl::BioPtr in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    openssl::X509Ptr certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr));
    if (!certificate) {
        return wrong("not a certificate in PEM");
    }
    return openssl::to_der(certificate.get(), i2d_X509);
}

Algorithm default_algorithm(hsm::protocol::KeyType type) {
    using hsm::protocol::DigestAlgorithm;
    using hsm::protocol::KeyType;
    using hsm::protocol::Scheme;
    switch (type) {
        case KeyType::p256:
            return {Scheme::ecdsa, DigestAlgorithm::sha256, 0};
        case KeyType::p384:
            return {Scheme::ecdsa, DigestAlgorithm::sha384, 0};
        case KeyType::rsa2048:
        case KeyType::rsa3072:
        case KeyType::rsa4096:
            break;
    }
    return {Scheme::rsa_pkcs1, DigestAlgorithm::sha256, 0};
}

}  // namespace cloudsign::pki
