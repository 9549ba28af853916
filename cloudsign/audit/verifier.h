#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/audit/device_certificate.h"
#include "cloudsign/audit/log_file.h"
#include "hsm/protocol/audit_record.h"

namespace cloudsign::audit {

enum class Verdict {
    complete,  // up to a head that the module signed over the auditor's own challenge
    unproven,  // unbroken from the first record, but later records may have been held back
    broken     // a record is changed, missing, moved, or not this module's
};

struct LogVerdict {
    hsm::Digest module_id{};
    Verdict verdict = Verdict::broken;
    std::uint64_t records = 0;     // index of the last proven record
    std::uint64_t signatures = 0;  // of persons and issuers among them
    std::string detail;            // why it is not complete
    std::string root_subject;
    hsm::protocol::AssuranceClass assurance_class = hsm::protocol::AssuranceClass::software;
};

struct AuditVerdict {
    Verdict verdict = Verdict::broken;  // of the group: the worst, and every member must be there
    std::vector<LogVerdict> logs;
    std::string detail;
};

// Checks exported logs against device roots: certificate, chain of records, heads, that no
// authorised leaf was signed twice in the whole group, and that every member which the officers
// approved has its log here. Heads count only with the auditor's own `challenge`.
AuditVerdict verify_logs(const std::vector<LogFile>& logs,
                         const std::vector<Bytes>& roots,
                         const std::optional<hsm::protocol::Nonce>& challenge);

// What a receipt states, after its signature and its device certificate have been checked.
struct ReceiptFacts {
    DeviceCertificate device;
    hsm::protocol::AuditRecord record;
    hsm::protocol::SignedDetails details;  // views into the receipt
};
Result<ReceiptFacts> verify_receipt(hsm::ByteView receipt,
                                    hsm::ByteView device_certificate,
                                    const std::vector<Bytes>& roots);

}  // namespace cloudsign::audit
