#include "cloudsign/pki/certification_request.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/certificate_use.h"
#include "cloudsign/pki/chain.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/signed_structure.h"
#include "hsm/base/check.h"
#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;
using RequestPtr = std::unique_ptr<X509_REQ, openssl::Freed<X509_REQ_free>>;

Error wrong(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}
Error broken(std::string detail) {
    return {ErrorKind::internal, std::move(detail)};
}

int count_of(const X509_NAME* name, const ASN1_OBJECT* type) {
    int count = 0;
    for (int at = -1; (at = X509_NAME_get_index_by_OBJ(name, type, at)) >= 0;) {
        ++count;
    }
    return count;
}

// What says who somebody is: a second one would name somebody else as well.
bool is_identifying(const ASN1_OBJECT* type) {
    const int nid = OBJ_obj2nid(type);
    return nid == NID_commonName || nid == NID_serialNumber || nid == NID_userId;
}

bool has_entry(const X509_NAME* name, const X509_NAME_ENTRY* wanted) {
    const auto* type = X509_NAME_ENTRY_get_object(wanted);
    const auto value_of = [](const X509_NAME_ENTRY* entry) {
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(entry));
        const openssl::OpensslBytesPtr owner(text);
        return size < 0 ? std::string()
                        : std::string(reinterpret_cast<char*>(text), static_cast<size_t>(size));
    };
    for (int at = X509_NAME_get_index_by_OBJ(name, type, -1); at >= 0;
         at = X509_NAME_get_index_by_OBJ(name, type, at)) {
        if (value_of(X509_NAME_get_entry(name, at)) == value_of(wanted)) {
            return true;
        }
    }
    return false;
}

Result<void> check_subject(const X509* certificate, const std::string& subject) {
    TRY_ASSIGN(const auto asked, parse_name(subject));
    const auto* name = X509_get_subject_name(certificate);
    for (int i = 0; i < X509_NAME_entry_count(asked.get()); ++i) {
        const auto* entry = X509_NAME_get_entry(asked.get(), i);
        const auto* type = X509_NAME_ENTRY_get_object(entry);
        const bool is_more =
            is_identifying(type) && count_of(name, type) > count_of(asked.get(), type);
        if (is_more || !has_entry(name, entry)) {
            return wrong("the certificate is for " + format_name(name) +
                         "; its subject was to have every part of " + subject +
                         ", and CN, serialNumber and UID no second time");
        }
    }
    return {};
}

// RFC 5280 §4.1.2.2
Result<void> check_serial_number(const X509* certificate) {
    constexpr int size_max = 20;
    const auto* number = X509_get0_serialNumber(certificate);
    const openssl::BignumPtr value(ASN1_INTEGER_to_BN(number, nullptr));
    if (!value || BN_is_zero(value.get()) || BN_is_negative(value.get()) ||
        ASN1_STRING_length(number) > size_max) {
        return wrong("the certificate's serial number is none: positive, of at most 20 bytes");
    }
    return {};
}

// RFC 5280 §4.2.1.3, §4.2.1.9
Result<void> check_use(X509* certificate) {
    const auto flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0) {
        return wrong("the certificate's extensions cannot be read");
    }
    constexpr auto certifies = KU_KEY_CERT_SIGN | KU_CRL_SIGN;
    const bool has_usage = (flags & EXFLAG_KUSAGE) != 0;
    const auto usage = X509_get_key_usage(certificate);
    if ((flags & EXFLAG_CA) != 0 || (has_usage && (usage & certifies) != 0)) {
        return wrong("the certificate is an authority's");
    }
    constexpr auto signs = KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
    if (!has_usage || (usage & signs) == 0) {
        return wrong("the certificate's key usage has neither digitalSignature nor nonRepudiation");
    }
    if (!is_for_documents(certificate)) {
        return wrong("the certificate's extended key usage is not for documents");
    }
    return {};
}

// But the anchor's own, which nobody looks at.
Result<void> check_strength(const std::vector<Bytes>& chain) {
    constexpr int bits_min = 112;  // SHA-1 has 63
    for (std::size_t i = 0; i + 1 < chain.size() || i == 0; ++i) {
        const auto certificate = parsed_certificate(chain[i]);
        int bits = 0;
        if (!certificate ||
            X509_get_signature_info(certificate.get(), nullptr, nullptr, &bits, nullptr) != 1 ||
            bits < bits_min) {
            return wrong("the signature on the certificate of " +
                         (certificate ? format_name(X509_get_subject_name(certificate.get()))
                                      : std::string("its issuer")) +
                         " is too weak: SHA-256 is needed at least");
        }
    }
    return {};
}

bool is_authority(const Bytes& der) {
    const auto certificate = openssl::read_x509(der);
    return certificate && X509_check_ca(certificate.get()) > 0;
}

// Those authorities among `others` that lead to an anchor themselves: OpenSSL follows the first of
// two certificates of one authority, and looks for no other way when that one leads elsewhere.
std::vector<Bytes> leading_to(const std::vector<Bytes>& anchors,
                              const std::vector<Bytes>& others,
                              std::int64_t now_ms) {
    constexpr int links_max = 8;
    constexpr std::size_t found_max = 32;
    std::vector<Bytes> authorities;
    std::ranges::copy_if(others, std::back_inserter(authorities), is_authority);
    std::vector<Bytes> found;
    for (int link = 0; link < links_max; ++link) {
        const auto before = found.size();
        for (const auto& one : authorities) {
            if (found.size() < found_max && std::ranges::find(found, one) == found.end() &&
                find_chain(one, found, anchors, now_ms)) {
                found.push_back(one);
            }
        }
        if (found.size() == before) {
            break;
        }
    }
    return found;
}

}  // namespace

Result<Bytes> build_request_info(std::string_view subject, const Bytes& spki) {
    const RequestPtr request(X509_REQ_new());
    TRY_ASSIGN(const auto name, parse_name(subject));
    const auto key = openssl::from_der<openssl::X509PubkeyPtr>(spki, d2i_X509_PUBKEY);
    EVP_PKEY* public_key = key ? X509_PUBKEY_get0(key.get()) : nullptr;
    if (public_key == nullptr || X509_REQ_set_pubkey(request.get(), public_key) != 1) {
        ERR_clear_error();
        return wrong("the public key cannot be read");
    }
    X509_REQ_set_version(request.get(), X509_REQ_VERSION_1);
    X509_REQ_set_subject_name(request.get(), name.get());
    auto info = openssl::to_der(request.get(), i2d_re_X509_REQ_tbs);
    if (info.empty()) {
        return broken("CertificationRequestInfo cannot be encoded");
    }
    return info;
}

Result<Bytes> assemble_request(const Bytes& info,
                               const hsm::protocol::Algorithm& algorithm,
                               const Bytes& signature) {
    auto der = wrap_signed(info, algorithm, signature);
    const auto request = openssl::from_der<RequestPtr>(der, d2i_X509_REQ);
    EVP_PKEY* key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    if (key == nullptr || X509_REQ_verify(request.get(), key) != 1) {
        ERR_clear_error();
        return broken("the signature on the certification request is wrong");
    }
    return der;
}

std::string request_to_pem(const Bytes& request) {
    const auto parsed = openssl::from_der<RequestPtr>(request, d2i_X509_REQ);
    CHECK(parsed != nullptr);
    const openssl::BioPtr out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509_REQ(out.get(), parsed.get());
    return openssl::text_of(out.get());
}

Result<std::vector<Bytes>> check_issued(const Bytes& certificate,
                                        const std::vector<Bytes>& others,
                                        const std::vector<Bytes>& anchors,
                                        const AskedCertificate& asked,
                                        std::int64_t now_ms) {
    const auto parsed = openssl::read_x509(certificate);  // not shared: its flags are set here
    if (!parsed) {
        return wrong("the certificate cannot be read");
    }
    if (openssl::to_der(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY) != asked.spki) {
        return wrong("the certificate is of another key than was asked for");
    }
    TRY(check_serial_number(parsed.get()));
    TRY(check_use(parsed.get()));
    if (asked.rule == SubjectRule::as_asked) {
        TRY(check_subject(parsed.get(), asked.subject));
    }
    auto chain = find_chain(certificate, leading_to(anchors, others, now_ms), anchors, now_ms);
    if (!chain) {
        chain = find_chain(certificate, others, anchors, now_ms);  // whose reason says more
    }
    if (!chain) {
        return wrong("the certificate does not lead to an authority that is believed: " +
                     chain.error().detail);
    }
    TRY(check_strength(*chain));
    return chain;
}

}  // namespace cloudsign::pki
