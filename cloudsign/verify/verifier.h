#pragma once

#include <chrono>
#include <set>

#include "cloudsign/evidence/fetch.h"
#include "cloudsign/verify/report.h"

// Judges signed documents. Whatever they are made of, the answer is a report: nothing is thrown,
// and sizes, counts and time are bounded.
namespace cloudsign::verify {

struct Options {
    std::vector<Bytes> anchors;  // DER
    std::int64_t now_ms = 0;
    evidence::Fetch fetch;  // asked for the status that a file does not carry; empty: nobody is
    // Fields whose signatures must be an organisation's; "*" is every one.
    std::set<std::string> of_organisation;
    std::chrono::milliseconds time_max{60'000};
};

// PAdES, plain CMS (adbe.pkcs7.detached) and document time-stamps, in a PDF.
Report verify_pdf(hsm::ByteView pdf, const Options& options);

// A CMS (CAdES or plain, DER) beside its document.
Report verify_detached(hsm::ByteView document, hsm::ByteView cms, const Options& options);

// A compact JWS (JAdES or plain) beside its document, which may be its payload as well.
Report verify_jws(hsm::ByteView document, hsm::ByteView jws, const Options& options);

// XML signatures (XAdES or plain) in the document, and in a file of their own beside it.
Report verify_xml(hsm::ByteView document, const Options& options);
Report verify_xml_beside(hsm::ByteView document, hsm::ByteView signature, const Options& options);
bool is_xml(hsm::ByteView file);

// Any of those that lie beside a document, by what `signature` is.
Report verify_beside(hsm::ByteView document, hsm::ByteView signature, const Options& options);

bool is_pdf(hsm::ByteView file);

}  // namespace cloudsign::verify
