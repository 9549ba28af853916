#include "tests/unit/cloudsign/document/sample_pdf.h"

#include <cstdio>
#include <map>
#include <memory>

namespace cloudsign::document {
namespace {

// `text` holds objects "N 0 obj"; answers it with a table of them and a trailer.
std::string with_table(std::string text, const std::string& trailer_extra = "") {
    std::map<int, std::size_t> offsets;
    int size = 1;
    for (auto at = text.find(" 0 obj"); at != std::string::npos; at = text.find(" 0 obj", at + 1)) {
        const auto begin = text.rfind('\n', at) + 1;
        const int number = std::stoi(text.substr(begin));
        offsets[number] = begin;
        size = std::max(size, number + 1);
    }
    const auto start = text.size();
    text += "xref\n0 1\n0000000000 65535 f \n";
    for (const auto& [number, offset] : offsets) {
        char line[48];
        std::snprintf(line, sizeof line, "%d 1\n%010zu 00000 n \n", number, offset);
        text += line;
    }
    return text + "trailer\n<< /Size " + std::to_string(size) + " /Root 1 0 R " + trailer_extra +
           " >>\nstartxref\n" + std::to_string(start) + "\n%%EOF\n";
}

std::string stream_object(int number, const std::string& dictionary, const std::string& content) {
    return std::to_string(number) + " 0 obj\n<< " + dictionary + " /Length " +
           std::to_string(content.size()) + " >>\nstream\n" + content + "\nendstream\nendobj\n";
}

std::string body_of(const SamplePdf& sample) {
    std::string kids;
    std::string pages;
    for (int page = 0; page < sample.pages; ++page) {
        const auto number = std::to_string(page < 90 ? 4 + page : 1000 + page);
        kids += number + " 0 R ";
        pages += number +
                 " 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 3 0 R /Resources << /Font "
                 "<< /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> " +
                 sample.page_extra + " >>\nendobj\n";
    }
    return "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " +
           sample.catalog_extra + " >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [" + kids +
           "] /Count " + std::to_string(sample.pages) + " /MediaBox " + sample.media_box +
           " >>\nendobj\n" + stream_object(3, "", sample.content) + pages + sample.objects;
}

}  // namespace

std::string sample_pdf(const SamplePdf& sample) {
    return with_table(body_of(sample));
}

std::string rewritten_pdf(const std::string& pdf,
                          const std::function<void(QPDFWriter&)>& settings) {
    QPDF source;
    source.processMemoryFile("sample", pdf.data(), pdf.size());
    QPDFWriter writer(source);
    writer.setOutputMemory();
    writer.setStaticID(true);
    settings(writer);
    writer.write();
    const std::unique_ptr<Buffer> out(writer.getBuffer());
    return {reinterpret_cast<const char*>(out->getBuffer()), out->getSize()};
}

std::string stream_pdf(const std::string& pdf) {
    return rewritten_pdf(pdf,
                         [](QPDFWriter& writer) { writer.setObjectStreamMode(qpdf_o_generate); });
}

std::string hybrid_pdf(SamplePdf sample) {
    // Only the stream knows object 101, which is inside object stream 100.
    sample.objects += stream_object(100, "/Type /ObjStm /N 1 /First 6", "101 0 << /Hidden true >>");
    auto body = body_of(sample);
    const auto offset = body.size();
    const std::string rows("\2\0\x64\0", 4);
    body += stream_object(102, "/Type /XRef /Size 103 /W [1 2 1] /Index [101 1] /Root 1 0 R", rows);
    return with_table(body, "/XRefStm " + std::to_string(offset));
}

}  // namespace cloudsign::document
