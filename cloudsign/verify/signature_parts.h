#pragma once

#include "cloudsign/verify/judge.h"
#include "cloudsign/verify/verifier.h"

// What the signatures of every format have in common.
namespace cloudsign::verify {

// What of a signature decides its level.
struct LevelParts {
    bool is_baseline = false;   // a format of ETSI, the certificate named in what is signed
    bool has_time = false;      // proven
    bool has_evidence = false;  // status of signer and time-stamper lies in the file
    bool is_archived = false;   // under a document time-stamp that covers that evidence
};
Level level_of(const LevelParts& parts);

void add(Findings& findings, Code code, std::string detail = "");
void add(Findings& findings, const Findings& more);

// Of `checked` into `report`: what it says, but not yet about time and certificate.
void take_facts(SignatureReport& report, const CheckedSigner& checked);

// The time of a signature: by its own time-stamp, or by `later_ms`, a document time-stamp's.
// Answers whether the evidence about that time lies in the file.
bool judge_time(SignatureReport& report,
                const CheckedSigner& checked,
                const Material& material,
                std::optional<std::int64_t> later_ms,
                const Setting& setting);

// Time, certificate, signer and level of a signature that is in no PDF.
void judge_alone(SignatureReport& report,
                 const CheckedSigner& checked,
                 const Material& material,
                 const Options& options,
                 const Setting& setting);

// Of a document of which nothing is said yet.
Report report_about(hsm::ByteView document, const Options& options);

// personal_for_organisation, where `options` want an organisation's in this field.
void judge_kind_of_signer(SignatureReport& report, const Options& options);

}  // namespace cloudsign::verify
