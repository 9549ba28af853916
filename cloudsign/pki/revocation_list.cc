#include "cloudsign/pki/revocation_list.h"

#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using ListPtr = std::unique_ptr<X509_CRL, openssl::Freed<X509_CRL_free>>;
using RevokedPtr = std::unique_ptr<X509_REVOKED, openssl::Freed<X509_REVOKED_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, openssl::Freed<ASN1_TIME_free>>;
using EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, openssl::Freed<ASN1_ENUMERATED_free>>;

struct ReasonName {
    RevocationReason reason;
    std::string_view name;
};
constexpr ReasonName reason_names[] = {
    {RevocationReason::unspecified, "unspecified"},
    {RevocationReason::key_compromise, "keyCompromise"},
    {RevocationReason::affiliation_changed, "affiliationChanged"},
    {RevocationReason::superseded, "superseded"},
    {RevocationReason::cessation_of_operation, "cessationOfOperation"},
    {RevocationReason::certificate_hold, "certificateHold"},
    {RevocationReason::privilege_withdrawn, "privilegeWithdrawn"},
};

TimePtr time_of(std::int64_t ms) {
    return TimePtr(ASN1_TIME_set(nullptr, ms / 1000));
}

openssl::Asn1IntegerPtr serial_of(const std::string& hex) {
    BIGNUM* number = nullptr;
    if (BN_hex2bn(&number, hex.c_str()) == 0) {
        return nullptr;
    }
    const openssl::BignumPtr owned(number);
    return openssl::Asn1IntegerPtr(BN_to_ASN1_INTEGER(number, nullptr));
}

bool add_entry(X509_CRL* list, const RevokedCertificate& one) {
    RevokedPtr entry(X509_REVOKED_new());
    const auto serial = serial_of(one.serial_number);
    const auto time = time_of(one.revoked_at_ms);
    if (!entry || !serial || !time ||
        X509_REVOKED_set_serialNumber(entry.get(), serial.get()) != 1 ||
        X509_REVOKED_set_revocationDate(entry.get(), time.get()) != 1) {
        return false;
    }
    // RFC 5280 §5.3.1: no reason rather than `unspecified`.
    if (one.reason != RevocationReason::unspecified) {
        const EnumeratedPtr code(ASN1_ENUMERATED_new());
        if (!code || ASN1_ENUMERATED_set(code.get(), static_cast<long>(one.reason)) != 1 ||
            X509_REVOKED_add1_ext_i2d(entry.get(), NID_crl_reason, code.get(), 0, 0) != 1) {
            return false;
        }
    }
    return X509_CRL_add0_revoked(list, entry.release()) == 1;
}

bool add_extensions(X509_CRL* list, X509* issuer, std::int64_t number) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, nullptr, nullptr, list, 0);
    const openssl::X509ExtensionPtr key(
        X509V3_EXT_conf_nid(nullptr, &context, NID_authority_key_identifier, "keyid:always"));
    const openssl::Asn1IntegerPtr count(ASN1_INTEGER_new());
    return key && X509_CRL_add_ext(list, key.get(), -1) == 1 && count &&
           ASN1_INTEGER_set_int64(count.get(), number) == 1 &&
           X509_CRL_add1_ext_i2d(list, NID_crl_number, count.get(), 0, 0) == 1;
}

bool fill(X509_CRL* list, X509* issuer, const RevocationListRequest& request) {
    const auto from = time_of(request.this_update_ms);
    const auto to = time_of(request.next_update_ms);
    if (X509_CRL_set_version(list, X509_CRL_VERSION_2) != 1 ||
        X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) != 1 || !from || !to ||
        X509_CRL_set1_lastUpdate(list, from.get()) != 1 ||
        X509_CRL_set1_nextUpdate(list, to.get()) != 1) {
        return false;
    }
    for (const auto& one : request.revoked) {
        if (!add_entry(list, one)) {
            return false;
        }
    }
    return X509_CRL_sort(list) == 1 && add_extensions(list, issuer, request.number);
}

}  // namespace

std::optional<RevocationReason> revocation_reason_named(std::string_view name) {
    for (const auto& one : reason_names) {
        if (one.name == name) {
            return one.reason;
        }
    }
    return std::nullopt;
}

std::string_view revocation_reason_name(RevocationReason reason) {
    for (const auto& one : reason_names) {
        if (one.reason == reason) {
            return one.name;
        }
    }
    return "unspecified";
}

Result<Bytes> sign_revocation_list(const SigningContext& context,
                                   ExternalSigner& signer,
                                   const RevocationListRequest& request) {
    const auto issuer = context.read_x509(request.issuer);
    const ListPtr list(X509_CRL_new_ex(context.library(), nullptr));
    TRY_ASSIGN(auto key, SigningKey::create(context, signer));
    if (!issuer || !list || !fill(list.get(), issuer.get(), request)) {
        return key->failure("revocation list");
    }
    const auto signing = key->begin();
    if (!signing || X509_CRL_sign_ctx(list.get(), signing.get()) <= 0) {
        return key->failure("revocation list");
    }
    auto der = openssl::to_der(list.get(), i2d_X509_CRL);
    // Read anew, outside our context: what leaves verifies for everybody.
    const auto again = openssl::from_der<ListPtr>(der, d2i_X509_CRL);
    const auto authority = openssl::read_x509(request.issuer);
    if (!again || !authority ||
        X509_CRL_verify(again.get(), X509_get0_pubkey(authority.get())) != 1) {
        return key->failure("the signature on the revocation list is wrong");
    }
    return der;
}

}  // namespace cloudsign::pki
