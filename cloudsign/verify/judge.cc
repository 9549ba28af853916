#include "cloudsign/verify/judge.h"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include "cloudsign/pki/certificate_use.h"
#include "hsm/openssl/der.h"

namespace cloudsign::verify {
namespace {

namespace openssl = hsm::openssl;
using openssl::Freed;

using InfoPtr = std::unique_ptr<TS_TST_INFO, Freed<TS_TST_INFO_free>>;

constexpr const char* tst_info_oid = "1.2.840.113549.1.9.16.1.4";

struct PathStatus {
    Status leaf;
    Findings issuers;  // issuer_revoked, issuer_status_unchecked
    bool is_embedded = true;
};

struct KnownStatus {
    Status status;
    bool is_embedded = true;  // told by the file
};

KnownStatus status_of(X509* certificate,
                      X509* issuer,
                      std::int64_t time_ms,
                      const Material& material,
                      const Setting& setting) {
    auto status = status_by(certificate, issuer, time_ms, material.evidence, material.pool);
    if (status.standing >= Standing::good || setting.fetch == nullptr) {
        return {status, status.standing >= Standing::good};
    }
    const auto asked = ask_for_status(certificate, issuer, *setting.fetch);
    auto heard = status_by(certificate, issuer, time_ms, asked, material.pool);
    if (heard.standing < Standing::good) {
        return {status, false};
    }
    heard.report.is_online = true;
    return {heard, false};
}

// Revoked before `time_ms`, so that it counts then.
bool is_revoked_at(const Status& status, std::int64_t time_ms) {
    return status.standing > Standing::good && status.report.revoked_at_ms.value_or(0) <= time_ms;
}

PathStatus status_of_path(const Path& path,
                          std::int64_t time_ms,
                          const Material& material,
                          const Setting& setting) {
    PathStatus found;
    // Whoever wrote the file may have made authorities of their own, who say what they like and
    // name any address to ask: only those that ours vouch for are listened to.
    if (!path.is_trusted()) {
        found.is_embedded = false;
        return found;
    }
    // Whom you trust yourself, nobody can revoke.
    if (path.size() == 1) {
        found.leaf.standing = Standing::good;
    }
    for (int i = 0; i + 1 < path.size(); ++i) {
        auto known = status_of(path.at(i), path.issuer_of(i), time_ms, material, setting);
        found.is_embedded = found.is_embedded && known.is_embedded;
        if (i == 0) {
            found.leaf = known.status;
        } else if (is_revoked_at(known.status, time_ms)) {
            found.issuers.push_back({Code::issuer_revoked, report_of(path.at(i)).subject});
        } else if (known.status.standing < Standing::good) {
            found.issuers.push_back({Code::issuer_status_unchecked, report_of(path.at(i)).subject});
        }
    }
    return found;
}

void judge_validity(SignatureReport& report, const Path& path, std::int64_t time_ms) {
    auto* leaf = path.at(0);
    const bool is_proven = report.proven_time_ms.has_value();
    auto* outside = outside_validity(path, time_ms);
    if (outside != nullptr) {
        const bool is_before = validity_at(outside, time_ms) == Validity::before;
        const auto code = is_before
                              ? (is_proven ? Code::not_yet_valid_at_signing : Code::not_yet_valid)
                              : (is_proven ? Code::expired_at_signing : Code::expired);
        report.findings.push_back({code, report_of(outside).subject});
    }
    // Nobody can have signed in good faith at a time that their own certificate rules out.
    if (!is_proven && report.claimed_time_ms) {
        const auto claimed = validity_at(leaf, *report.claimed_time_ms);
        if (claimed != Validity::within) {
            report.findings.push_back({claimed == Validity::after ? Code::expired_at_signing
                                                                  : Code::not_yet_valid_at_signing,
                                       report_of(leaf).subject});
        }
    }
}

void judge_status(SignatureReport& report, const Status& status, std::int64_t time_ms) {
    const auto add = [&](Code code) { report.findings.push_back({code, ""}); };
    switch (status.standing) {
        case Standing::unknown:
            return add(Code::status_unchecked);
        case Standing::of_another:
            return add(Code::status_of_another);
        case Standing::stale:
            return add(Code::status_stale);
        case Standing::good:
            return;
        case Standing::on_hold:
            return add(is_revoked_at(status, time_ms) ? Code::on_hold
                                                      : Code::revoked_after_signing);
        case Standing::revoked:
            break;
    }
    if (!is_revoked_at(status, time_ms)) {
        return add(Code::revoked_after_signing);
    }
    add(report.proven_time_ms ? Code::revoked_at_signing : Code::revoked);
}

// The hash that a time-stamp is about.
bool is_imprint_of(TS_MSG_IMPRINT* imprint, const Content& content, Findings& findings) {
    const ASN1_OBJECT* type = nullptr;
    X509_ALGOR_get0(&type, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
    const auto* digest = EVP_get_digestbyobj(type);
    if (digest == nullptr || !is_strong_digest(EVP_MD_get_type(digest))) {
        findings.push_back({Code::weak_digest, ""});
    }
    const openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    if (digest == nullptr || EVP_DigestInit_ex(context.get(), digest, nullptr) != 1) {
        return false;
    }
    for (const auto part : content) {
        EVP_DigestUpdate(context.get(), part.data(), part.size());
    }
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context.get(), hash, &size);
    const auto* message = TS_MSG_IMPRINT_get_msg(imprint);
    return static_cast<unsigned>(ASN1_STRING_length(message)) == size &&
           std::equal(hash, hash + size, ASN1_STRING_get0_data(message));
}

// genTime to the millisecond: ASN1_TIME_to_tm() leaves fractions out.
std::optional<std::int64_t> time_of(const TS_TST_INFO* info) {
    const auto* time = TS_TST_INFO_get_time(info);
    auto seconds = to_ms(time);
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(time)),
                                static_cast<std::size_t>(ASN1_STRING_length(time)));
    const auto point = text.find('.');
    std::int64_t unit = 100;
    for (auto at = point; seconds && point != text.npos && ++at < text.size() && unit > 0;
         unit /= 10) {
        if (text[at] < '0' || text[at] > '9') {
            break;
        }
        *seconds += (text[at] - '0') * unit;
    }
    return seconds;
}

void judge_stamper(CheckedTimestamp& checked,
                   const Material& material,
                   std::int64_t control_ms,
                   const Setting& setting) {
    auto* certificate = checked.certificate.get();
    const auto add = [&](Code code, std::string detail = "") {
        checked.findings.push_back({code, std::move(detail)});
    };
    // RFC 3161 §2.3: critical, and nothing else.
    if (X509_check_purpose(certificate, X509_PURPOSE_TIMESTAMP_SIGN, 0) != 1) {
        add(Code::timestamp_purpose);
    }
    const auto path = build_path(certificate, material.pool, setting.anchors);
    if (!path.is_trusted()) {
        add(Code::timestamp_untrusted, path.findings.front().detail);
    }
    for (auto& finding : check_algorithms(path)) {
        checked.findings.push_back(std::move(finding));
    }
    const auto time = *checked.time_ms;
    if (outside_validity(path, time) != nullptr ||
        validity_at(certificate, control_ms) != Validity::within) {
        add(Code::timestamp_expired);
    }
    const auto status = status_of_path(path, time, material, setting);
    if (is_revoked_at(status.leaf, time) || has(status.issuers, Code::issuer_revoked)) {
        add(Code::timestamp_revoked);
    } else if (status.leaf.standing < Standing::good || !status.issuers.empty()) {
        add(Code::timestamp_status_unchecked);
    }
    checked.has_embedded_status = status.is_embedded;
}

}  // namespace

CheckedTimestamp check_timestamp(hsm::ByteView token,
                                 const Content& content,
                                 const Material& material,
                                 std::int64_t control_ms,
                                 const Setting& setting) {
    CheckedTimestamp checked;
    std::size_t used = 0;
    const auto cms = Cms::read(token, used);
    const auto encapsulated = cms ? cms->content(tst_info_oid) : std::nullopt;
    const auto info =
        encapsulated ? openssl::from_der<InfoPtr>(*encapsulated, d2i_TS_TST_INFO) : nullptr;
    ERR_clear_error();
    if (!info || cms->signers() != 1) {
        checked.findings.push_back({Code::timestamp_malformed, ""});
        return checked;
    }
    auto signer = cms->check(0, {*encapsulated}, material.pool);
    checked.certificate = std::move(signer.certificate);
    checked.digest_algorithm = signer.digest_algorithm;
    checked.signature_algorithm = signer.signature_algorithm;
    checked.time_ms = time_of(info.get());
    // RFC 3161 §2.4.2: the certificate is named in what is signed.
    const bool is_signed = signer.is_intact && signer.names_certificate && checked.time_ms;
    const bool is_about =
        is_imprint_of(TS_TST_INFO_get_msg_imprint(info.get()), content, checked.findings);
    if (!is_signed) {
        checked.findings.push_back({Code::timestamp_broken, ""});
    }
    if (!is_about) {
        checked.findings.push_back({Code::timestamp_mismatch, ""});
    }
    checked.is_intact = is_signed && is_about;
    if (checked.is_intact) {
        judge_stamper(checked, material, control_ms, setting);
    }
    ERR_clear_error();
    return checked;
}

bool judge_certificate(SignatureReport& report,
                       X509* certificate,
                       const Material& material,
                       const Setting& setting) {
    report.signer = report_of(certificate);
    const auto path = build_path(certificate, material.pool, setting.anchors);
    for (int i = 1; i < path.size(); ++i) {
        report.chain.push_back(report_of(path.at(i)));
    }
    const auto take = [&](Findings findings) {
        report.findings.insert(report.findings.end(), findings.begin(), findings.end());
    };
    take(path.findings);
    if (path.size() == 0) {
        return false;
    }
    take(check_algorithms(path));
    if (!pki::is_for_documents(certificate)) {
        report.findings.push_back({Code::wrong_usage, ""});
    }
    const auto time_ms = report.proven_time_ms.value_or(setting.now_ms);
    judge_validity(report, path, time_ms);
    auto status = status_of_path(path, time_ms, material, setting);
    judge_status(report, status.leaf, time_ms);
    take(status.issuers);
    report.status = status.leaf.report;
    ERR_clear_error();
    return path.is_trusted() && status.is_embedded;
}

}  // namespace cloudsign::verify
