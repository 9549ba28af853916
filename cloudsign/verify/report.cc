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

}  // namespace cloudsign::verify
