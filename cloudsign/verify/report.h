#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/error.h"
#include "cloudsign/verify/finding.h"

// What the verifier says of a file. Nothing here is decided: whoever prints it needs no rule.
namespace cloudsign::verify {

struct CertificateReport {
    std::string subject;  // RFC 4514
    std::string name;     // its common name
    std::string issuer;
    std::string serial_number;  // hexadecimal
    std::int64_t valid_from_ms = 0;
    std::int64_t valid_to_ms = 0;
    bool is_of_organisation = false;  // its subject says so
};

// What is known of whether a certificate was revoked.
struct StatusReport {
    std::string source;  // "ocsp", "crl"; empty: nothing is known
    bool is_online = false;
    std::int64_t produced_at_ms = 0;
    std::optional<std::int64_t> revoked_at_ms;
};

enum class TimeSource { none, claimed, timestamp, document_timestamp };

// ETSI EN 319 142-1, EN 319 122-1, EN 319 132-1 and TS 119 182-1, each §6; `none`: a signature of
// another kind.
enum class Level { none, b_b, b_t, b_lt, b_lta };

// What came behind the bytes that a signature covers.
struct ChangeReport {
    std::string kind;  // "form_filled", "signature_added", "page_changed", …
    std::string detail;
    bool is_allowed = false;
};

enum class SignatureKind { pdf, document_timestamp, detached, xml };

struct SignatureReport {
    SignatureKind kind = SignatureKind::pdf;
    std::string field;   // of a PDF
    std::string format;  // its SubFilter, or "CAdES", "JAdES", "XAdES" and what each is built on
    std::optional<CertificateReport> signer;
    std::vector<CertificateReport> chain;  // behind the signer, anchor last
    StatusReport status;                   // of the signer's certificate
    std::string digest_algorithm;
    std::string signature_algorithm;

    std::optional<std::int64_t> claimed_time_ms;
    std::optional<std::int64_t> proven_time_ms;  // it existed then
    TimeSource time_source = TimeSource::none;
    std::string time_stamper;  // who proved it

    std::string reason;
    std::string location;
    std::size_t covers = 0;             // bytes of the file from its first one; 0: not a PDF
    std::vector<std::string> elements;  // of XML: where those are that it covers; empty: all
    std::size_t page = 0;               // where it is shown; 0: nowhere
    bool is_certification = false;
    int permission = 0;  // DocMDP's P; 0: none

    Level level = Level::none;
    std::vector<ChangeReport> changes;
    Findings findings;

    Verdict verdict() const { return worst(findings); }
};

struct Report {
    std::string file;  // its name, as it was called
    std::size_t size = 0;
    Bytes hash;  // SHA-256
    std::int64_t checked_at_ms = 0;
    bool is_online = false;  // whether others were asked about certificates
    std::vector<SignatureReport> signatures;
    Findings findings;  // of the file itself

    // The worst of the file and of all its signatures. What is not known of a document time-stamp
    // takes nothing from a signature that stands without it.
    Verdict verdict() const;
};

// `invalid`, with the names that there are, when one of `names` is no field of a signature; "*"
// stands for all. Of a file without signatures nothing is said.
Result<void> check_fields(const Report& report, const std::set<std::string>& names);

// Whether a certificate's status is missing that an authority could be asked for.
bool lacks_status(const Report& report);

}  // namespace cloudsign::verify
