#include "cloudsign/pki/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "cloudsign/pki/serial_text.h"
#include "hsm/openssl/der.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using RequestPtr = std::unique_ptr<OCSP_REQUEST, openssl::Freed<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, openssl::Freed<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, openssl::Freed<OCSP_BASICRESP_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, openssl::Freed<OCSP_CERTID_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, openssl::Freed<ASN1_TIME_free>>;

constexpr std::size_t nonce_size_max = 32;  // RFC 8954 §2.1

Error malformed(std::string detail) {
    ERR_clear_error();
    return {ErrorKind::invalid, std::move(detail), 0};
}

TimePtr generalized(std::int64_t ms) {
    return TimePtr(ASN1_GENERALIZEDTIME_set(nullptr, ms / 1000));
}

// The issuer's name and key under whatever digest the question uses.
bool is_of_issuer(OCSP_CERTID* id, X509* issuer) {
    ASN1_OBJECT* digest = nullptr;
    if (OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, id) != 1) {
        return false;
    }
    const EVP_MD* md = EVP_get_digestbyobj(digest);
    if (md == nullptr) {
        return false;
    }
    const IdPtr own(OCSP_cert_id_new(
        md, X509_get_subject_name(issuer), X509_get0_pubkey_bitstr(issuer), nullptr));
    return own && OCSP_id_issuer_cmp(own.get(), id) == 0;
}

Result<std::string> serial_number(OCSP_CERTID* id) {
    ASN1_INTEGER* serial = nullptr;
    if (OCSP_id_get0_info(nullptr, nullptr, nullptr, &serial, id) != 1) {
        return malformed("no serial number");
    }
    auto text = serial_text(serial);
    if (text.empty()) {
        return malformed("no serial number");
    }
    return text;
}

Result<StatusQuestion> question_of(OCSP_CERTID* id, X509* issuer) {
    StatusQuestion question;
    question.of_issuer = is_of_issuer(id, issuer);
    TRY_ASSIGN(question.serial_number, serial_number(id));
    question.certificate_id = openssl::to_der(id, i2d_OCSP_CERTID);
    return question;
}

Result<Bytes> read_nonce(OCSP_REQUEST* request) {
    const int at = OCSP_REQUEST_get_ext_by_NID(request, NID_id_pkix_OCSP_Nonce, -1);
    if (at < 0) {
        return Bytes();
    }
    // The extension's value is an OCTET STRING inside (RFC 8954); old clients put the bytes there
    // bare. Either way these bytes come back.
    const auto* value = X509_EXTENSION_get_data(OCSP_REQUEST_get_ext(request, at));
    const auto size = static_cast<std::size_t>(ASN1_STRING_length(value));
    if (size == 0 || size > nonce_size_max + 2) {
        return malformed("a nonce has 1 to 32 bytes");
    }
    const auto* bytes = ASN1_STRING_get0_data(value);
    return Bytes(bytes, bytes + size);
}

bool add_nonce(OCSP_BASICRESP* basic, const Bytes& nonce) {
    if (nonce.empty()) {
        return true;
    }
    const std::unique_ptr<ASN1_OCTET_STRING, openssl::Freed<ASN1_OCTET_STRING_free>> value(
        ASN1_OCTET_STRING_new());
    if (!value ||
        ASN1_OCTET_STRING_set(value.get(), nonce.data(), static_cast<int>(nonce.size())) != 1) {
        return false;
    }
    const openssl::X509ExtensionPtr extension(
        X509_EXTENSION_create_by_NID(nullptr, NID_id_pkix_OCSP_Nonce, 0, value.get()));
    return extension && OCSP_BASICRESP_add_ext(basic, extension.get(), -1) == 1;
}

bool add_answer(OCSP_BASICRESP* basic,
                const StatusAnswer& answer,
                ASN1_TIME* this_update,
                ASN1_TIME* next_update) {
    const auto id = openssl::from_der<IdPtr>(answer.certificate_id, d2i_OCSP_CERTID);
    if (!id) {
        return false;
    }
    int status = V_OCSP_CERTSTATUS_UNKNOWN;
    int reason = OCSP_REVOKED_STATUS_NOSTATUS;
    TimePtr revoked_at;
    if (answer.status == CertificateStatus::good) {
        status = V_OCSP_CERTSTATUS_GOOD;
    } else if (answer.status == CertificateStatus::revoked) {
        status = V_OCSP_CERTSTATUS_REVOKED;
        revoked_at = generalized(answer.revoked_at_ms);
        if (answer.reason != RevocationReason::unspecified) {
            reason = static_cast<int>(answer.reason);
        }
    }
    return OCSP_basic_add1_status(
               basic, id.get(), status, reason, revoked_at.get(), this_update, next_update) !=
           nullptr;
}

}  // namespace

Result<OcspRequest> read_ocsp_request(hsm::ByteView der, const Bytes& issuer) {
    const auto request = openssl::from_der<RequestPtr>(der, d2i_OCSP_REQUEST);
    const auto authority = openssl::read_x509(issuer);
    if (!request || !authority) {
        return malformed("not an OCSP request");
    }
    const int count = OCSP_request_onereq_count(request.get());
    if (count < 1 || static_cast<std::size_t>(count) > ocsp_questions_max) {
        return malformed("an OCSP request asks about 1 to 16 certificates");
    }
    if (OCSP_REQUEST_get_ext_by_critical(request.get(), 1, -1) >= 0) {
        return malformed("a critical extension that is not known here");
    }
    OcspRequest read;
    for (int i = 0; i < count; ++i) {
        auto* one = OCSP_request_onereq_get0(request.get(), i);
        if (OCSP_ONEREQ_get_ext_by_critical(one, 1, -1) >= 0) {
            return malformed("a critical extension that is not known here");
        }
        TRY_ASSIGN(auto question, question_of(OCSP_onereq_get0_id(one), authority.get()));
        read.questions.push_back(std::move(question));
    }
    TRY_ASSIGN(read.nonce, read_nonce(request.get()));
    return read;
}

Result<Bytes> sign_ocsp_answers(const SigningContext& context,
                                ExternalSigner& signer,
                                const OcspAnswers& answers) {
    TRY_ASSIGN(auto key, SigningKey::create(context, signer));
    const auto responder = context.read_x509(answers.responder);
    const BasicPtr basic(OCSP_BASICRESP_new());
    const auto from = generalized(answers.this_update_ms);
    const auto to = generalized(answers.next_update_ms);
    bool good = responder && basic && from && to;
    for (const auto& answer : answers.answers) {
        good = good && add_answer(basic.get(), answer, from.get(), to.get());
    }
    const auto signing = key->begin();
    // By key: the module takes no other form, and it is shorter.
    if (!good || !signing || !add_nonce(basic.get(), answers.nonce) ||
        OCSP_basic_sign_ctx(
            basic.get(), responder.get(), signing.get(), nullptr, OCSP_RESPID_KEY) != 1) {
        return key->failure("OCSP answer");
    }
    const ResponsePtr response(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic.get()));
    auto der = response ? openssl::to_der(response.get(), i2d_OCSP_RESPONSE) : Bytes();
    if (der.empty()) {
        return key->failure("OCSP answer");
    }
    return der;
}

Bytes ocsp_failure(OcspFailure failure) {
    const ResponsePtr response(OCSP_response_create(static_cast<int>(failure), nullptr));
    CHECK(response != nullptr);
    return openssl::to_der(response.get(), i2d_OCSP_RESPONSE);
}

}  // namespace cloudsign::pki
