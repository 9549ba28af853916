#include "server/app/certificate_asker.h"

#include <spdlog/spdlog.h>

namespace server::app {
namespace {

using cloudsign::external_ca::Attempt;
using cloudsign::store::CertificationRequest;
using cloudsign::store::CertificationState;
using cloudsign::store::ExternalRevocation;
using cloudsign::store::ExternalRevocationState;

constexpr unsigned at_once = 1;

std::string key_of(const Attempt& attempt) {
    return cloudsign::external_ca::key_of(attempt.task);
}

void log_request(const CertificationRequest& request) {
    const auto& id = request.credential_id;
    switch (request.state) {
        case CertificationState::issued:
            spdlog::info("credential {}: the authority outside has certified it", id);
            return;
        case CertificationState::refused:
            spdlog::error(
                "credential {}: the authority outside does not certify it: {}", id, request.detail);
            return;
        case CertificationState::open:
        case CertificationState::replaced:
            break;
    }
    spdlog::warn("credential {}: not certified outside after {} attempts: {}",
                 id,
                 request.attempts,
                 request.detail);
}

void log_revocation(const ExternalRevocation& revocation) {
    const auto& serial = revocation.serial_number;
    switch (revocation.state) {
        case ExternalRevocationState::told:
            spdlog::info("certificate {}: the authority outside has revoked it", serial);
            return;
        case ExternalRevocationState::refused:
            spdlog::error("certificate {}: the authority outside does not revoke it: {}",
                          serial,
                          revocation.detail);
            return;
        case ExternalRevocationState::open:
            break;
    }
    spdlog::warn("certificate {}: not revoked outside after {} attempts: {}",
                 serial,
                 revocation.attempts,
                 revocation.detail);
}

// Whether a stop that came meanwhile may have been what went wrong.
bool is_open(const Attempt& attempt) {
    if (const auto* request = std::get_if<CertificationRequest>(&attempt.task)) {
        return request->state == CertificationState::open;
    }
    return std::get<ExternalRevocation>(attempt.task).state == ExternalRevocationState::open;
}

}  // namespace

CertificateAsker::CertificateAsker(cloudsign::external_ca::OnlineCa& authority,
                                   const cloudsign::Clock& clock)
    : authority_(authority), thread_("the authority outside", clock, key_of, at_once) {}

void CertificateAsker::stop() {
    stopping_ = true;
    thread_.stop();
}

void CertificateAsker::send_due() {
    const auto due = authority_.due(at_once);
    if (!due) {
        spdlog::warn("the authority outside: {}", due.error().detail);
        return;
    }
    for (const auto& task : *due) {
        if (stopping_ || !thread_.begin(cloudsign::external_ca::key_of(task), "the authority")) {
            return;
        }
        auto attempt = authority_.attempt(task);
        attempt.cut_short = stopping_ && is_open(attempt);
        thread_.ended(std::move(attempt));
    }
}

cloudsign::Result<std::optional<std::int64_t>> CertificateAsker::next_due() {
    return authority_.next_due();
}

cloudsign::Result<void> CertificateAsker::record(const std::vector<Attempt>& attempts) {
    for (const auto& attempt : attempts) {
        TRY(authority_.record(attempt));
        if (attempt.cut_short) {
            continue;
        }
        if (const auto* request = std::get_if<CertificationRequest>(&attempt.task)) {
            log_request(*request);
        } else {
            log_revocation(std::get<ExternalRevocation>(attempt.task));
        }
    }
    return {};
}

}  // namespace server::app
