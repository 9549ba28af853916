#include "cloudsign/cmp/cmp_exchange.h"

#include <algorithm>

#include <openssl/err.h>

#include "cloudsign/cmp/cmp_request.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/pki/certificate_store.h"
#include "cloudsign/pki/distinguished_name.h"
#include "cloudsign/pki/parsed_certificate.h"
#include "cloudsign/pki/serial_text.h"
#include "cloudsign/store/certificate_table.h"
#include "cloudsign/store/credential_table.h"
#include "hsm/openssl/der.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;
using store::CmpRequest;
using store::CmpState;
using store::CmpTable;
using store::CredentialStatus;
using store::CredentialTable;

constexpr std::size_t subject_size_max = 1'024;
constexpr auto not_taken = "the client did not take the certificate";
constexpr std::int64_t second_ms = 1'000;

// So long others may come before the officers are asked, about all of them at once.
constexpr std::int64_t gather_ms = 3 * second_ms;

// How long to wait before the next poll (RFC 4210 §5.3.22): officers look at their phones now or
// some time later, and whoever has waited long may wait longer.
std::int64_t pause_s(std::int64_t age_ms) {
    constexpr std::int64_t min_s = 1;
    constexpr std::int64_t max_s = 60;
    if (age_ms < gather_ms) {
        return (gather_ms - age_ms + second_ms - 1) / second_ms;
    }
    return std::clamp(age_ms / (10 * second_ms), min_s, max_s);
}

bool is_key_update(const OSSL_CMP_MSG* message) {
    return has_body(message, CmpBody::kur);
}

OSSL_CMP_PKISI* status_info(int status, int failures = 0, const std::string& text = "") {
    return OSSL_CMP_STATUSINFO_new(status, failures, text.empty() ? nullptr : text.c_str());
}

OSSL_CMP_PKISI* come_back_later() {
    return status_info(OSSL_CMP_PKISTATUS_rejection,
                       OSSL_CMP_CTX_FAILINFO_systemUnavail,
                       "the authority does not work at the moment: ask again later");
}

}  // namespace

CmpExchange::CmpExchange(store::Database& database,
                         const Clock& clock,
                         credential::CredentialService& credentials,
                         CmpRequests& requests,
                         const store::CmpAccount& account,
                         const Bytes& authority)
    : database_(database),
      clock_(clock),
      credentials_(credentials),
      requests_(requests),
      account_(account),
      authority_(authority),
      server_(OSSL_CMP_SRV_CTX_new(nullptr, nullptr)) {
    CHECK(server_ != nullptr);
    CHECK(
        OSSL_CMP_SRV_CTX_init(
            server_.get(), this, certify, revoke, nullptr, nullptr, hear_confirmation, hear_poll) ==
        1);
    CHECK(OSSL_CMP_SRV_CTX_set_grant_implicit_confirm(server_.get(), 1) == 1);
    // Otherwise it would write what is on its queue to stderr.
    CHECK(OSSL_CMP_CTX_set_log_verbosity(context(), OSSL_CMP_LOG_EMERG) == 1);
    const auto name = hsm::view_of(account.name);
    const auto secret = hsm::view_of(account.secret);
    CHECK(OSSL_CMP_CTX_set1_referenceValue(context(), name.data(), static_cast<int>(name.size())) ==
          1);
    CHECK(OSSL_CMP_CTX_set1_secretValue(
              context(), secret.data(), static_cast<int>(secret.size())) == 1);
    const auto certificate = pki::parsed_certificate(authority);
    CHECK(certificate != nullptr);
    CHECK(OSSL_CMP_CTX_set1_subjectName(context(), X509_get_subject_name(certificate.get())) == 1);
}

Result<Bytes> CmpExchange::answer(const OSSL_CMP_MSG* message) {
    ERR_clear_error();
    is_repeating_ = has_body(message, CmpBody::poll_req);
    if (is_repeating_ || has_body(message, CmpBody::cert_conf)) {
        TRY(go_on_with(transaction_id(message)));
    }
    is_repeating_ = false;
    const CmpMessagePtr answer(OSSL_CMP_SRV_process_request(server_.get(), message));
    ERR_clear_error();
    if (thrown_) {
        std::rethrow_exception(std::exchange(thrown_, nullptr));
    }
    // OpenSSL calls nobody when there is no certificate in it, which rejects them all (RFC 4210
    // §5.3.18); that it answers pkiConf says that the message was the account's.
    if (answer && has_body(message, CmpBody::cert_conf) && !has_heard_of_one_ &&
        has_body(answer.get(), CmpBody::pki_conf)) {
        TRY(reject_all(transaction_id(message)));
    }
    auto der = answer ? openssl::to_der(answer.get(), i2d_OSSL_CMP_MSG) : Bytes();
    if (der.empty()) {
        return Error{ErrorKind::internal, "OpenSSL makes no answer by CMP"};
    }
    return der;
}

// OpenSSL's server then knows the transaction and the number of its request, which no call sets.
Result<void> CmpExchange::go_on_with(const std::string& transaction_id) {
    TRY_ASSIGN(const auto begun, find(transaction_id));
    const auto first =
        begun ? openssl::from_der<CmpMessagePtr>(begun->message, d2i_OSSL_CMP_MSG) : nullptr;
    if (!first) {
        return {};
    }
    const CmpMessagePtr repeated(OSSL_CMP_SRV_process_request(server_.get(), first.get()));
    ERR_clear_error();
    // The client answers the nonce of then.
    CHECK(OSSL_CMP_CTX_set1_senderNonce(context(), nullptr) == 1);
    return {};
}

// ---- OpenSSL's callbacks

// No exception goes through OpenSSL.
template <class Value, class Work>
Value CmpExchange::guarded(Value otherwise, const Work& work) {
    try {
        auto value = work();
        // The work may have left errors on OpenSSL's queue, which would count as the message's.
        ERR_clear_error();
        return value;
    } catch (...) {
        thrown_ = std::current_exception();
        return otherwise;
    }
}

OSSL_CMP_PKISI* CmpExchange::certify(OSSL_CMP_SRV_CTX* server,
                                     const OSSL_CMP_MSG* message,
                                     int,
                                     const OSSL_CRMF_MSG* request,
                                     const X509_REQ* pkcs10,
                                     X509** certificate,
                                     STACK_OF(X509) * *chain,
                                     STACK_OF(X509) **) {
    auto& self = *static_cast<CmpExchange*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
    if (self.is_repeating_) {
        // Whatever became of it since: a decision would end a transaction that nobody confirms.
        return status_info(OSSL_CMP_PKISTATUS_waiting);
    }
    return self.guarded<OSSL_CMP_PKISI*>(nullptr, [&] {
        auto decision = self.decide(message, request, pkcs10);
        if (!decision) {
            self.fault_ = decision.error();
            return come_back_later();
        }
        if (const auto* no = std::get_if<No>(&*decision)) {
            return status_info(OSSL_CMP_PKISTATUS_rejection, no->failures, no->text);
        }
        if (const auto* der = std::get_if<Bytes>(&*decision)) {
            *certificate = openssl::read_x509(*der).release();
            *chain = pki::stack_of({self.authority_}).release();
            return status_info(OSSL_CMP_PKISTATUS_accepted);
        }
        return status_info(OSSL_CMP_PKISTATUS_waiting);
    });
}

OSSL_CMP_PKISI* CmpExchange::revoke(OSSL_CMP_SRV_CTX* server,
                                    const OSSL_CMP_MSG* message,
                                    const X509_NAME* issuer,
                                    const ASN1_INTEGER* serial_number) {
    auto& self = *static_cast<CmpExchange*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
    return self.guarded<OSSL_CMP_PKISI*>(nullptr, [&] {
        const auto no = self.revoke_certificate(message, issuer, pki::serial_text(serial_number));
        if (!no) {
            self.fault_ = no.error();
            return come_back_later();
        }
        return *no ? status_info(OSSL_CMP_PKISTATUS_rejection, (*no)->failures, (*no)->text)
                   : status_info(OSSL_CMP_PKISTATUS_accepted);
    });
}

int CmpExchange::hear_confirmation(OSSL_CMP_SRV_CTX* server,
                                   const OSSL_CMP_MSG* message,
                                   int,
                                   const ASN1_OCTET_STRING* hash,
                                   const OSSL_CMP_PKISI* status) {
    auto& self = *static_cast<CmpExchange*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
    self.has_heard_of_one_ = true;
    return self.guarded<int>(0, [&] {
        const hsm::ByteView heard(ASN1_STRING_get0_data(hash),
                                  static_cast<std::size_t>(ASN1_STRING_length(hash)));
        const auto confirmed = self.confirm(transaction_id(message), heard, is_accepted(status));
        if (!confirmed) {
            self.fault_ = confirmed.error();
        }
        return confirmed && *confirmed ? 1 : 0;
    });
}

int CmpExchange::hear_poll(OSSL_CMP_SRV_CTX* server,
                           const OSSL_CMP_MSG* message,
                           int,
                           OSSL_CMP_MSG** decided,
                           std::int64_t* check_after) {
    auto& self = *static_cast<CmpExchange*>(OSSL_CMP_SRV_CTX_get0_custom_ctx(server));
    *decided = nullptr;
    return self.guarded<int>(0, [&] {
        const auto request = self.find(transaction_id(message));
        if (!request || !*request) {
            return 0;
        }
        const auto age_ms = self.clock_.now_ms() - (*request)->created_at;
        *check_after = pause_s(age_ms);
        const auto now = self.requests_.settled(**request);
        if (!now) {
            self.fault_ = now.error();
        } else if (now->state != CmpState::waiting) {
            *decided = openssl::from_der<CmpMessagePtr>(now->message, d2i_OSSL_CMP_MSG).release();
        } else if (now->office_id.empty() && age_ms >= gather_ms) {
            const auto asked = self.requests_.ask_officers(self.account_.name);
            self.fault_ = asked ? std::nullopt : std::optional(asked.error());
        }
        return 1;
    });
}

// ---- certificates

Result<CmpExchange::Decision> CmpExchange::decide(const OSSL_CMP_MSG* message,
                                                  const OSSL_CRMF_MSG* request,
                                                  const X509_REQ* pkcs10) {
    const auto id = transaction_id(message);
    if (id.empty()) {
        return Decision(
            No{OSSL_CMP_CTX_FAILINFO_badDataFormat, "a transactionID of 8 to 64 bytes is needed"});
    }
    auto der = openssl::to_der(message, i2d_OSSL_CMP_MSG);
    TRY_ASSIGN(auto begun, find(id));
    if (begun && begun->message != der) {
        return Decision(in_use());
    }
    if (begun) {
        return state_of(*begun);
    }
    auto wish = pkcs10 != nullptr ? read_wish(pkcs10) : read_wish(request);
    if (!wish) {
        return Decision(No{OSSL_CMP_CTX_FAILINFO_badCertTemplate, wish.error().detail});
    }
    if (!is_key_update(message)) {
        wish->renews.clear();
    } else if (wish->renews.empty()) {
        return Decision(No{OSSL_CMP_CTX_FAILINFO_badCertTemplate,
                           "a key update names the certificate before it (oldCertID)"});
    }
    return begin(id, std::move(der), *wish);
}

Result<std::optional<store::Credential>> CmpExchange::renewed_by(const CertificateWish& wish) {
    const auto authority = pki::parsed_certificate(authority_);
    if (wish.renewed_issuer != pki::format_name(X509_get_subject_name(authority.get()))) {
        return std::optional<store::Credential>();
    }
    TRY_ASSIGN(auto before, own(wish.renews));
    const bool is_valid = before && before->status == CredentialStatus::enabled &&
                          before->valid_to.value_or(0) > clock_.now_ms();
    return is_valid ? std::move(before) : std::nullopt;
}

Result<std::variant<std::string, CmpExchange::No>> CmpExchange::subject_of(
    const CertificateWish& wish) {
    using Subject = std::variant<std::string, No>;
    const auto refused = [](std::string why) {
        return Subject(No{OSSL_CMP_CTX_FAILINFO_badCertTemplate, std::move(why)});
    };
    auto subject = wish.subject;
    if (!wish.renews.empty()) {
        TRY_ASSIGN(const auto before, renewed_by(wish));
        if (!before) {
            return Subject(No{OSSL_CMP_CTX_FAILINFO_badCertId,
                              "the certificate before it is none of this account's that is valid"});
        }
        if (subject.empty()) {
            subject = before->description;
        }
        if (subject != before->description) {
            return refused("a key update is for the subject of before: " + before->description);
        }
    }
    if (subject.empty()) {
        return refused("the request names no subject");
    }
    if (subject.size() > subject_size_max) {
        return refused("the subject is longer than 1,024 bytes");
    }
    const auto fits = pki::check_subject(account_.profile, subject);
    return fits ? Subject(std::move(subject)) : refused(fits.error().detail);
}

Result<CmpExchange::Decision> CmpExchange::begin(const std::string& transaction_id,
                                                 Bytes message,
                                                 const CertificateWish& wish) {
    TRY_ASSIGN(const auto subject, subject_of(wish));
    if (const auto* no = std::get_if<No>(&subject)) {
        return Decision(*no);
    }
    TRY_ASSIGN(const auto is_compromised, database_.read([&](store::Session& session) {
        return CmpTable(session).is_compromised(wish.spki);
    }));
    if (is_compromised) {
        return Decision(
            No{OSSL_CMP_CTX_FAILINFO_badCertTemplate,
               "a certificate of this key was revoked for keyCompromise: make another key"});
    }
    store::Credential credential;
    credential.id = identity::new_id("cred");
    credential.owner_kind = store::CredentialOwner::outside;
    credential.key_type = wish.key_type;
    credential.status = CredentialStatus::bound;
    credential.description = std::get<std::string>(subject);
    credential.created_at = clock_.now_ms();
    credential.profile = account_.profile;
    credential.public_key = wish.spki;
    CmpRequest request;
    request.id = identity::new_id("cmp");
    request.account = account_.name;
    request.transaction_id = transaction_id;
    request.message = std::move(message);
    request.credential_id = credential.id;
    request.created_at = credential.created_at;
    const auto begun = requests_.begin(request, credential);
    if (!begun && begun.error().kind == ErrorKind::busy) {
        return Decision(No{OSSL_CMP_CTX_FAILINFO_systemUnavail, begun.error().detail});
    }
    if (!begun) {
        return begun.error();
    }
    return begun->message == request.message ? Decision(Waiting()) : Decision(in_use());
}

Result<CmpExchange::Decision> CmpExchange::state_of(const CmpRequest& request) {
    TRY_ASSIGN(const auto now, requests_.settled(request));
    switch (now.state) {
        case CmpState::waiting:
            return Decision(Waiting());
        case CmpState::refused:
            return Decision(No{OSSL_CMP_CTX_FAILINFO_notAuthorized, now.detail});
        case CmpState::issued:
        case CmpState::confirmed:
            break;
    }
    TRY_ASSIGN(const auto credential, credentials_.find(now.credential_id));
    if (credential.status == CredentialStatus::deleted || !credential.certificate) {
        return Decision(No{OSSL_CMP_CTX_FAILINFO_certRevoked, "the certificate was revoked"});
    }
    return Decision(*credential.certificate);
}

Result<bool> CmpExchange::confirm(const std::string& transaction_id,
                                  hsm::ByteView hash,
                                  bool is_accepted) {
    TRY_ASSIGN(auto request, find(transaction_id));
    if (!request || (request->state != CmpState::issued && request->state != CmpState::confirmed)) {
        return false;
    }
    TRY_ASSIGN(const auto credential, credentials_.find(request->credential_id));
    const auto certificate =
        credential.certificate ? openssl::read_x509(*credential.certificate) : nullptr;
    const std::unique_ptr<ASN1_OCTET_STRING, openssl::Freed<ASN1_OCTET_STRING_free>> own_hash(
        certificate ? X509_digest_sig(certificate.get(), nullptr, nullptr) : nullptr);
    if (!own_hash || !std::ranges::equal(hash,
                                         hsm::ByteView(ASN1_STRING_get0_data(own_hash.get()),
                                                       static_cast<std::size_t>(
                                                           ASN1_STRING_length(own_hash.get()))))) {
        return false;
    }
    if (!is_accepted) {
        TRY(requests_.end(*std::move(request), not_taken));
        return true;
    }
    TRY(requests_.confirm(*std::move(request)));
    return true;
}

Result<void> CmpExchange::reject_all(const std::string& transaction_id) {
    TRY_ASSIGN(auto request, find(transaction_id));
    const bool has_certificate =
        request && (request->state == CmpState::issued || request->state == CmpState::confirmed);
    return has_certificate ? requests_.end(*std::move(request), not_taken) : Result<void>();
}

// ---- revocation

Result<std::optional<store::Credential>> CmpExchange::own(const std::string& serial_number) {
    return database_.read([&](store::Session& session) -> Result<std::optional<store::Credential>> {
        TRY_ASSIGN(const auto issued, store::CertificateTable(session).by_serial(serial_number));
        if (!issued) {
            return std::optional<store::Credential>();
        }
        TRY_ASSIGN(const auto request, CmpTable(session).of_credential(issued->credential_id));
        if (!request || request->account != account_.name) {
            return std::optional<store::Credential>();
        }
        return CredentialTable(session).by_id(issued->credential_id);
    });
}

Result<std::optional<CmpExchange::No>> CmpExchange::revoke_certificate(
    const OSSL_CMP_MSG* message, const X509_NAME* issuer, const std::string& serial_number) {
    using Refusal = std::optional<No>;
    const auto authority = pki::parsed_certificate(authority_);
    const bool is_ours =
        issuer != nullptr && X509_NAME_cmp(issuer, X509_get_subject_name(authority.get())) == 0;
    TRY_ASSIGN(const auto credential,
               is_ours
                   ? own(serial_number)
                   : Result<std::optional<store::Credential>>(std::optional<store::Credential>()));
    if (!credential) {
        return Refusal(No{OSSL_CMP_CTX_FAILINFO_badCertId,
                          "no certificate of this account has this issuer and serial number"});
    }
    if (credential->status == CredentialStatus::deleted) {
        return Refusal(No{OSSL_CMP_CTX_FAILINFO_certRevoked, "the certificate is revoked already"});
    }
    const auto reason = reason_in(message);
    if (!reason) {
        return Refusal(No{OSSL_CMP_CTX_FAILINFO_badRequest,
                          "this reason is not taken; a certificate is held and released by the "
                          "operator (kyso credential suspend, resume)"});
    }
    TRY(credentials_.revoke(credential->id, *reason));
    return Refusal();
}

}  // namespace cloudsign::cmp
