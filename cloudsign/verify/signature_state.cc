#include "cloudsign/verify/signature_state.h"

#include <algorithm>

namespace cloudsign::verify {
namespace {

constexpr StateText changed{"changed_after_signing",
                            "Văn bản sau khi ký bị chỉnh sửa",
                            "The document was changed after it was signed"};
constexpr StateText unstamped{
    "no_timestamp", "Chữ ký số chưa được gắn dấu thời gian", "The signature has no time-stamp"};
constexpr StateText unchecked{
    "status_unchecked_no_timestamp",
    "Chữ ký số không được kiểm tra trạng thái thu hồi và không được gắn dấu thời gian",
    "The signature's certificate status was not checked, and it has no time-stamp"};
constexpr StateText personal{"personal_for_organisation",
                             "Dùng chứng thư cá nhân để ký chữ ký số của cơ quan, tổ chức",
                             "A personal certificate was used for an organisation's signature"};

bool has_any(const Findings& findings, std::initializer_list<Code> codes) {
    return std::ranges::any_of(codes, [&](Code code) { return has(findings, code); });
}

// Rows that say nothing unless the signature could be read so far.
bool is_judged(const SignatureReport& signature, Row row) {
    switch (row) {
        case Row::hash_match:
        case Row::file:
            return true;
        case Row::changes:
            // Behind what does not stand itself, nothing was compared.
            return worst(row_of(signature, Row::hash_match).findings) == Verdict::valid;
        default:
            return signature.signer.has_value();
    }
}

}  // namespace

std::vector<StateText> states_of(const SignatureReport& signature) {
    const auto& findings = signature.findings;
    std::vector<StateText> states;
    if (has_any(findings,
                {Code::changed_after_signing,
                 Code::certification_violated,
                 Code::locked_field_changed,
                 Code::digest_mismatch})) {
        states.push_back(changed);
    }
    if (has(findings, Code::no_timestamp)) {
        const bool is_unchecked = has_any(
            findings, {Code::status_unchecked, Code::status_stale, Code::status_of_another});
        states.push_back(is_unchecked ? unchecked : unstamped);
    }
    if (has_any(findings,
                {Code::personal_for_organisation, Code::personal_in_organisations_place})) {
        states.push_back(personal);
    }
    return states;
}

std::string RowVerdict::words(Language language) const {
    if (findings.empty()) {
        return std::string(row_words(verdict, language));
    }
    std::string words;
    for (const auto& finding : findings) {
        words += (words.empty() ? "" : "; ") + std::string(text_of(finding.code).words(language));
        if (!finding.detail.empty()) {
            words += " (" + finding.detail + ")";
        }
    }
    return words;
}

RowVerdict row_of(const SignatureReport& signature, Row row) {
    RowVerdict judged;
    for (const auto& finding : signature.findings) {
        if (text_of(finding.code).row == row) {
            judged.findings.push_back(finding);
        }
    }
    judged.verdict = worst(judged.findings);
    if (judged.findings.empty() && !is_judged(signature, row)) {
        judged.verdict = Verdict::indeterminate;
    }
    return judged;
}

}  // namespace cloudsign::verify
