#pragma once

#include <functional>
#include <qpdf/QPDF.hh>
#include <qpdf/QPDFWriter.hh>
#include <string>

// PDFs that tests sign, made here so that each has exactly the property that its test is about.
namespace cloudsign::document {

struct SamplePdf {
    int pages = 1;
    std::string media_box = "[0 0 595 842]";
    std::string content = "BT /F1 18 Tf 72 720 Td (Contract no. 1) Tj ET";  // of every page
    std::string page_extra;     // further keys of every page
    std::string catalog_extra;  // of the catalog
    std::string objects;        // further ones, "N 0 obj … endobj\n" each, from number 100 on
};

// By hand, with one cross-reference table. The catalog is object 1, the page tree 2, the content 3,
// pages follow from 4.
std::string sample_pdf(const SamplePdf& sample = {});

// The same file as QPDF writes it under `settings`.
std::string rewritten_pdf(const std::string& pdf, const std::function<void(QPDFWriter&)>& settings);
// With object and cross-reference streams.
std::string stream_pdf(const std::string& pdf);
// A table whose /XRefStm names a stream beside it (ISO 32000-2 §7.5.8.4).
std::string hybrid_pdf(SamplePdf sample);

}  // namespace cloudsign::document
