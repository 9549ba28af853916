#include "hsm/softphone/certificate_request.h"

#include <ctime>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "hsm/openssl/der.h"
#include "hsm/openssl/digest.h"
#include "hsm/softphone/printable.h"

namespace hsm::softphone {
namespace {

std::string format_name(const X509_NAME* name) {
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return openssl::text_of(out.get());
}

// With an empty signature around it, a TBSCertificate is read like a certificate.
Bytes wrapped(const Bytes& tbs) {
    constexpr Byte no_signature[] = {0x30,
                                     0x0a,
                                     0x06,
                                     0x08,
                                     0x2a,
                                     0x86,
                                     0x48,
                                     0xce,
                                     0x3d,
                                     0x04,
                                     0x03,
                                     0x02,  // ecdsa-SHA256
                                     0x03,
                                     0x02,
                                     0x00,
                                     0x00};
    Bytes body = tbs;
    body.insert(body.end(), std::begin(no_signature), std::end(no_signature));
    Bytes certificate(16);
    auto* at = certificate.data();
    ASN1_put_object(&at, 1, static_cast<int>(body.size()), V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
    certificate.resize(static_cast<std::size_t>(at - certificate.data()));
    certificate.insert(certificate.end(), body.begin(), body.end());
    return certificate;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
    std::tm fields{};
    if (ASN1_TIME_to_tm(time, &fields) != 1) {
        return -1;
    }
    return static_cast<std::int64_t>(::timegm(&fields));
}

std::string serial_of(X509* certificate) {
    const auto* serial = X509_get0_serialNumber(certificate);
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string text;
    for (int i = 0; i < serial->length; ++i) {
        text += digits[serial->data[i] >> 4];
        text += digits[serial->data[i] & 15];
    }
    return text;
}

bool is_authority(X509* certificate) {
    int found = 0;  // -1: absent; -2: twice; otherwise there, though perhaps unreadable
    const openssl::BasicConstraintsPtr constraints(static_cast<BASIC_CONSTRAINTS*>(
        X509_get_ext_d2i(certificate, NID_basic_constraints, &found, nullptr)));
    return constraints ? constraints->ca != 0 : found != -1;
}

// What OpenSSL calls it when nothing of that kind is said.
constexpr auto nothing_said = UINT32_MAX;

bool says_more(X509* certificate, bool authority) {
    const auto usage = X509_get_key_usage(certificate);
    const bool signs_certificates =
        usage != nothing_said && (usage & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)) != 0;
    return (X509_get_extension_flags(certificate) & (EXFLAG_INVALID | EXFLAG_CRITICAL)) != 0 ||
           X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) >= 0 ||
           (signs_certificates && !authority);
}

std::string use_of(X509* certificate) {
    const auto usage = X509_get_extended_key_usage(certificate);
    if (usage == nothing_said) {
        return {};
    }
    if ((usage & XKU_OCSP_SIGN) != 0) {
        return "answers about the status of certificates";
    }
    return (usage & XKU_TIMESTAMP) != 0 ? "time-stamps" : "";
}

}  // namespace

Outcome<TbsCertificate> read_tbs_certificate(const Bytes& tbs) {
    const Problem wrong{ProblemKind::refused, "what is to be signed is not a certificate"};
    const auto der = wrapped(tbs);
    const auto certificate = openssl::read_x509(der);
    ERR_clear_error();
    // Encoded anew it has to give the same bytes: nothing is signed that OpenSSL has not read.
    if (!certificate || openssl::to_der(certificate.get(), i2d_re_X509_tbs) != tbs) {
        return wrong;
    }
    TbsCertificate read;
    read.subject = format_name(X509_get_subject_name(certificate.get()));
    read.issuer = format_name(X509_get_issuer_name(certificate.get()));
    read.serial_number = serial_of(certificate.get());
    read.valid_from = seconds_of(X509_get0_notBefore(certificate.get()));
    read.valid_to = seconds_of(X509_get0_notAfter(certificate.get()));
    const auto spki = openssl::to_der(X509_get_X509_PUBKEY(certificate.get()), i2d_X509_PUBKEY);
    read.authority = is_authority(certificate.get());
    read.use = use_of(certificate.get());
    const bool more = says_more(certificate.get(), read.authority);
    ERR_clear_error();
    if (more) {
        return Problem{
            ProblemKind::refused,
            "the certificate of " + printable(read.subject) + " says more than a phone can show"};
    }
    if (spki.empty() || read.valid_from < 0 || read.valid_to < 0) {
        return wrong;
    }
    read.key_id = sha256(spki);
    return read;
}

}  // namespace hsm::softphone
