#include "cloudsign/cmp/cmp_request.h"

#include <openssl/crmf.h>
#include <openssl/err.h>

#include "cloudsign/cmp/der_element.h"
#include "cloudsign/hex.h"
#include "hsm/openssl/der.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;

using Asn1EnumeratedPtr = std::unique_ptr<ASN1_ENUMERATED, openssl::Freed<ASN1_ENUMERATED_free>>;
struct ExtensionsFree {
    void operator()(STACK_OF(X509_EXTENSION) * extensions) const {
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
    }
};
using ExtensionsPtr = std::unique_ptr<STACK_OF(X509_EXTENSION), ExtensionsFree>;

constexpr std::uint64_t rounds_max = 10'000;

Error invalid(const char* detail) {
    ERR_clear_error();
    return {ErrorKind::invalid, detail};
}

// PKIHeader.protectionAlg.
openssl::X509AlgorPtr protection_of(hsm::ByteView message) {
    auto rest = message;
    const auto sequence = take_element(rest);
    auto content = sequence ? sequence->content : hsm::ByteView();
    const auto header = take_element(content);
    auto fields = header ? header->content : hsm::ByteView();
    take_element(fields);  // pvno
    take_element(fields);  // sender
    take_element(fields);  // recipient
    constexpr int protection_tag = 1;
    const auto wrapped = find_context(fields, protection_tag);
    return wrapped ? openssl::from_der<openssl::X509AlgorPtr>(wrapped->content, d2i_X509_ALGOR)
                   : nullptr;
}

// PBMParameter.iterationCount, the third of four.
std::optional<std::uint64_t> rounds_of(const X509_ALGOR* protection) {
    int type = V_ASN1_UNDEF;
    const void* value = nullptr;
    X509_ALGOR_get0(nullptr, &type, &value, protection);
    if (type != V_ASN1_SEQUENCE) {
        return std::nullopt;
    }
    const auto* packed = static_cast<const ASN1_STRING*>(value);
    auto rest = hsm::ByteView(ASN1_STRING_get0_data(packed),
                              static_cast<std::size_t>(ASN1_STRING_length(packed)));
    const auto sequence = take_element(rest);
    auto fields = sequence ? sequence->content : hsm::ByteView();
    take_element(fields);  // salt
    take_element(fields);  // owf
    const auto count = take_element(fields);
    const auto number =
        count ? openssl::from_der<openssl::Asn1IntegerPtr>(count->whole, d2i_ASN1_INTEGER)
              : nullptr;
    std::uint64_t rounds = 0;
    return number && ASN1_INTEGER_get_uint64(&rounds, number.get()) == 1 ? std::optional(rounds)
                                                                         : std::nullopt;
}

std::optional<pki::RevocationReason> taken(long reason) {
    using enum pki::RevocationReason;
    for (const auto known : {unspecified,
                             key_compromise,
                             affiliation_changed,
                             superseded,
                             cessation_of_operation,
                             privilege_withdrawn}) {
        if (static_cast<long>(known) == reason) {
            return known;
        }
    }
    return std::nullopt;
}

}  // namespace

Result<CmpMessagePtr> read_request(hsm::ByteView der) {
    auto message = openssl::from_der<CmpMessagePtr>(der, d2i_OSSL_CMP_MSG);
    if (!message) {
        return invalid("the body is no PKIMessage (RFC 4210 section 5.1)");
    }
    const auto protection = protection_of(der);
    const ASN1_OBJECT* algorithm = nullptr;
    if (protection) {
        X509_ALGOR_get0(&algorithm, nullptr, nullptr, protection.get());
    }
    if (algorithm == nullptr || OBJ_obj2nid(algorithm) != NID_id_PasswordBasedMAC) {
        return invalid(
            "the message has to be protected by a password-based MAC, with the account's secret");
    }
    const auto rounds = rounds_of(protection.get());
    if (!rounds || *rounds > rounds_max) {
        return invalid("the password-based MAC takes too many rounds: 10,000 at most");
    }
    return message;
}

bool has_body(const OSSL_CMP_MSG* message, CmpBody body) {
    return OSSL_CMP_MSG_get_bodytype(message) == static_cast<int>(body);
}

std::string transaction_id(const OSSL_CMP_MSG* message) {
    constexpr int size_min = 8;
    constexpr int size_max = 64;
    const auto* id = OSSL_CMP_HDR_get0_transactionID(OSSL_CMP_MSG_get0_header(message));
    if (id == nullptr || ASN1_STRING_length(id) < size_min || ASN1_STRING_length(id) > size_max) {
        return "";
    }
    return hex({ASN1_STRING_get0_data(id), static_cast<std::size_t>(ASN1_STRING_length(id))});
}

std::optional<pki::RevocationReason> reason_in(const OSSL_CMP_MSG* revocation) {
    const auto der = openssl::to_der(revocation, i2d_OSSL_CMP_MSG);
    auto rest = hsm::ByteView(der);
    const auto message = take_element(rest);
    const auto body =
        message ? find_context(message->content, static_cast<int>(CmpBody::rr)) : std::nullopt;
    // SEQUENCE OF RevDetails, of which there is one: SEQUENCE { certDetails, crlEntryDetails
    // OPTIONAL }
    auto inner = body ? body->content : hsm::ByteView();
    const auto list = take_element(inner);
    inner = list ? list->content : hsm::ByteView();
    const auto details = take_element(inner);
    inner = details ? details->content : hsm::ByteView();
    take_element(inner);
    const auto entry = take_element(inner);
    if (!entry) {
        return pki::RevocationReason::unspecified;
    }
    const auto extensions = openssl::from_der<ExtensionsPtr>(entry->whole, d2i_X509_EXTENSIONS);
    const Asn1EnumeratedPtr reason(static_cast<ASN1_ENUMERATED*>(
        extensions ? X509V3_get_d2i(extensions.get(), NID_crl_reason, nullptr, nullptr) : nullptr));
    ERR_clear_error();
    return reason ? taken(ASN1_ENUMERATED_get(reason.get()))
                  : std::optional(pki::RevocationReason::unspecified);
}

bool is_accepted(const OSSL_CMP_PKISI* status) {
    if (status == nullptr) {
        return true;
    }
    const auto der = openssl::to_der(const_cast<OSSL_CMP_PKISI*>(status), i2d_OSSL_CMP_PKISI);
    auto rest = hsm::ByteView(der);
    const auto sequence = take_element(rest);
    auto fields = sequence ? sequence->content : hsm::ByteView();
    const auto number = take_element(fields);
    const auto value =
        number ? openssl::from_der<openssl::Asn1IntegerPtr>(number->whole, d2i_ASN1_INTEGER)
               : nullptr;
    return value && ASN1_INTEGER_get(value.get()) == OSSL_CMP_PKISTATUS_accepted;
}

}  // namespace cloudsign::cmp
