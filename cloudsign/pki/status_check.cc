#include "cloudsign/pki/status_check.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "cloudsign/pki/asn1_time.h"
#include "cloudsign/pki/certificate_store.h"

namespace cloudsign::pki {
namespace {

namespace openssl = hsm::openssl;

using RequestPtr = std::unique_ptr<OCSP_REQUEST, openssl::Freed<OCSP_REQUEST_free>>;
using ResponsePtr = std::unique_ptr<OCSP_RESPONSE, openssl::Freed<OCSP_RESPONSE_free>>;
using BasicPtr = std::unique_ptr<OCSP_BASICRESP, openssl::Freed<OCSP_BASICRESP_free>>;
using IdPtr = std::unique_ptr<OCSP_CERTID, openssl::Freed<OCSP_CERTID_free>>;
using ListPtr = std::unique_ptr<X509_CRL, openssl::Freed<X509_CRL_free>>;
using PointsPtr = std::unique_ptr<CRL_DIST_POINTS, openssl::Freed<CRL_DIST_POINTS_free>>;
using AccessPtr =
    std::unique_ptr<AUTHORITY_INFO_ACCESS, openssl::Freed<AUTHORITY_INFO_ACCESS_free>>;

// Two machines' clocks may differ by so much.
constexpr std::int64_t clock_skew_ms = 5 * 60 * 1000;
// RFC 6960 §4.2.2.1: without nextUpdate there is always newer information.
constexpr std::int64_t life_without_end_ms = 24 * 60 * 60 * 1000;

Error invalid(std::string detail) {
    ERR_clear_error();
    return {ErrorKind::invalid, std::move(detail)};
}

// OpenSSL's own words behind ours, where it has any.
Error stands_not(std::string detail) {
    const auto code = ERR_peek_last_error();
    if (code != 0) {
        const char* reason = ERR_reason_error_string(code);
        detail += reason != nullptr ? std::string(" (") + reason + ")" : "";
    }
    ERR_clear_error();
    return {ErrorKind::unavailable, std::move(detail)};
}

Error revoked() {
    ERR_clear_error();
    return {ErrorKind::credential_disabled, "the certificate is revoked"};
}

void add_address(const GENERAL_NAME* name, std::vector<std::string>& addresses) {
    if (name->type != GEN_URI) {
        return;
    }
    const auto* uri = name->d.uniformResourceIdentifier;
    const std::string text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                           static_cast<std::size_t>(ASN1_STRING_length(uri)));
    constexpr std::size_t address_max = 2048;
    const bool is_http = text.starts_with("http://") || text.starts_with("https://");
    const bool is_plain = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
    if (is_http && is_plain && text.size() <= address_max) {
        addresses.push_back(text);
    }
}

void add_lists(X509* certificate, std::vector<std::string>& lists) {
    const PointsPtr points(static_cast<CRL_DIST_POINTS*>(
        X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
    for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); ++i) {
        const auto* point = sk_DIST_POINT_value(points.get(), i);
        // Somebody else's list, or one of some reasons alone, would not say everything.
        if (point->reasons != nullptr || point->CRLissuer != nullptr ||
            point->distpoint == nullptr || point->distpoint->type != 0) {
            continue;
        }
        const auto* names = point->distpoint->name.fullname;
        for (int k = 0; k < sk_GENERAL_NAME_num(names); ++k) {
            add_address(sk_GENERAL_NAME_value(names, k), lists);
        }
    }
}

struct Pair {
    openssl::X509Ptr certificate;
    openssl::X509Ptr issuer;
};

Result<Pair> read_pair(const Bytes& certificate, const Bytes& issuer) {
    Pair pair{openssl::read_x509(certificate), openssl::read_x509(issuer)};
    if (!pair.certificate || !pair.issuer) {
        return invalid("a certificate cannot be read");
    }
    return pair;
}

// The answer among those of `basic` that is about this certificate, whatever digest names it.
OCSP_SINGLERESP* find_single(OCSP_BASICRESP* basic, const Pair& pair) {
    for (int i = 0; i < OCSP_resp_count(basic); ++i) {
        auto* single = OCSP_resp_get0(basic, i);
        auto* named = const_cast<OCSP_CERTID*>(OCSP_SINGLERESP_get0_id(single));
        ASN1_OBJECT* digest = nullptr;
        OCSP_id_get0_info(nullptr, &digest, nullptr, nullptr, named);
        const EVP_MD* md = EVP_get_digestbyobj(digest);
        const IdPtr own(md == nullptr
                            ? nullptr
                            : OCSP_cert_to_id(md, pair.certificate.get(), pair.issuer.get()));
        if (own && OCSP_id_cmp(own.get(), named) == 0) {
            return single;
        }
    }
    return nullptr;
}

// The certificate that the answer is signed with.
Bytes responder_of(OCSP_BASICRESP* basic, const Pair& pair) {
    const CertificatesPtr issuers(sk_X509_new_null());
    X509* found = nullptr;
    X509_up_ref(pair.issuer.get());
    sk_X509_push(issuers.get(), pair.issuer.get());
    const bool is_found = OCSP_resp_get0_signer(basic, &found, issuers.get()) == 1;
    return is_found ? openssl::to_der(found, i2d_X509) : Bytes();
}

// `good` at the time when it is looked at, or when it was made.
Result<void> check_times(const GoodStatus& good, std::optional<std::int64_t> at_ms, bool has_end) {
    if (!at_ms) {
        return {};
    }
    const auto end = has_end ? good.next_update_ms : good.this_update_ms + life_without_end_ms;
    if (good.this_update_ms > *at_ms + clock_skew_ms) {
        return stands_not("the answer is of the future");
    }
    if (end < *at_ms - clock_skew_ms) {
        return stands_not("the answer is out of date");
    }
    return {};
}

Result<void> check_nonce(OCSP_BASICRESP* basic, const Bytes* request) {
    if (request == nullptr) {
        return {};
    }
    const auto asked = openssl::from_der<RequestPtr>(*request, d2i_OCSP_REQUEST);
    // -1: it has none. A responder that produces its answers beforehand cannot have it (RFC 8954
    // §3.1); their times say that they are not old.
    const int compared = asked ? OCSP_check_nonce(asked.get(), basic) : 0;
    if (compared == 0) {
        return stands_not("the answer is to somebody else's question: its nonce is another");
    }
    return {};
}

}  // namespace

Result<StatusAddresses> status_addresses(const Bytes& certificate) {
    const auto parsed = openssl::read_x509(certificate);
    if (!parsed) {
        return invalid("a certificate cannot be read");
    }
    StatusAddresses addresses;
    const AccessPtr access(static_cast<AUTHORITY_INFO_ACCESS*>(
        X509_get_ext_d2i(parsed.get(), NID_info_access, nullptr, nullptr)));
    for (int i = 0; access && i < sk_ACCESS_DESCRIPTION_num(access.get()); ++i) {
        const auto* one = sk_ACCESS_DESCRIPTION_value(access.get(), i);
        if (OBJ_obj2nid(one->method) == NID_ad_OCSP) {
            add_address(one->location, addresses.ocsp);
        }
    }
    add_lists(parsed.get(), addresses.lists);
    addresses.is_never_asked = X509_get_ext_by_NID(parsed.get(), NID_id_pkix_OCSP_noCheck, -1) >= 0;
    ERR_clear_error();
    return addresses;
}

Result<Bytes> ask_status(const Bytes& certificate, const Bytes& issuer, const Bytes& nonce) {
    TRY_ASSIGN(const auto pair, read_pair(certificate, issuer));
    const RequestPtr request(OCSP_REQUEST_new());
    // RFC 5019 §2.1.1: every responder knows SHA-1 here; it names the issuer, no more.
    IdPtr id(OCSP_cert_to_id(EVP_sha1(), pair.certificate.get(), pair.issuer.get()));
    auto bytes = nonce;
    if (!request || !id || OCSP_request_add0_id(request.get(), id.get()) == nullptr) {
        return invalid("the certificate cannot be asked about");
    }
    static_cast<void>(id.release());
    if (OCSP_request_add1_nonce(request.get(), bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return invalid("the certificate cannot be asked about");
    }
    return openssl::to_der(request.get(), i2d_OCSP_REQUEST);
}

Result<GoodStatus> check_ocsp_answer(const Bytes& response,
                                     const Bytes& certificate,
                                     const Bytes& issuer,
                                     const Bytes* request,
                                     std::optional<std::int64_t> at_ms) {
    TRY_ASSIGN(const auto pair, read_pair(certificate, issuer));
    const auto parsed = openssl::from_der<ResponsePtr>(response, d2i_OCSP_RESPONSE);
    if (!parsed) {
        return stands_not("the answer is no OCSP response");
    }
    const int state = OCSP_response_status(parsed.get());
    if (state != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
        return stands_not(std::string("the responder says ") + OCSP_response_status_str(state));
    }
    const BasicPtr basic(OCSP_response_get1_basic(parsed.get()));
    auto* single = basic ? find_single(basic.get(), pair) : nullptr;
    if (single == nullptr) {
        return stands_not("the answer is about another certificate");
    }
    TRY(check_nonce(basic.get(), request));
    ASN1_GENERALIZEDTIME* this_update = nullptr;
    ASN1_GENERALIZEDTIME* next_update = nullptr;
    const int status =
        OCSP_single_get0_status(single, nullptr, nullptr, &this_update, &next_update);
    GoodStatus good;
    good.this_update_ms = to_ms(this_update);
    good.next_update_ms = next_update != nullptr ? to_ms(next_update) : good.this_update_ms;
    const auto store = store_of({issuer}, at_ms.value_or(good.this_update_ms));
    const auto issuers = stack_of({issuer});
    if (OCSP_basic_verify(basic.get(), issuers.get(), store.get(), 0) != 1) {
        return stands_not("the answer is not signed by who may answer");
    }
    TRY(check_times(good, at_ms, next_update != nullptr));
    if (status == V_OCSP_CERTSTATUS_REVOKED) {
        return revoked();
    }
    if (status != V_OCSP_CERTSTATUS_GOOD) {
        return stands_not("the responder does not know the certificate");
    }
    good.responder = responder_of(basic.get(), pair);
    ERR_clear_error();
    return good;
}

Result<GoodStatus> check_revocation_list(const Bytes& list,
                                         const Bytes& certificate,
                                         const Bytes& issuer,
                                         std::optional<std::int64_t> at_ms) {
    TRY_ASSIGN(const auto pair, read_pair(certificate, issuer));
    const auto parsed = openssl::from_der<ListPtr>(list, d2i_X509_CRL);
    if (!parsed) {
        return stands_not("the answer is no revocation list");
    }
    GoodStatus good;
    good.this_update_ms = to_ms(X509_CRL_get0_lastUpdate(parsed.get()));
    const auto* next_update = X509_CRL_get0_nextUpdate(parsed.get());
    good.next_update_ms = next_update != nullptr ? to_ms(next_update) : good.this_update_ms;
    TRY(check_times(good, at_ms, next_update != nullptr));
    // A list that was made before the certificate speaks of it all the same.
    const auto as_of = at_ms.value_or(
        std::max(good.this_update_ms, to_ms(X509_get0_notBefore(pair.certificate.get()))));
    const auto store = store_of({issuer}, as_of);
    X509_STORE_set_flags(store.get(), X509_V_FLAG_CRL_CHECK);
    const StoreContextPtr context(X509_STORE_CTX_new());
    if (X509_STORE_add_crl(store.get(), parsed.get()) != 1 ||
        X509_STORE_CTX_init(context.get(), store.get(), pair.certificate.get(), nullptr) != 1) {
        return stands_not("the list cannot be looked at");
    }
    // OpenSSL judges the list's signature, scope, times and entries.
    if (X509_verify_cert(context.get()) != 1) {
        const int error = X509_STORE_CTX_get_error(context.get());
        if (error == X509_V_ERR_CERT_REVOKED) {
            return revoked();
        }
        ERR_clear_error();
        return stands_not(std::string("the list does not stand: ") +
                          X509_verify_cert_error_string(error));
    }
    ERR_clear_error();
    return good;
}

}  // namespace cloudsign::pki
