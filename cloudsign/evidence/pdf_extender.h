#pragma once

#include "cloudsign/evidence/pdf_judgement.h"
#include "cloudsign/evidence/status_collector.h"
#include "cloudsign/evidence/timestamper.h"

namespace cloudsign::evidence {

// What makes another file of a PDF: bytes put in the place of as many, and bytes behind the end.
struct PdfChange {
    std::size_t patch_at = 0;
    std::string patch;  // empty: none
    std::string increment;

    // The new file, in parts.
    std::array<std::string_view, 4> applied_to(hsm::ByteView pdf) const;
};

// What came of it. The file is at `level` whatever went wrong.
struct Raised {
    Level level = Level::b;
    std::optional<Error> missed;       // why it is no more than that
    std::vector<std::string> left;     // signatures of others that were left as they are, and why
    std::int64_t renew_before_ms = 0;  // at B-LTA: when the last time-stamp's certificate ends
    bool nowhere_to_ask = false;       // missed for a certificate that names nowhere: no wait helps
};

// Raises the signatures of a PDF from level to level, each step on what the file says itself: one
// that was interrupted, yesterday or by a service that was down, goes on where it is. One that does
// not stand (revision/standing.h) is left as it is: `missed` says why.
class PdfExtender {
public:
    // Keeps the changed file, and answers it as it is then, to be read until the next call.
    using Keep = std::function<Result<hsm::ByteView>(const PdfChange&)>;

    PdfExtender(Stamp stamp, Fetch fetch, std::vector<Bytes> anchors, const Clock& clock);

    // Until `target` is reached, or a step fails. `keep` is called after each step.
    Raised raise(hsm::ByteView pdf, Level target, const Keep& keep);

    // The same to B-LTA; a file that is there already gets what the last time-stamp needs, and
    // another time-stamp (ETSI EN 319 142-1 §5.5).
    Raised renew(hsm::ByteView pdf, const Keep& keep);

    // What the file has reached.
    Raised look(hsm::ByteView pdf);

private:
    Result<PdfJudgement> judge(hsm::ByteView pdf) const;
    Result<PdfChange> step(hsm::ByteView pdf, const PdfJudgement& judgement);
    Result<PdfChange> prove_time(hsm::ByteView pdf, const PdfJudgement& judgement);
    Result<PdfChange> add_evidence(hsm::ByteView pdf, const PdfJudgement& judgement);
    Result<PdfChange> add_timestamp(hsm::ByteView pdf);
    Result<std::optional<PdfChange>> renewal_evidence(hsm::ByteView pdf,
                                                      const PdfJudgement& judgement);
    Result<void> add_round(hsm::ByteView pdf, const PdfJudgement& judgement, const Keep& keep);
    Raised judged(const Result<PdfJudgement>& judgement) const;

    const Stamp stamp_;
    StatusCollector collector_;
    const std::vector<Bytes> anchors_;
    const Clock& clock_;
};

}  // namespace cloudsign::evidence
