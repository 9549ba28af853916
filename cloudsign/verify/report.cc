#include "cloudsign/verify/report.h"

#include <algorithm>

namespace cloudsign::verify {

Verdict Report::verdict() const {
    auto verdict = worst(findings);
    for (const auto& signature : signatures) {
        const bool is_stamp = signature.kind == SignatureKind::document_timestamp;
        if (!is_stamp || signature.verdict() == Verdict::invalid) {
            verdict = std::max(verdict, signature.verdict());
        }
    }
    return verdict;
}

Result<void> check_fields(const Report& report, const std::set<std::string>& names) {
    std::string there;
    for (const auto& signature : report.signatures) {
        there += (there.empty() ? "" : ", ") + signature.field;
    }
    const auto is_known = [&](const std::string& name) {
        return name == "*" || std::ranges::any_of(report.signatures, [&](const auto& signature) {
                   return signature.field == name;
               });
    };
    for (const auto& name : names) {
        if (report.signatures.empty() || is_known(name)) {
            continue;
        }
        return Error{ErrorKind::invalid,
                     name + ": no signature is in a field of that name; " +
                         (there.empty() ? "one beside its file is in none: say \"*\""
                                        : "there are: " + there)};
    }
    return {};
}

bool lacks_status(const Report& report) {
    return std::ranges::any_of(report.signatures, [](const SignatureReport& signature) {
        return std::ranges::any_of(std::initializer_list<Code>{Code::status_unchecked,
                                                               Code::status_stale,
                                                               Code::issuer_status_unchecked,
                                                               Code::timestamp_status_unchecked},
                                   [&](Code code) { return has(signature.findings, code); });
    });
}

}  // namespace cloudsign::verify
