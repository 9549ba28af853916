#pragma once

#include "cloudsign/document/pdf_security_store.h"
#include "cloudsign/document/pdf_signatures.h"

namespace cloudsign::evidence {

using document::ValidationData;

// Levels of ETSI EN 319 142-1 §6: signed; the time proved; what is needed to judge it inside; and
// that under a time-stamp of its own.
enum class Level { b, t, lt, lta };
std::string_view level_name(Level level);  // "B-LTA"
std::optional<Level> level_named(std::string_view name);

// When a signature, or a document time-stamp, was there, and who says so.
struct Proof {
    std::int64_t time_ms = 0;
    std::vector<Bytes> chain;  // of the time-stamping authority, leaf first
};

struct JudgedSignature {
    document::PdfSigned place;
    std::vector<Bytes> chain;  // of the signer, as of then
    std::optional<Proof> proof;
    bool has_timestamp = false;  // in the CMS, good or not
};

struct JudgedTimestamp {
    document::PdfSigned place;
    Proof proof;
};

// What a file's signatures have reached. This is what one must know to raise them, and no verdict
// for a relying party: changes between revisions are not looked at.
struct PdfJudgement {
    Level level = Level::b;               // of the signature that has the least
    std::vector<JudgedSignature> ours;    // whose signer's chain ends in an anchor
    std::vector<std::string> others;      // the rest: a field, and why it is left alone
    std::vector<JudgedTimestamp> stamps;  // document time-stamps, the oldest first
    ValidationData known;
};

// `anchors`: DER. `invalid`, in words, when the file cannot be read, holds no signature that ends
// in an anchor, or one of these does not verify.
Result<PdfJudgement> judge_pdf(hsm::ByteView pdf,
                               const std::vector<Bytes>& anchors,
                               std::int64_t now_ms);

}  // namespace cloudsign::evidence
