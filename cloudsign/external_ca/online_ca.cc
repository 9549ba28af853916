#include "cloudsign/external_ca/online_ca.h"

#include <algorithm>

namespace cloudsign::external_ca {

using store::CertificationState;
using store::CertificationTable;
using store::ExternalRevocation;
using store::ExternalRevocationState;

namespace {

// Whatever an authority wishes.
constexpr std::int64_t wait_min_ms = 10'000;
constexpr std::int64_t wait_max_ms = 24ll * 3600 * 1000;

// A fault of the moment, of the network or of the authority's.
bool is_passing(const Error& error) {
    return error.kind == ErrorKind::unavailable || error.kind == ErrorKind::busy;
}

}  // namespace

std::string key_of(const Task& task) {
    if (const auto* request = std::get_if<store::CertificationRequest>(&task)) {
        return request->transaction_id;
    }
    return std::get<ExternalRevocation>(task).serial_number;
}

OnlineCa::OnlineCa(store::Database& database,
                   const Clock& clock,
                   ExternalCa& outside,
                   CaConnector& connector,
                   const RetrySchedule& schedule)
    : database_(database),
      clock_(clock),
      outside_(outside),
      connector_(connector),
      schedule_(schedule) {}

Result<std::vector<Task>> OnlineCa::due(std::uint32_t limit) {
    const auto now = clock_.now_ms();
    return database_.read([&](store::Session& session) -> Result<std::vector<Task>> {
        CertificationTable table(session);
        // What is revoked first: others may be relying on it.
        TRY_ASSIGN(auto revocations, table.revocations_due(now, limit));
        TRY_ASSIGN(auto requests, table.due(now, limit));
        std::vector<Task> tasks;
        std::ranges::move(revocations, std::back_inserter(tasks));
        std::ranges::move(requests, std::back_inserter(tasks));
        return tasks;
    });
}

Result<std::optional<std::int64_t>> OnlineCa::next_due() {
    return database_.read([&](store::Session& session) {
        return CertificationTable(session).next_due(clock_.now_ms());
    });
}

template <class Row>
void OnlineCa::put_off(Row& row, std::string why, std::int64_t wait_ms) {
    row.detail = std::move(why);
    row.next_at = clock_.now_ms() + wait_ms;
    if (row.next_at - row.created_at > schedule_.give_up_ms) {
        row.state = decltype(row.state)::refused;
        row.detail = "given up: " + row.detail;
    }
}

Result<CertificateQuestion> OnlineCa::question_of(const store::CertificationRequest& request) {
    CertificateQuestion question;
    TRY_ASSIGN(question.pkcs10, outside_.pkcs10_of(request));
    TRY_ASSIGN(question.renews, outside_.renewed_by(request));
    question.transaction = request.authority_transaction;
    return question;
}

store::CertificationRequest OnlineCa::ask(store::CertificationRequest request) {
    ++request.attempts;
    const auto attempts = static_cast<std::uint32_t>(request.attempts);
    const auto fail = [&](const Error& error) {
        if (is_passing(error)) {
            put_off(request, error.detail, wait_before_retry(schedule_, attempts));
        } else {
            request.state = CertificationState::refused;
            request.detail = error.detail;
        }
    };
    if (const auto wanted = outside_.check_is_wanted(request); !wanted) {
        fail(wanted.error());
        return request;
    }
    const auto question = question_of(request);
    if (!question) {
        fail(question.error());
        return request;
    }
    std::vector<Bytes> chain;
    const auto check = [&](const Issued& issued) -> Result<void> {
        TRY_ASSIGN(chain, outside_.chain_for(request, issued.certificate, issued.others));
        return {};
    };
    const auto answer = connector_.request(*question, check);
    if (!answer) {
        fail(answer.error());
        return request;
    }
    request.authority_transaction.clear();
    if (const auto* later = std::get_if<AskLater>(&*answer)) {
        request.authority_transaction = later->transaction;
        put_off(request,
                "the authority has not decided yet",
                std::clamp(later->after_ms, wait_min_ms, wait_max_ms));
    } else if (const auto* refused = std::get_if<Refused>(&*answer)) {
        request.state = CertificationState::refused;
        request.detail = refused->reason;
    } else if (const auto used = outside_.use(request, chain); !used) {
        fail(used.error());
    } else if (!*used) {
        request.state = CertificationState::refused;
        request.detail = "the authority has sent the certificate that is in use already";
    } else {
        request.state = CertificationState::issued;
        request.detail.clear();
    }
    return request;
}

ExternalRevocation OnlineCa::tell(ExternalRevocation revocation) {
    ++revocation.attempts;
    const auto told = connector_.revoke(revocation.certificate,
                                        static_cast<pki::RevocationReason>(revocation.reason));
    if (told) {
        revocation.state = ExternalRevocationState::told;
        revocation.detail.clear();
    } else if (is_passing(told.error())) {
        put_off(revocation,
                told.error().detail,
                wait_before_retry(schedule_, static_cast<std::uint32_t>(revocation.attempts)));
    } else {
        revocation.state = ExternalRevocationState::refused;
        revocation.detail = told.error().detail;
    }
    return revocation;
}

Attempt OnlineCa::attempt(const Task& task) {
    if (const auto* request = std::get_if<store::CertificationRequest>(&task)) {
        return {ask(*request)};
    }
    return {tell(std::get<ExternalRevocation>(task))};
}

Result<void> OnlineCa::record(const Attempt& attempt) {
    if (attempt.cut_short) {
        return {};
    }
    return database_.write([&](store::Session& session) -> Result<void> {
        CertificationTable table(session);
        if (const auto* request = std::get_if<store::CertificationRequest>(&attempt.task)) {
            return table.update(*request);
        }
        return table.put_revocation(std::get<ExternalRevocation>(attempt.task));
    });
}

}  // namespace cloudsign::external_ca
