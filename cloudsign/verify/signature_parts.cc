#include "cloudsign/verify/signature_parts.h"

#include "cloudsign/sha256.h"

namespace cloudsign::verify {
namespace {

// Clocks of signers differ from those of authorities.
constexpr std::int64_t claim_skew_ms = 10ll * 60 * 1000;

}  // namespace

Level level_of(const LevelParts& parts) {
    if (!parts.is_baseline) {
        return Level::none;
    }
    if (!parts.has_time) {
        return Level::b_b;
    }
    if (!parts.has_evidence) {
        return Level::b_t;
    }
    return parts.is_archived ? Level::b_lta : Level::b_lt;
}

void add(Findings& findings, Code code, std::string detail) {
    findings.push_back({code, std::move(detail)});
}

void add(Findings& findings, const Findings& more) {
    findings.insert(findings.end(), more.begin(), more.end());
}

void take_facts(SignatureReport& report, const CheckedSigner& checked) {
    add(report.findings, checked.findings);
    report.digest_algorithm = checked.digest_algorithm;
    report.signature_algorithm = checked.signature_algorithm;
    if (!report.claimed_time_ms) {
        report.claimed_time_ms = checked.claimed_time_ms;
    }
}

bool judge_time(SignatureReport& report,
                const CheckedSigner& checked,
                const Material& material,
                std::optional<std::int64_t> later_ms,
                const Setting& setting) {
    bool has_evidence = true;
    report.time_source = report.claimed_time_ms ? TimeSource::claimed : TimeSource::none;
    if (later_ms) {
        report.time_source = TimeSource::document_timestamp;
        report.proven_time_ms = later_ms;
    }
    if (checked.timestamp.empty()) {
        if (!later_ms) {
            add(report.findings, Code::no_timestamp);
        }
        return has_evidence;
    }
    const auto stamp = check_timestamp(checked.timestamp,
                                       {checked.signature},
                                       material,
                                       later_ms.value_or(setting.now_ms),
                                       setting);
    add(report.findings, stamp.findings);
    if (stamp.certificate) {
        report.time_stamper = report_of(stamp.certificate.get()).subject;
    }
    if (stamp.proves()) {
        report.time_source = TimeSource::timestamp;
        report.proven_time_ms = stamp.time_ms;
        has_evidence = stamp.has_embedded_status;
    }
    if (report.claimed_time_ms && report.proven_time_ms &&
        *report.claimed_time_ms > *report.proven_time_ms + claim_skew_ms) {
        add(report.findings, Code::claimed_after_timestamp);
    }
    return has_evidence;
}

void judge_kind_of_signer(SignatureReport& report, const Options& options) {
    const bool is_wanted =
        options.of_organisation.contains("*") || options.of_organisation.contains(report.field);
    if (is_wanted && report.signer && !report.signer->is_of_organisation) {
        add(report.findings, Code::personal_for_organisation, report.signer->subject);
    }
}

void judge_alone(SignatureReport& report,
                 const CheckedSigner& checked,
                 const Material& material,
                 const Options& options,
                 const Setting& setting) {
    take_facts(report, checked);
    bool has_evidence = judge_time(report, checked, material, std::nullopt, setting);
    if (checked.certificate) {
        has_evidence =
            judge_certificate(report, checked.certificate.get(), material, setting) && has_evidence;
    }
    judge_kind_of_signer(report, options);
    report.level = level_of({checked.is_intact && checked.names_certificate,
                             report.proven_time_ms.has_value(),
                             has_evidence,
                             false});
}

Report report_about(hsm::ByteView document, const Options& options) {
    Report report;
    report.size = document.size();
    report.checked_at_ms = options.now_ms;
    report.is_online = static_cast<bool>(options.fetch);
    const auto hash = sha256(document);
    report.hash.assign(hash.begin(), hash.end());
    return report;
}

}  // namespace cloudsign::verify
