#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Everything that the verifier may find, as one table: what it is called, what it means for the
// verdict, in which row it stands, and its words.
namespace cloudsign::verify {

// From best to worst.
enum class Verdict { valid, indeterminate, invalid };

enum class Language { vietnamese, english };

// The rows of the two tables of Thông tư 15/2025/TT-BKHCN (Phụ lục II), of a certificate and of a
// signature, and what we look at beside them.
enum class Row {
    certificate_time,
    certificate_status,
    certificate_algorithm,
    certificate_purpose,
    signer,
    key_match,
    certificate_at_signing,
    hash_match,
    trust,
    signing_time,
    changes,
    file
};

enum class Code {
    // signer
    certificate_missing,
    // key_match
    signature_mismatch,
    signing_certificate_mismatch,
    signing_certificate_absent,
    algorithm_protection_mismatch,
    // hash_match
    byte_range_malformed,
    byte_range_gap,
    contents_malformed,
    contents_outside_signature,
    contents_padding,
    cms_malformed,
    cms_signers,
    jws_malformed,
    xml_malformed,
    xml_reference_unresolved,
    xml_transform_refused,
    xml_slot_mismatch,
    attributes_malformed,
    digest_mismatch,
    revision_unreadable,
    not_in_revision,
    format_unsupported,
    // certificate_algorithm
    weak_digest,
    weak_key,
    // trust
    untrusted_root,
    chain_broken,
    // certificate_time
    expired,
    not_yet_valid,
    // certificate_at_signing
    expired_at_signing,
    not_yet_valid_at_signing,
    revoked_at_signing,
    // certificate_status
    revoked,
    on_hold,
    issuer_revoked,
    revoked_after_signing,
    status_of_another,
    status_stale,
    status_unchecked,
    issuer_status_unchecked,
    // certificate_purpose
    wrong_usage,
    personal_for_organisation,
    personal_in_organisations_place,
    // signing_time
    no_timestamp,
    timestamp_malformed,
    timestamp_mismatch,
    timestamp_broken,
    timestamp_untrusted,
    timestamp_purpose,
    timestamp_expired,
    timestamp_revoked,
    timestamp_status_unchecked,
    claimed_after_timestamp,
    // changes
    changed_after_signing,
    certification_violated,
    locked_field_changed,
    changes_unknown,
    form_filled_after_signing,
    annotated_after_signing,
    painted_after_signing,
    // file
    unreadable,
    ambiguous,
    truncated,
    update_unreadable,
    store_unreadable,
    trailing_bytes,
    no_signature,
    xml_unsigned_content,
    too_many_signatures,
    too_long
};

struct FindingText {
    Code code;
    std::string_view name;  // in reports for machines; never changed
    Row row;
    Verdict effect;
    std::string_view vietnamese;
    std::string_view english;

    std::string_view words(Language language) const {
        return language == Language::vietnamese ? vietnamese : english;
    }
};

std::span<const FindingText> finding_texts();
const FindingText& text_of(Code code);

struct Finding {
    Code code;
    std::string detail;  // what exactly, as it stands in the file; untrusted text
};
using Findings = std::vector<Finding>;

bool has(const Findings& findings, Code code);
Verdict worst(const Findings& findings);

struct RowText {
    Row row;
    std::string_view name;
    std::string_view vietnamese;
    std::string_view english;

    std::string_view words(Language language) const {
        return language == Language::vietnamese ? vietnamese : english;
    }
};
// One of the tables of a report, in order.
struct TableText {
    std::string_view name;
    std::string_view vietnamese;
    std::string_view english;
    std::span<const RowText> rows;

    std::string_view words(Language language) const {
        return language == Language::vietnamese ? vietnamese : english;
    }
};
std::span<const TableText> report_tables();

std::string_view verdict_name(Verdict verdict);
// "HỢP LỆ", "VALID".
std::string_view verdict_words(Verdict verdict, Language language);
// Of a row: "Đạt", "Passed".
std::string_view row_words(Verdict verdict, Language language);

}  // namespace cloudsign::verify
