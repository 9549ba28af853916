#include "cloudsign/authority/status_service.h"

#include "cloudsign/store/certificate_table.h"
#include "hsm/sync/place.h"

namespace cloudsign::authority {
namespace {

using pki::CertificateStatus;
using store::CertificateTable;
using store::CredentialOwner;
using store::IssuedStatus;

pki::OcspFailure failure_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::invalid:
            return pki::OcspFailure::malformed_request;
        case ErrorKind::busy:
        case ErrorKind::unavailable:
            return pki::OcspFailure::try_later;
        // RFC 5019 §2.2.3: about whom we know nothing, and have signed nothing.
        case ErrorKind::not_found:
            return pki::OcspFailure::unauthorized;
        default:
            return pki::OcspFailure::internal_error;
    }
}

}  // namespace

StatusService::StatusService(store::Database& database,
                             ModulePort& modules,
                             const Clock& clock,
                             const pki::SigningContext& context)
    : database_(database), modules_(modules), clock_(clock), context_(context) {}

void StatusService::changed() {
    const std::lock_guard lock(mutex_);
    ++generation_;
    answers_.clear();
    list_due_ = true;
}

// ---- the list

Result<StatusService::List> StatusService::list() {
    {
        const std::lock_guard lock(mutex_);
        if (list_) {
            return *list_;
        }
    }
    TRY_ASSIGN(auto key, find_service_key(database_, CredentialOwner::issuer, clock_.now_ms()));
    TRY_ASSIGN(auto stored, database_.read([&](store::Session& session) {
        return CertificateTable(session).list_of(key.issuer_id);
    }));
    if (!stored) {
        return Error{ErrorKind::not_found, "there is no revocation list yet"};
    }
    return List{std::move(stored->list), stored->next_update};
}

Result<void> StatusService::keep_list() {
    const auto now = clock_.now_ms();
    {
        const std::lock_guard lock(mutex_);
        if (!list_due_ && now < renew_list_at_ms_) {
            return {};
        }
    }
    auto key = find_service_key(database_, CredentialOwner::issuer, now);
    if (!key) {
        return key.error().kind == ErrorKind::not_found ? Result<void>() : key.error();
    }
    // Before the rows are read: what changes from here on asks for another list.
    list_due_ = false;
    const auto made = [&]() -> Result<store::StoredRevocationList> {
        pki::RevocationListRequest request;
        request.issuer = key->certificate;
        request.this_update_ms = now;
        request.next_update_ms = now + list_life_ms;
        TRY(database_.read([&](store::Session& session) -> Result<void> {
            CertificateTable table(session);
            TRY_ASSIGN(auto stored, table.list_of(key->issuer_id));
            request.number = stored ? stored->number + 1 : 1;
            TRY_ASSIGN(auto revoked, table.revoked_of(key->issuer_id, now));
            for (const auto& one : revoked) {
                request.revoked.push_back({one.serial_number,
                                           one.changed_at,
                                           static_cast<pki::RevocationReason>(one.reason)});
            }
            return {};
        }));
        ModuleSigner signer(modules_, *key, ModuleSigner::Signs::list);
        TRY_ASSIGN(auto der, pki::sign_revocation_list(context_, signer, request));
        store::StoredRevocationList row{key->issuer_id,
                                        request.number,
                                        request.this_update_ms,
                                        request.next_update_ms,
                                        std::move(der)};
        TRY(database_.write(
            [&](store::Session& session) { return CertificateTable(session).put_list(row); }));
        return row;
    }();
    if (!made) {
        list_due_ = true;
        return made.error();
    }
    const std::lock_guard lock(mutex_);
    list_ = List{made->list, made->next_update};
    renew_list_at_ms_ = now + list_life_ms / 2;
    return {};
}

// ---- answers

StatusService::Answer StatusService::answer(const Bytes& request) {
    auto made = make_answer(request);
    if (!made) {
        return {pki::ocsp_failure(failure_of(made.error())), 0};
    }
    return *std::move(made);
}

Result<StatusService::Answer> StatusService::make_answer(const Bytes& bytes) {
    if (bytes.size() > pki::ocsp_request_size_max) {
        return Error{ErrorKind::invalid, "an OCSP request is at most 4,096 bytes"};
    }
    // Clients of a kind ask in the same bytes: whoever comes second costs nothing but this.
    if (auto found = kept(bytes)) {
        return *std::move(found);
    }
    const auto key = find_service_key(database_, CredentialOwner::ocsp, clock_.now_ms());
    if (!key) {
        return Error{ErrorKind::unavailable, "there is no key for OCSP answers yet"};
    }
    TRY_ASSIGN(auto request, pki::read_ocsp_request(bytes, key->issuer_certificate));
    const hsm::sync::Place place(signing_);
    if (place.number() > signing_at_once_max) {
        return Error{ErrorKind::busy, "too many questions at once", 1};
    }
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock(mutex_);
        generation = generation_;
    }
    TRY_ASSIGN(auto made, sign_answers(*key, request));
    const bool keeps = request.nonce.empty();
    Answer answer{made.response, keeps ? made.next_update_ms : 0};
    if (keeps) {
        remember(bytes, std::move(made), generation);
    }
    return answer;
}

std::optional<StatusService::Answer> StatusService::kept(const Bytes& request) {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(request);
    if (found == answers_.end() || found->second.next_update_ms <= clock_.now_ms()) {
        return std::nullopt;
    }
    found->second.asked = true;
    return Answer{found->second.response, found->second.next_update_ms};
}

void StatusService::remember(const Bytes& request, Kept answer, std::uint64_t generation) {
    const std::lock_guard lock(mutex_);
    // Signed over what has changed since: not for anybody else.
    if (generation != generation_) {
        return;
    }
    if (answers_.size() >= answers_kept_max) {
        answers_.clear();
    }
    answers_.insert_or_assign(request, std::move(answer));
}

// Nothing is signed for who asks about none of ours: serial numbers can be made up without end.
Result<std::vector<pki::StatusAnswer>> StatusService::look_up(const ServiceKey& key,
                                                              const pki::OcspRequest& request) {
    std::vector<pki::StatusAnswer> answers;
    bool any = false;
    TRY(database_.read([&](store::Session& session) -> Result<void> {
        CertificateTable table(session);
        for (const auto& question : request.questions) {
            pki::StatusAnswer answer;
            answer.certificate_id = question.certificate_id;
            TRY_ASSIGN(auto row, table.by_serial(question.serial_number));
            if (question.of_issuer && row && row->issuer_id == key.issuer_id) {
                any = true;
                const bool good = row->status == IssuedStatus::good;
                answer.status = good ? CertificateStatus::good : CertificateStatus::revoked;
                answer.revoked_at_ms = row->changed_at;
                answer.reason = static_cast<pki::RevocationReason>(row->reason);
            }
            answers.push_back(std::move(answer));
        }
        return {};
    }));
    if (!any) {
        return Error{ErrorKind::not_found, "no certificate of ours"};
    }
    return answers;
}

Result<StatusService::Kept> StatusService::sign_answers(const ServiceKey& key,
                                                        const pki::OcspRequest& request) {
    pki::OcspAnswers answers;
    TRY_ASSIGN(answers.answers, look_up(key, request));
    answers.responder = key.certificate;
    answers.nonce = request.nonce;
    answers.this_update_ms = clock_.now_ms();
    answers.next_update_ms = answers.this_update_ms + answer_life_ms;
    ModuleSigner signer(modules_, key, ModuleSigner::Signs::answer);
    TRY_ASSIGN(auto response, pki::sign_ocsp_answers(context_, signer, answers));
    return Kept{std::move(response), answers.this_update_ms, answers.next_update_ms, false};
}

// Answers that are asked for are signed again before they end, so that nobody waits for a module;
// the others are dropped when they have ended.
Result<void> StatusService::keep_answers() {
    const auto now = clock_.now_ms();
    constexpr std::size_t at_once_max = 200;  // the next call goes on
    std::vector<Bytes> due;                   // requests
    std::uint64_t generation = 0;
    {
        const std::lock_guard lock(mutex_);
        generation = generation_;
        std::erase_if(answers_, [&](const auto& one) { return one.second.next_update_ms <= now; });
        for (const auto& [request, kept] : answers_) {
            if (kept.asked && now >= kept.this_update_ms + answer_life_ms / 2 &&
                due.size() < at_once_max) {
                due.push_back(request);
            }
        }
    }
    if (due.empty()) {
        return {};
    }
    TRY_ASSIGN(auto key, find_service_key(database_, CredentialOwner::ocsp, now));
    for (const auto& bytes : due) {
        TRY_ASSIGN(auto request, pki::read_ocsp_request(bytes, key.issuer_certificate));
        TRY_ASSIGN(auto made, sign_answers(key, request));
        remember(bytes, std::move(made), generation);
    }
    return {};
}

Result<void> StatusService::keep() {
    TRY(keep_list());
    return keep_answers();
}

}  // namespace cloudsign::authority
