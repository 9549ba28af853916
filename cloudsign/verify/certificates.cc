#include "cloudsign/verify/certificates.h"

#include <algorithm>
#include <ctime>

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/distinguished_name.h"
#include "hsm/openssl/der.h"

namespace cloudsign::verify {
namespace {

namespace openssl = hsm::openssl;

constexpr int path_length_max = 10;
constexpr std::size_t elements_max = 2000;
constexpr int rsa_bits_min = 2048;
constexpr int ec_bits_min = 256;

// OpenSSL goes on beyond whom it need not: what the file offers as issuers of an anchor is nobody's
// word.
void end_at_anchor(STACK_OF(X509) * chain, X509_STORE* anchors) {
    auto* objects = X509_STORE_get0_objects(anchors);
    for (int i = 0; i < sk_X509_num(chain); ++i) {
        for (int k = 0; k < sk_X509_OBJECT_num(objects); ++k) {
            const auto* anchor = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, k));
            if (anchor == nullptr || X509_cmp(anchor, sk_X509_value(chain, i)) != 0) {
                continue;
            }
            while (sk_X509_num(chain) > i + 1) {
                X509_free(sk_X509_pop(chain));
            }
            return;
        }
    }
}

}  // namespace

void Evidence::add_answer(Bytes der) {
    if (answers.size() < count_max) {
        answers.push_back(std::move(der));
    }
}

void Evidence::add_list(Bytes der) {
    if (lists.size() < count_max) {
        lists.push_back(std::move(der));
    }
}

void Evidence::add(const Evidence& other) {
    for (const auto& answer : other.answers) {
        add_answer(answer);
    }
    for (const auto& list : other.lists) {
        add_list(list);
    }
}

void CertificatePool::add(hsm::ByteView der) {
    auto certificate = openssl::read_x509(der);
    ERR_clear_error();
    if (certificate) {
        add(certificate.get());
    }
}

void CertificatePool::add(X509* certificate) {
    if (static_cast<std::size_t>(sk_X509_num(stack_.get())) >= count_max) {
        return;
    }
    for (int i = 0; i < sk_X509_num(stack_.get()); ++i) {
        if (X509_cmp(sk_X509_value(stack_.get(), i), certificate) == 0) {
            return;
        }
    }
    X509_up_ref(certificate);
    sk_X509_push(stack_.get(), certificate);
}

X509* Path::issuer_of(int index) const {
    if (index + 1 < size()) {
        return at(index + 1);
    }
    // The anchor is its own, or nobody here knows who issued it.
    return nullptr;
}

Path build_path(X509* leaf, const CertificatePool& pool, X509_STORE* anchors) {
    Path path;
    const pki::StoreContextPtr context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), anchors, leaf, pool.stack()) != 1) {
        path.findings.push_back({Code::chain_broken, ""});
        return path;
    }
    auto* parameters = X509_STORE_CTX_get0_param(context.get());
    // Whoever is named as trusted is, root or not.
    X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
    X509_VERIFY_PARAM_set_depth(parameters, path_length_max);
    const bool is_trusted = X509_verify_cert(context.get()) == 1;
    path.chain.reset(X509_STORE_CTX_get1_chain(context.get()));
    if (is_trusted) {
        end_at_anchor(path.chain.get(), anchors);
    } else {
        const int error = X509_STORE_CTX_get_error(context.get());
        const bool is_unknown = error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
                                error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
                                error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
                                error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
                                error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
        const int last = path.size() - 1;
        path.findings.push_back(
            is_unknown
                ? Finding{Code::untrusted_root, last < 0 ? "" : report_of(path.at(last)).issuer}
                : Finding{Code::chain_broken, X509_verify_cert_error_string(error)});
    }
    ERR_clear_error();
    return path;
}

Findings check_algorithms(const Path& path) {
    Findings findings;
    for (int i = 0; i < path.size(); ++i) {
        auto* certificate = path.at(i);
        if (!is_strong_key(X509_get0_pubkey(certificate))) {
            findings.push_back({Code::weak_key, report_of(certificate).subject});
        }
        int digest = NID_undef;
        // Nobody looks at the signature on the certificate that is trusted itself.
        const bool is_signature_judged = i + 1 < path.size();
        if (is_signature_judged &&
            X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) == 1 &&
            digest != NID_undef && !is_strong_digest(digest)) {
            findings.push_back({Code::weak_digest, report_of(certificate).subject});
        }
    }
    ERR_clear_error();
    return findings;
}

Validity validity_at(const X509* certificate, std::int64_t time_ms) {
    const auto from = to_ms(X509_get0_notBefore(certificate));
    const auto to = to_ms(X509_get0_notAfter(certificate));
    if (!from || time_ms < *from) {
        return Validity::before;
    }
    // RFC 5280 §4.1.2.5: through the second named.
    return !to || time_ms >= *to + 1000 ? Validity::after : Validity::within;
}

X509* outside_validity(const Path& path, std::int64_t time_ms) {
    for (int i = 0; i < path.size(); ++i) {
        if (validity_at(path.at(i), time_ms) != Validity::within) {
            return path.at(i);
        }
    }
    return nullptr;
}

CertificateReport report_of(X509* certificate) {
    CertificateReport report;
    const auto facts = pki::read_certificate(openssl::to_der(certificate, i2d_X509));
    if (facts) {
        report.subject = facts->subject;
        report.issuer = facts->issuer;
        report.serial_number = facts->serial_number;
        report.valid_from_ms = facts->valid_from_ms;
        report.valid_to_ms = facts->valid_to_ms;
    }
    const auto* name = X509_get_subject_name(certificate);
    report.name = pki::attribute_of(name, NID_commonName);
    if (report.name.empty()) {
        report.name = report.subject;
    }
    report.is_of_organisation = pki::names_organisation(name);
    return report;
}

bool is_strong_digest(int nid) {
    constexpr int strong[] = {NID_sha256,
                              NID_sha384,
                              NID_sha512,
                              NID_sha512_256,
                              NID_sha3_256,
                              NID_sha3_384,
                              NID_sha3_512,
                              NID_shake256};
    return std::ranges::find(strong, nid) != std::end(strong);
}

bool is_strong_key(EVP_PKEY* key) {
    if (key == nullptr) {
        return false;
    }
    const int bits = EVP_PKEY_get_bits(key);
    switch (EVP_PKEY_get_base_id(key)) {
        case EVP_PKEY_RSA:
        case EVP_PKEY_RSA_PSS:
            return bits >= rsa_bits_min;
        case EVP_PKEY_EC:
            return bits >= ec_bits_min;
        case EVP_PKEY_ED25519:
        case EVP_PKEY_ED448:
            return true;
        default:
            return false;
    }
}

std::optional<std::int64_t> to_ms(const ASN1_TIME* time) {
    std::tm calendar{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &calendar) != 1) {
        return std::nullopt;
    }
    return static_cast<std::int64_t>(timegm(&calendar)) * 1000;
}

std::vector<Bytes> elements_of(hsm::ByteView der) {
    std::vector<Bytes> elements;
    auto left = inside_of(der);
    const unsigned char* at = left.data();
    const unsigned char* end = at + left.size();
    while (at < end && elements.size() < elements_max) {
        const auto* begin = at;
        long size = 0;
        int tag = 0;
        int type = 0;
        const int flags = ASN1_get_object(&at, &size, &tag, &type, end - at);
        // 0x80: an error; 0x01: of indefinite length, which DER has not.
        if ((flags & 0x80) != 0 || (flags & 0x01) != 0) {
            break;
        }
        at += size;
        elements.emplace_back(begin, at);
    }
    ERR_clear_error();
    return elements;
}

Bytes inside_of(hsm::ByteView der) {
    const unsigned char* at = der.data();
    long size = 0;
    int tag = 0;
    int type = 0;
    const int flags = ASN1_get_object(&at, &size, &tag, &type, static_cast<long>(der.size()));
    if ((flags & 0x80) != 0 || (flags & V_ASN1_CONSTRUCTED) == 0 || (flags & 0x01) != 0) {
        ERR_clear_error();
        return {};
    }
    return {at, at + size};
}

}  // namespace cloudsign::verify
