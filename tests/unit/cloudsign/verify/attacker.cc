#include "tests/unit/cloudsign/verify/attacker.h"

#include <algorithm>
#include <cstdio>

#include "hsm/base/check.h"

namespace cloudsign::verify {
namespace {

std::size_t signature_begin(const std::string& pdf) {
    return pdf.rfind(" 0 obj\n<< /ByteRange");
}

}  // namespace

std::string updated(const std::string& pdf, const Increment& increment) {
    const auto start = pdf.rfind("startxref\n");
    CHECK(start != std::string::npos);
    const auto previous = std::stoul(pdf.substr(start + 10));
    auto text = pdf + "\n";
    std::string table = "xref\n";
    const auto size_at = pdf.rfind("/Size ");
    CHECK(size_at != std::string::npos);
    int size = std::stoi(pdf.substr(size_at + 6));
    for (const auto& [number, body] : increment.objects) {
        size = std::max(size, number + 1);
        char line[48];
        std::snprintf(line, sizeof line, "%d 1\n%010zu 00000 n \n", number, text.size());
        table += line;
        text += std::to_string(number) + " 0 obj\n" + body + "\nendobj\n";
    }
    for (const auto& [number, ignored] : increment.freed) {
        table += std::to_string(number) + " 1\n0000000000 00001 f \n";
    }
    const auto at = text.size();
    return text + table + "trailer\n<< /Size " + std::to_string(size) + " /Prev " +
           std::to_string(previous) + " " + increment.trailer + " >>\nstartxref\n" +
           std::to_string(at) + "\n%%EOF\n";
}

std::string stream_of(const std::string& content, const std::string& extra) {
    return "<< " + extra + " /Length " + std::to_string(content.size()) + " >>\nstream\n" +
           content + "\nendstream";
}

std::string with_last(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.rfind(from);
    CHECK(at != std::string::npos);
    text.replace(at, from.size(), to);
    return text;
}

Hole last_hole(const std::string& pdf) {
    const auto at = pdf.find("/Contents <", signature_begin(pdf));
    CHECK(at != std::string::npos);
    return {at + 10, pdf.find('>', at) + 1};
}

std::string last_signature_body(const std::string& pdf) {
    const auto at = signature_begin(pdf) + 7;
    return pdf.substr(at, pdf.find("\nendobj", at) - at);
}

int last_signature_number(const std::string& pdf) {
    const auto at = signature_begin(pdf);
    return std::stoi(pdf.substr(pdf.rfind('\n', at) + 1));
}

}  // namespace cloudsign::verify
