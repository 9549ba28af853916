#include "cloudsign/audit/verifier.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "cloudsign/hex.h"
#include "cloudsign/sha256.h"
#include "hsm/protocol/message.h"
#include "hsm/protocol/statement.h"

namespace cloudsign::audit {
namespace {

using hsm::ByteView;
using hsm::Digest;
using hsm::protocol::AuditRecord;
using hsm::protocol::GroupConfiguration;
using hsm::protocol::HeadStatement;
using hsm::protocol::Nonce;
using hsm::protocol::RecordType;
using hsm::protocol::SignedDetails;

Digest hash_of(ByteView bytes) {
    const ByteView parts[] = {bytes};
    return sha256(parts);
}

// One leaf of one activation: signed at most once in the whole group.
using Occurrence = std::tuple<Digest, std::uint32_t>;

// What one walk over a log has found.
struct Walk {
    std::vector<Digest> hashes;  // of record i + 1
    std::vector<Occurrence> occurrences;
    std::vector<std::uint64_t> signature_records;  // their indexes, ascending
    std::set<Digest> members;
    std::string problem;
};

std::string at_record(std::size_t index, std::string_view what) {
    return "record " + std::to_string(index) + ": " + std::string(what);
}

std::string check_details(const AuditRecord& record, const DeviceCertificate& device, Walk& walk) {
    if (record.type == RecordType::signed_leaf) {
        const auto details = hsm::protocol::decode<SignedDetails>(record.details);
        if (!details || details->assurance_class != device.assurance_class) {
            return "not a signature record of this module's class";
        }
        walk.occurrences.emplace_back(details->challenge, details->leaf_index);
        walk.signature_records.push_back(record.index);
    }
    if (record.type == RecordType::provisioned) {
        const auto details =
            hsm::protocol::decode<hsm::protocol::ProvisionedDetails>(record.details);
        const auto group =
            details ? hsm::protocol::decode_tagged<GroupConfiguration>(details->configuration)
                    : hsm::Result<GroupConfiguration>(hsm::Status::malformed);
        if (!group) {
            return "not a provisioning record";
        }
        walk.members.insert(group->members.begin(), group->members.end());
    }
    return {};
}

Walk walk_records(const LogFile& log, const DeviceCertificate& device) {
    Walk walk;
    const ByteView origin[] = {hsm::view_of(hsm::protocol::log_origin_tag), log.module_id};
    Digest previous = sha256(origin);
    for (const auto& bytes : log.records) {
        const auto index = walk.hashes.size() + 1;
        const auto record = hsm::protocol::decode<AuditRecord>(bytes);
        if (!record) {
            walk.problem = at_record(index, "cannot be read");
        } else if (record->index != index) {
            walk.problem = at_record(
                index,
                "is missing; record " + std::to_string(record->index) + " stands in its place");
        } else if (record->previous != previous) {
            walk.problem = at_record(index, "does not follow the one before it");
        } else {
            const auto problem = check_details(*record, device, walk);
            walk.problem = problem.empty() ? problem : at_record(index, problem);
        }
        if (!walk.problem.empty()) {
            return walk;
        }
        previous = hash_of(bytes);
        walk.hashes.push_back(previous);
    }
    return walk;
}

struct HeadCheck {
    Verdict verdict = Verdict::unproven;
    std::uint64_t index = 0;
    std::string detail;
};

// Every head, fresh or not, must agree with the records: a stale one that does not is proof of a
// change.
HeadCheck check_head(const Bytes& bytes,
                     const DeviceCertificate& device,
                     const Walk& walk,
                     const std::optional<Nonce>& challenge) {
    const auto signed_head = hsm::protocol::decode_signed(bytes);
    const auto head = signed_head
                          ? hsm::protocol::decode_tagged<HeadStatement>(signed_head->statement)
                          : hsm::Result<HeadStatement>(hsm::Status::malformed);
    if (!head || head->module_id != device.module_id ||
        !verify_device_signature(device, signed_head->statement, signed_head->signature)) {
        return {Verdict::broken, 0, "a head is not signed by this module"};
    }
    if (head->index == 0 || head->index > walk.hashes.size()) {
        return {Verdict::broken,
                0,
                "the module's head is record " + std::to_string(head->index) +
                    ", but the log ends at " + std::to_string(walk.hashes.size())};
    }
    if (head->chain_hash != walk.hashes[head->index - 1]) {
        return {Verdict::broken, 0, "the records do not lead to the module's head"};
    }
    if (!challenge || head->challenge != *challenge) {
        return {Verdict::unproven, 0, "no head over the auditor's challenge"};
    }
    return {Verdict::complete, head->index, {}};
}

std::uint64_t signatures_up_to(const Walk& walk, std::uint64_t index) {
    const auto end = std::ranges::upper_bound(walk.signature_records, index);
    return static_cast<std::uint64_t>(end - walk.signature_records.begin());
}

LogVerdict judge_heads(LogVerdict verdict,
                       const LogFile& log,
                       const DeviceCertificate& device,
                       const Walk& walk,
                       const std::optional<Nonce>& challenge) {
    verdict.verdict = Verdict::unproven;
    verdict.detail = "no head over the auditor's challenge";
    for (const auto& head : log.heads) {
        const auto check = check_head(head, device, walk, challenge);
        if (check.verdict == Verdict::broken) {
            verdict.verdict = Verdict::broken;
            verdict.detail = check.detail;
            return verdict;
        }
        if (check.verdict == Verdict::complete) {
            verdict.verdict = Verdict::complete;
            verdict.records = check.index;
            verdict.signatures = signatures_up_to(walk, check.index);
            verdict.detail.clear();
        }
    }
    return verdict;
}

struct Judged {
    LogVerdict verdict;
    Walk walk;
};

Judged judge(const LogFile& log,
             const std::vector<Bytes>& roots,
             const std::optional<Nonce>& challenge) {
    Judged judged;
    auto& verdict = judged.verdict;
    verdict.module_id = log.module_id;
    const auto device = verify_device_certificate(log.certificate, roots);
    if (!device) {
        verdict.detail = device.error().detail;
        return judged;
    }
    verdict.root_subject = device->root_subject;
    verdict.assurance_class = device->assurance_class;
    if (device->module_id != log.module_id) {
        verdict.detail = "the device certificate is another module's";
        return judged;
    }
    judged.walk = walk_records(log, *device);
    verdict.records = judged.walk.hashes.size();
    verdict.signatures = signatures_up_to(judged.walk, verdict.records);
    if (!judged.walk.problem.empty()) {
        verdict.detail = judged.walk.problem;
        return judged;
    }
    if (judged.walk.members.empty()) {
        verdict.detail = "the log does not say which group the module belongs to";
        return judged;
    }
    verdict = judge_heads(verdict, log, *device, judged.walk, challenge);
    return judged;
}

// The group's own rules over all logs: every approved member is here, nothing signed twice.
void judge_group(const std::vector<Judged>& judged, AuditVerdict& audit) {
    std::set<Digest> present;
    std::set<Digest> members;
    std::set<Occurrence> occurrences;
    for (const auto& one : judged) {
        if (!present.insert(one.verdict.module_id).second) {
            audit.verdict = Verdict::broken;
            audit.detail = "two logs of module " + hex(one.verdict.module_id);
            return;
        }
        members.insert(one.walk.members.begin(), one.walk.members.end());
        for (const auto& occurrence : one.walk.occurrences) {
            if (!occurrences.insert(occurrence).second) {
                audit.verdict = Verdict::broken;
                audit.detail = "one authorised hash was signed twice, challenge " +
                               hex(std::get<0>(occurrence));
                return;
            }
        }
    }
    for (const auto& member : members) {
        if (!present.contains(member) && audit.verdict == Verdict::complete) {
            audit.verdict = Verdict::unproven;
            audit.detail = "the log of member " + hex(member) + " is not here";
        }
    }
}

}  // namespace

AuditVerdict verify_logs(const std::vector<LogFile>& logs,
                         const std::vector<Bytes>& roots,
                         const std::optional<Nonce>& challenge) {
    AuditVerdict audit;
    std::vector<Judged> judged;
    for (const auto& log : logs) {
        judged.push_back(judge(log, roots, challenge));
    }
    audit.verdict = judged.empty() ? Verdict::unproven : Verdict::complete;
    for (const auto& one : judged) {
        audit.verdict = std::max(audit.verdict, one.verdict.verdict);
        audit.logs.push_back(one.verdict);
    }
    judge_group(judged, audit);
    return audit;
}

Result<ReceiptFacts> verify_receipt(ByteView receipt,
                                    ByteView device_certificate,
                                    const std::vector<Bytes>& roots) {
    const auto wrong = [](std::string detail) {
        return Error{ErrorKind::invalid, std::move(detail)};
    };
    ReceiptFacts facts;
    TRY_ASSIGN(facts.device, verify_device_certificate(device_certificate, roots));
    const auto signed_bytes = hsm::protocol::decode_signed(receipt);
    if (!signed_bytes) {
        return wrong("not a receipt");
    }
    hsm::protocol::ReceiptStatement statement;
    statement.module_id = facts.device.module_id;
    statement.record = signed_bytes->statement;
    std::vector<hsm::Byte> buffer(hsm::protocol::record_size_max + 128);
    const auto encoded = hsm::protocol::encode_tagged(statement, buffer);
    if (!encoded || !verify_device_signature(facts.device, *encoded, signed_bytes->signature)) {
        return wrong("the receipt is not signed by this module");
    }
    const auto record = hsm::protocol::decode<AuditRecord>(signed_bytes->statement);
    if (!record || record->type != RecordType::signed_leaf) {
        return wrong("the receipt does not hold a signature record");
    }
    const auto details = hsm::protocol::decode<SignedDetails>(record->details);
    if (!details || details->assurance_class != facts.device.assurance_class) {
        return wrong("the receipt's record is not of this module's class");
    }
    facts.record = *record;
    facts.details = *details;
    return facts;
}

}  // namespace cloudsign::audit
