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
#include "cloudsign/store/transaction_table.h"
#include "hsm/openssl/der.h"

namespace cloudsign::cmp {
namespace {

namespace openssl = hsm::openssl;
using store::CmpRequest;
using store::CmpState;
using store::CmpTable;
using store::CredentialOwner;
using store::CredentialStatus;
using store::CredentialTable;

// Of one account, before officers have decided about some; what nobody has come back for in a week
// does not count.
constexpr std::int64_t waiting_max = 1'000;
constexpr std::int64_t waiting_ms = 7ll * 24 * 3600 * 1'000;
// In one question to the officers.
constexpr std::uint32_t asked_at_once_max = 100;

constexpr std::size_t subject_size_max = 1'024;
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

// Some of them where all of them would be too long for what a phone is shown.
std::string named(std::string text, const std::vector<std::string>& names) {
    constexpr std::size_t names_size_max = 200;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (text.size() + names[i].size() > names_size_max) {
            return text + " (" + std::to_string(names.size() - i) + " more)";
        }
        text += (i == 0 ? "" : ", ") + names[i];
    }
    return text;
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
                         const store::CmpAccount& account,
                         const Bytes& authority)
    : database_(database),
      clock_(clock),
      credentials_(credentials),
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

Result<std::optional<CmpRequest>> CmpExchange::find(const std::string& transaction_id) {
    return database_.read([&](store::Session& session) {
        return CmpTable(session).find(account_.name, transaction_id);
    });
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
        const auto state = self.state_of(**request);
        if (state && !std::holds_alternative<Waiting>(*state)) {
            *decided =
                openssl::from_der<CmpMessagePtr>((*request)->message, d2i_OSSL_CMP_MSG).release();
        } else if (state && (*request)->office_id.empty() && age_ms >= gather_ms) {
            const auto asked = self.ask_officers();
            self.fault_ = asked ? std::nullopt : std::optional(asked.error());
        } else if (!state) {
            self.fault_ = state.error();
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
        return Decision(No{OSSL_CMP_CTX_FAILINFO_transactionIdInUse,
                           "another request was made under this transactionID"});
    }
    if (begun) {
        return state_of(*std::move(begun));
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

Result<std::variant<std::string, CmpExchange::No>> CmpExchange::subject_of(
    const CertificateWish& wish) {
    using Subject = std::variant<std::string, No>;
    auto subject = wish.subject;
    if (!wish.renews.empty()) {
        TRY_ASSIGN(const auto before, own(wish.renews));
        if (!before || before->status != CredentialStatus::enabled) {
            return Subject(No{OSSL_CMP_CTX_FAILINFO_badCertId,
                              "the certificate before it is none of this account's that is valid"});
        }
        if (subject.empty()) {
            subject = before->description;
        }
        if (subject != before->description) {
            return Subject(No{OSSL_CMP_CTX_FAILINFO_badCertTemplate,
                              "a key update is for the subject of before: " + before->description});
        }
    }
    if (subject.size() > subject_size_max) {
        return Subject(
            No{OSSL_CMP_CTX_FAILINFO_badCertTemplate, "the subject is longer than 1,024 bytes"});
    }
    const auto fits = subject.empty() ? Result<void>(Error{ErrorKind::invalid, "no subject"})
                                      : pki::check_subject(account_.profile, subject);
    return fits ? Subject(std::move(subject))
                : Subject(No{OSSL_CMP_CTX_FAILINFO_badCertTemplate, fits.error().detail});
}

Result<CmpExchange::Decision> CmpExchange::begin(const std::string& transaction_id,
                                                 Bytes message,
                                                 const CertificateWish& wish) {
    TRY_ASSIGN(const auto subject, subject_of(wish));
    if (const auto* no = std::get_if<No>(&subject)) {
        return Decision(*no);
    }
    const auto now = clock_.now_ms();
    store::Credential credential;
    credential.id = identity::new_id("cred");
    credential.owner_kind = CredentialOwner::outside;
    credential.key_type = wish.key_type;
    credential.status = CredentialStatus::bound;
    credential.description = std::get<std::string>(subject);
    credential.created_at = now;
    credential.profile = account_.profile;
    credential.public_key = wish.spki;
    CmpRequest request;
    request.id = identity::new_id("cmp");
    request.account = account_.name;
    request.transaction_id = transaction_id;
    request.message = std::move(message);
    request.credential_id = credential.id;
    request.created_at = now;
    return database_.write([&](store::Session& session) -> Result<Decision> {
        CmpTable table(session);
        TRY_ASSIGN(const auto waiting, table.waiting_of(account_.name, now - waiting_ms));
        if (waiting >= waiting_max) {
            return Decision(No{OSSL_CMP_CTX_FAILINFO_systemUnavail,
                               "too many requests of this account wait for the officers"});
        }
        TRY(CredentialTable(session).insert(credential));
        TRY(table.insert(request));
        return Decision(Waiting());
    });
}

Result<CmpExchange::Decision> CmpExchange::state_of(CmpRequest request) {
    if (request.state == CmpState::refused) {
        return Decision(No{OSSL_CMP_CTX_FAILINFO_notAuthorized, request.detail});
    }
    TRY_ASSIGN(const auto credential, credentials_.find(request.credential_id));
    switch (credential.status) {
        case CredentialStatus::enabled:
        case CredentialStatus::disabled: {
            if (!credential.certificate) {
                return Error{ErrorKind::internal, "a credential in use without a certificate"};
            }
            const auto was = std::exchange(request.state, CmpState::issued);
            if (was == CmpState::waiting) {
                TRY(database_.write([&](store::Session& session) {
                    return CmpTable(session).update(request, was);
                }));
            }
            return Decision(*credential.certificate);
        }
        case CredentialStatus::deleted:
            return refuse(std::move(request), "the certificate was revoked");
        case CredentialStatus::invited:
        case CredentialStatus::binding:
        case CredentialStatus::bound:
            break;
    }
    TRY_ASSIGN(const auto asked, is_asked(request));
    if (asked) {
        return Decision(Waiting());
    }
    TRY(credentials_.remove(request.credential_id));
    return refuse(std::move(request), "the officers did not approve the certificate");
}

Result<bool> CmpExchange::is_asked(const CmpRequest& request) {
    if (request.office_id.empty()) {
        return true;  // from the next poll on
    }
    TRY_ASSIGN(const auto question, database_.read([&](store::Session& session) {
        return store::TransactionTable(session).by_id(request.office_id);
    }));
    if (!question) {
        return Error{ErrorKind::internal, "officers were asked by no transaction"};
    }
    if (transaction::is_waiting(question->state)) {
        return question->answer_by > clock_.now_ms();
    }
    return !transaction::is_final(question->state) ||
           question->state == transaction::State::signed_;
}

Result<CmpExchange::Decision> CmpExchange::refuse(CmpRequest request, std::string why) {
    const auto was = std::exchange(request.state, CmpState::refused);
    request.detail = why;
    TRY(database_.write(
        [&](store::Session& session) { return CmpTable(session).update(request, was); }));
    return Decision(No{OSSL_CMP_CTX_FAILINFO_notAuthorized, std::move(why)});
}

// About everything that waits, whoever polls: one tap for a hundred certificates. Who asks and
// never polls bothers nobody but in such company.
Result<void> CmpExchange::ask_officers() {
    TRY_ASSIGN(const auto unasked, database_.read([](store::Session& session) {
        return CmpTable(session).unasked(asked_at_once_max);
    }));
    std::vector<CmpRequest> awaited;
    std::vector<std::string> credential_ids;
    std::vector<std::string> accounts;
    for (const auto& request : unasked) {
        // One that the office has revoked meanwhile is refused, and holds up no others.
        TRY_ASSIGN(const auto state, state_of(request));
        if (!std::holds_alternative<Waiting>(state)) {
            continue;
        }
        awaited.push_back(request);
        credential_ids.push_back(request.credential_id);
        if (std::ranges::find(accounts, request.account) == accounts.end()) {
            accounts.push_back(request.account);
        }
    }
    if (awaited.empty()) {
        return {};
    }
    credential::CredentialService::Asked asked;
    asked.requester = named("CMP: ", accounts);
    asked.beside = [&](store::Session& session, const std::string& transaction_id) -> Result<void> {
        CmpTable table(session);
        for (auto request : awaited) {
            request.office_id = transaction_id;
            TRY_ASSIGN(const auto is_waiting, table.update(request, CmpState::waiting));
            if (!is_waiting) {
                return Error{ErrorKind::conflict, "a request is decided already"};
            }
        }
        return {};
    };
    const auto opened = credentials_.request_certificates(credential_ids, std::move(asked));
    // Another poll has asked at this moment.
    return opened || opened.error().kind == ErrorKind::conflict ? Result<void>()
                                                                : Result<void>(opened.error());
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
        // RFC 4210 §5.2.8: what is not taken is not to be believed either.
        TRY(credentials_.revoke(credential.id, pki::RevocationReason::cessation_of_operation));
        TRY(refuse(*std::move(request), "the client did not take the certificate"));
        return true;
    }
    const auto was = std::exchange(request->state, CmpState::confirmed);
    TRY(database_.write(
        [&](store::Session& session) { return CmpTable(session).update(*request, was); }));
    return true;
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
                          "a certificate is held and released at the office"});
    }
    TRY(credentials_.revoke(credential->id, *reason));
    return Refusal();
}

}  // namespace cloudsign::cmp
