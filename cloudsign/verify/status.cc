#include "cloudsign/verify/status.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "hsm/openssl/der.h"

namespace cloudsign::verify {
namespace {

namespace openssl = hsm::openssl;
using openssl::Freed;

using BasicPtr = std::unique_ptr<OCSP_BASICRESP, Freed<OCSP_BASICRESP_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, Freed<X509_CRL_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, Freed<OCSP_CERTID_free>>;
using PointPtr = std::unique_ptr<ISSUING_DIST_POINT, Freed<ISSUING_DIST_POINT_free>>;
using RequestPtr = std::unique_ptr<OCSP_REQUEST, Freed<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, Freed<OCSP_RESPONSE_free>>;
using StorePtr = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;

// Of an answer that does not say until when it is good.
constexpr std::int64_t default_life_ms = 24ll * 3600 * 1000;
// A responder's clock may be a little ahead of ours.
constexpr std::int64_t skew_ms = 5ll * 60 * 1000;
constexpr int answers_max = 16;
constexpr std::size_t list_size_max = 16 * 1024 * 1024;

// One statement about one certificate.
struct Statement {
    bool is_revoked = false;
    int reason = -1;
    std::int64_t revoked_at_ms = 0;
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;
};

BasicPtr read_basic(const Bytes& der) {
    const auto response = openssl::from_der<ResponsePtr>(der, d2i_OCSP_RESPONSE);
    if (response) {
        const bool is_answer =
            OCSP_response_status(response.get()) == OCSP_RESPONSE_STATUS_SUCCESSFUL;
        return BasicPtr(is_answer ? OCSP_response_get1_basic(response.get()) : nullptr);
    }
    return openssl::from_der<BasicPtr>(der, d2i_OCSP_BASICRESP);
}

// RFC 6960 §4.2.2.2: the issuer itself, or whom it has certified for this.
bool is_by_issuer(OCSP_BASICRESP* basic, X509* issuer, const CertificatePool& pool) {
    const auto produced_ms = to_ms(OCSP_resp_get0_produced_at(basic));
    const StorePtr store(X509_STORE_new());
    if (!produced_ms || !store || X509_STORE_add_cert(store.get(), issuer) != 1) {
        return false;
    }
    auto* parameters = X509_STORE_get0_param(store.get());
    X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(*produced_ms / 1000));
    X509_STORE_set_flags(store.get(), X509_V_FLAG_PARTIAL_CHAIN);
    STACK_OF(X509)* known = sk_X509_dup(pool.stack());
    sk_X509_push(known, issuer);
    const bool stands = OCSP_basic_verify(basic, known, store.get(), 0) == 1;
    sk_X509_free(known);
    return stands;
}

bool is_about(OCSP_SINGLERESP* single, X509* certificate, X509* issuer) {
    const auto* id = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT* digest = nullptr;
    if (OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, const_cast<OCSP_CERTID*>(id)) != 1) {
        return false;
    }
    const auto* method = EVP_get_digestbyobj(digest);
    const IdPtr own(method == nullptr ? nullptr : OCSP_cert_to_id(method, certificate, issuer));
    return own && OCSP_id_cmp(own.get(), id) == 0;
}

std::optional<Statement> statement_of(OCSP_SINGLERESP* single) {
    Statement statement;
    ASN1_GENERALIZEDTIME* revoked_at = nullptr;
    ASN1_GENERALIZEDTIME* from = nullptr;
    ASN1_GENERALIZEDTIME* to = nullptr;
    const int status = OCSP_single_get0_status(single, &statement.reason, &revoked_at, &from, &to);
    const auto from_ms = to_ms(from);
    if (!from_ms || (status != V_OCSP_CERTSTATUS_GOOD && status != V_OCSP_CERTSTATUS_REVOKED)) {
        return std::nullopt;
    }
    statement.is_revoked = status == V_OCSP_CERTSTATUS_REVOKED;
    statement.revoked_at_ms = to_ms(revoked_at).value_or(0);
    statement.from_ms = *from_ms;
    statement.to_ms = to_ms(to).value_or(*from_ms + default_life_ms);
    return statement;
}

// A list that speaks of every certificate of its issuer, as far as `certificate` is concerned.
bool covers(X509_CRL* list, X509* certificate) {
    if (X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) >= 0) {
        return false;
    }
    int is_critical = 0;
    const PointPtr point(static_cast<ISSUING_DIST_POINT*>(
        X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &is_critical, nullptr)));
    if (!point) {
        return is_critical < 0;  // -1: there is none; otherwise it cannot be read
    }
    const bool is_authority = X509_check_ca(certificate) > 0;
    return point->indirectCRL == 0 && point->onlysomereasons == nullptr && point->onlyattr == 0 &&
           (point->onlyuser == 0 || !is_authority) && (point->onlyCA == 0 || is_authority);
}

bool is_list_of(X509_CRL* list, X509* issuer) {
    const auto usage = X509_get_key_usage(issuer);
    return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) == 0 &&
           (usage & KU_CRL_SIGN) != 0 && X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
}

std::optional<Statement> statement_of(X509_CRL* list, X509* certificate) {
    Statement statement;
    const auto from = to_ms(X509_CRL_get0_lastUpdate(list));
    if (!from) {
        return std::nullopt;
    }
    statement.from_ms = *from;
    statement.to_ms = to_ms(X509_CRL_get0_nextUpdate(list)).value_or(*from + default_life_ms);
    X509_REVOKED* entry = nullptr;
    const int found = X509_CRL_get0_by_cert(list, &entry, certificate);
    if (found == 0 || found == 2) {  // 2: removeFromCRL
        return statement;
    }
    statement.is_revoked = true;
    statement.revoked_at_ms = to_ms(X509_REVOKED_get0_revocationDate(entry)).value_or(0);
    const std::unique_ptr<ASN1_ENUMERATED, Freed<ASN1_ENUMERATED_free>> reason(
        static_cast<ASN1_ENUMERATED*>(
            X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, nullptr, nullptr)));
    statement.reason = reason ? static_cast<int>(ASN1_ENUMERATED_get(reason.get())) : -1;
    return statement;
}

// What is known best: the latest statement, and a revocation rather than none.
class Judgement {
public:
    Judgement(X509* certificate, std::int64_t time_ms)
        : time_ms_(time_ms), expires_ms_(to_ms(X509_get0_notAfter(certificate)).value_or(0)) {}

    void hear_of_another() {
        if (status_.standing == Standing::unknown) {
            status_.standing = Standing::of_another;
        }
    }

    void hear(const Statement& statement, const char* source) {
        const auto standing = standing_by(statement);
        // A list may drop whom it revoked once the certificate has expired.
        const bool is_final = standing == Standing::revoked;
        const bool is_better =
            standing > status_.standing ||
            (standing == status_.standing && statement.from_ms > status_.report.produced_at_ms);
        const bool is_newer_than_hold = status_.standing == Standing::on_hold &&
                                        statement.from_ms > status_.report.produced_at_ms &&
                                        standing >= Standing::good;
        if (!(is_better || is_newer_than_hold || is_final) ||
            (status_.standing == Standing::revoked && !is_final)) {
            return;
        }
        status_.standing = standing;
        status_.report.source = source;
        status_.report.produced_at_ms = statement.from_ms;
        status_.report.revoked_at_ms.reset();
        if (statement.is_revoked) {
            status_.report.revoked_at_ms = statement.revoked_at_ms;
        }
    }

    Status take() { return std::move(status_); }

private:
    Standing standing_by(const Statement& statement) const {
        if (statement.is_revoked) {
            return statement.reason == OCSP_REVOKED_STATUS_CERTIFICATEHOLD ? Standing::on_hold
                                                                           : Standing::revoked;
        }
        const bool is_later = statement.from_ms + skew_ms >= time_ms_;
        const bool is_within = statement.to_ms >= time_ms_;
        const bool is_before_expiry = statement.from_ms <= expires_ms_;
        return (is_later || is_within) && is_before_expiry ? Standing::good : Standing::stale;
    }

    std::int64_t time_ms_;
    std::int64_t expires_ms_;
    Status status_;
};

struct EmailsFree {
    void operator()(STACK_OF(OPENSSL_STRING) * strings) const { X509_email_free(strings); }
};

std::string list_place(X509* certificate) {
    const std::unique_ptr<CRL_DIST_POINTS, Freed<CRL_DIST_POINTS_free>> points(
        static_cast<CRL_DIST_POINTS*>(
            X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
    for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
        const auto* name = sk_DIST_POINT_value(points.get(), i)->distpoint;
        if (name == nullptr || name->type != 0) {
            continue;
        }
        for (int k = 0; k < sk_GENERAL_NAME_num(name->name.fullname); ++k) {
            const auto* place = sk_GENERAL_NAME_value(name->name.fullname, k);
            if (place->type == GEN_URI) {
                const auto* uri = place->d.uniformResourceIdentifier;
                return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                        static_cast<std::size_t>(ASN1_STRING_length(uri))};
            }
        }
    }
    return "";
}

std::string answer_place(X509* certificate) {
    const std::unique_ptr<STACK_OF(OPENSSL_STRING), EmailsFree> places(X509_get1_ocsp(certificate));
    return places && sk_OPENSSL_STRING_num(places.get()) > 0
               ? sk_OPENSSL_STRING_value(places.get(), 0)
               : "";
}

Bytes question_about(X509* certificate, X509* issuer) {
    const RequestPtr request(OCSP_REQUEST_new());
    IdPtr id(OCSP_cert_to_id(EVP_sha1(), certificate, issuer));  // RFC 5019 §2.1.1
    if (!request || !id || OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
        return {};
    }
    static_cast<void>(id.release());
    return openssl::to_der(request.get(), i2d_OCSP_REQUEST);
}

Result<Bytes> ask(const evidence::Fetch& fetch, const std::string& url, const Bytes& question) {
    evidence::FetchRequest request;
    request.url = url;
    request.body = question;
    if (question.empty()) {
        request.answer_max = list_size_max;
    } else {
        request.content_type = "application/ocsp-request";
    }
    return fetch(request);
}

}  // namespace

Status status_by(X509* certificate,
                 X509* issuer,
                 std::int64_t time_ms,
                 const Evidence& evidence,
                 const CertificatePool& pool) {
    Judgement judgement(certificate, time_ms);
    for (const auto& der : evidence.answers) {
        const auto basic = read_basic(der);
        const int count = basic ? std::min(OCSP_resp_count(basic.get()), answers_max) : 0;
        for (int i = 0; i < count; ++i) {
            auto* single = OCSP_resp_get0(basic.get(), i);
            if (!is_about(single, certificate, issuer)) {
                judgement.hear_of_another();
                continue;
            }
            const auto statement = statement_of(single);
            if (statement && is_by_issuer(basic.get(), issuer, pool)) {
                judgement.hear(*statement, "ocsp");
            }
        }
    }
    for (const auto& der : evidence.lists) {
        const auto list = openssl::from_der<CrlPtr>(der, d2i_X509_CRL);
        if (!list) {
            continue;
        }
        if (!is_list_of(list.get(), issuer)) {
            judgement.hear_of_another();
            continue;
        }
        const auto statement = statement_of(list.get(), certificate);
        if (statement && covers(list.get(), certificate)) {
            judgement.hear(*statement, "crl");
        }
    }
    ERR_clear_error();
    return judgement.take();
}

Evidence ask_for_status(X509* certificate, X509* issuer, const evidence::Fetch& fetch) {
    Evidence evidence;
    const auto answers_at = answer_place(certificate);
    const auto question = question_about(certificate, issuer);
    if (!answers_at.empty() && !question.empty()) {
        auto answer = ask(fetch, answers_at, question);
        if (answer && read_basic(*answer)) {
            evidence.add_answer(*std::move(answer));
        }
    }
    const auto list_at = list_place(certificate);
    if (evidence.answers.empty() && !list_at.empty()) {
        auto list = ask(fetch, list_at, {});
        if (list) {
            evidence.add_list(*std::move(list));
        }
    }
    ERR_clear_error();
    return evidence;
}

}  // namespace cloudsign::verify
