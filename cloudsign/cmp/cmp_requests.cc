#include "cloudsign/cmp/cmp_requests.h"

#include <set>

#include "cloudsign/credential/issuance_payload.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::cmp {

using store::CmpRequest;
using store::CmpState;
using store::CmpTable;
using store::CredentialStatus;
using store::CredentialTable;

namespace {

// Of one account, before officers have decided about some; what nobody has come back for in a week
// does not count.
constexpr std::uint32_t waiting_max = 1'000;
constexpr std::int64_t waiting_ms = 7ll * 24 * 3600 * 1'000;
// In one question to the officers.
constexpr std::size_t asked_at_once_max = 100;
constexpr std::int64_t look_again_ms = 1'000;
constexpr std::int64_t resume_ms = 10'000;

std::string requester_of(const std::string& account) {
    return "CMP: " + account;
}

}  // namespace

Result<std::optional<CmpRequest>> CmpRequests::find(const std::string& account,
                                                    const std::string& transaction_id) {
    return database_.read(
        [&](store::Session& session) { return CmpTable(session).find(account, transaction_id); });
}

Result<CmpRequest> CmpRequests::put(CmpRequest request, CmpState state, std::string detail) {
    const auto was = std::exchange(request.state, state);
    request.detail = std::move(detail);
    return database_.write([&](store::Session& session) -> Result<CmpRequest> {
        CmpTable table(session);
        TRY_ASSIGN(const auto is_written, table.update(request, was));
        if (is_written) {
            return request;
        }
        TRY_ASSIGN(auto now, table.find(request.account, request.transaction_id));
        return now ? Result<CmpRequest>(*std::move(now))
                   : Error{ErrorKind::internal, "a CMP request has gone"};
    });
}

Result<bool> CmpRequests::may_be_approved(const std::string& question_id) {
    TRY_ASSIGN(const auto question, transactions_.find(question_id));
    if (transaction::is_waiting(question.state)) {
        return question.answer_by > clock_.now_ms();
    }
    return !transaction::is_final(question.state) || question.state == transaction::State::signed_;
}

Result<CmpRequest> CmpRequests::settled(CmpRequest request) {
    if (request.state != CmpState::waiting) {
        return request;
    }
    TRY_ASSIGN(const auto credential, credentials_.find(request.credential_id));
    switch (credential.status) {
        case CredentialStatus::enabled:
        case CredentialStatus::disabled:
            return put(std::move(request), CmpState::issued);
        case CredentialStatus::deleted:
            return put(std::move(request), CmpState::refused, "it was revoked or ended here");
        case CredentialStatus::invited:
        case CredentialStatus::binding:
        case CredentialStatus::bound:
            break;
    }
    if (request.office_id.empty()) {
        return request;
    }
    TRY_ASSIGN(const auto may_come, may_be_approved(request.office_id));
    if (may_come) {
        return request;
    }
    TRY(credentials_.remove(request.credential_id));
    return put(
        std::move(request), CmpState::refused, "the officers did not approve the certificate");
}

Result<std::vector<CmpRequest>> CmpRequests::still_waiting(const std::string& account) {
    const auto since = clock_.now_ms() - waiting_ms;
    TRY_ASSIGN(const auto all, database_.read([&](store::Session& session) {
        return CmpTable(session).waiting_of(account, since, waiting_max);
    }));
    std::vector<CmpRequest> waiting;
    for (const auto& one : all) {
        TRY_ASSIGN(auto now, settled(one));
        if (now.state == CmpState::waiting) {
            waiting.push_back(std::move(now));
        }
    }
    return waiting;
}

Result<CmpRequest> CmpRequests::begin(const CmpRequest& request,
                                      const store::Credential& credential) {
    const auto since = clock_.now_ms() - waiting_ms;
    const auto count = [&](store::Session& session) {
        return CmpTable(session).count_waiting(request.account, since);
    };
    TRY_ASSIGN(const auto before, database_.read(count));
    if (before >= waiting_max) {
        TRY(still_waiting(request.account));
    }
    return database_.write([&](store::Session& session) -> Result<CmpRequest> {
        CmpTable table(session);
        TRY_ASSIGN(auto same, table.find(request.account, request.transaction_id));
        if (same) {
            return *std::move(same);
        }
        TRY_ASSIGN(const auto waiting, count(session));
        if (waiting >= waiting_max) {
            return Error{ErrorKind::busy,
                         "too many requests of this account wait for the officers"};
        }
        TRY(CredentialTable(session).insert(credential));
        TRY(table.insert(request));
        return request;
    });
}

Result<std::map<std::string, std::string>> CmpRequests::other_questions() {
    std::map<std::string, std::string> questions;
    TRY_ASSIGN(
        const auto open,
        database_.read([](store::Session& session) -> Result<std::vector<store::Transaction>> {
            TRY_ASSIGN(const auto issuers,
                       CredentialTable(session).of_kind(store::CredentialOwner::issuer));
            std::vector<store::Transaction> all;
            for (const auto& issuer : issuers) {
                TRY_ASSIGN(auto some,
                           store::TransactionTable(session).unfinished_about(
                               issuer.id, hsm::protocol::Purpose::issue));
                std::ranges::move(some, std::back_inserter(all));
            }
            return all;
        }));
    for (const auto& question : open) {
        if (transaction::is_waiting(question.state) && question.answer_by <= clock_.now_ms()) {
            continue;
        }
        TRY_ASSIGN(const auto entries, credential::read_issuance(question.payload));
        for (const auto& entry : entries) {
            questions[entry.credential_id] = question.id;
        }
    }
    return questions;
}

Result<void> CmpRequests::ask_officers(const std::string& account) {
    const std::unique_lock lock(asking_, std::try_to_lock);
    const auto now = clock_.now_ms();
    if (!lock || now < resume_at_ || now < next_look_[account]) {
        return {};
    }
    next_look_[account] = now + look_again_ms;
    auto asked = [&]() -> Result<void> {
        TRY_ASSIGN(auto waiting, still_waiting(account));
        const bool is_open = std::ranges::any_of(
            waiting, [](const CmpRequest& request) { return !request.office_id.empty(); });
        return is_open || waiting.empty() ? Result<void>() : ask_about(account, std::move(waiting));
    }();
    if (!asked) {
        // Where no module answers, none would answer others.
        const bool is_everybodys =
            asked.error().kind == ErrorKind::unavailable || asked.error().kind == ErrorKind::busy;
        (is_everybodys ? resume_at_ : next_look_[account]) = now + resume_ms;
    }
    return asked;
}

Result<void> CmpRequests::ask_about(const std::string& account, std::vector<CmpRequest> unasked) {
    TRY_ASSIGN(const auto others, other_questions());
    std::vector<CmpRequest> asked;
    for (auto& request : unasked) {
        const auto other = others.find(request.credential_id);
        if (other != others.end()) {
            request.office_id = other->second;
            TRY(put(request, CmpState::waiting));
        } else if (asked.size() < asked_at_once_max) {
            asked.push_back(request);
        }
    }
    if (asked.empty()) {
        return {};
    }
    std::vector<std::string> credential_ids;
    for (const auto& request : asked) {
        credential_ids.push_back(request.credential_id);
    }
    credential::CredentialService::Asked question;
    question.requester = requester_of(account);
    question.beside = [&](store::Session& session, const std::string& id) -> Result<void> {
        CmpTable table(session);
        for (auto request : asked) {
            request.office_id = id;
            TRY_ASSIGN(const auto is_waiting, table.update(request, CmpState::waiting));
            if (!is_waiting) {
                return Error{ErrorKind::conflict, "request " + request.id + " is decided already"};
            }
        }
        return {};
    };
    TRY(credentials_.request_certificates(credential_ids, std::move(question)));
    return {};
}

Result<void> CmpRequests::confirm(CmpRequest request) {
    TRY(put(std::move(request), CmpState::confirmed));
    return {};
}

Result<void> CmpRequests::end(CmpRequest request, const std::string& why) {
    TRY_ASSIGN(const auto credential, credentials_.find(request.credential_id));
    if (credential.status != CredentialStatus::deleted) {
        TRY(credentials_.revoke(request.credential_id,
                                pki::RevocationReason::cessation_of_operation));
    }
    // Whatever else became of it meanwhile: each time round it has come further, and no further
    // than `refused`.
    TRY_ASSIGN(auto now, put(std::move(request), CmpState::refused, why));
    while (now.state != CmpState::refused) {
        TRY_ASSIGN(now, put(std::move(now), CmpState::refused, why));
    }
    return {};
}

Result<void> CmpRequests::withdraw(const std::string& account, const std::string& why) {
    constexpr std::uint32_t at_once = 100;
    const auto next = [&] {
        return database_.read([&](store::Session& session) {
            return CmpTable(session).waiting_of(account, 0, at_once);
        });
    };
    std::set<std::string> questions;
    TRY_ASSIGN(auto waiting, next());
    while (!waiting.empty()) {
        for (const auto& request : waiting) {
            if (!request.office_id.empty()) {
                questions.insert(request.office_id);
            }
            TRY(end(request, why));
        }
        TRY_ASSIGN(waiting, next());  // without those
    }
    for (const auto& id : questions) {
        TRY_ASSIGN(const auto question, transactions_.find(id));
        // The operator's own are about others as well.
        if (question.portal == requester_of(account) && transaction::is_waiting(question.state)) {
            TRY(transactions_.refuse(question, transaction::TransactionService::Refusal::reject));
        }
    }
    return {};
}

}  // namespace cloudsign::cmp
