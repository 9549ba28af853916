#include "tests/unit/cloudsign/verify/attacker.h"

#include <algorithm>
#include <cstdio>

#include "hsm/base/check.h"

namespace cloudsign::verify {
namespace {

std::size_t signature_begin(const std::string& pdf) {
    return pdf.rfind(" 0 obj\n<< /ByteRange");
}

std::string big_endian(std::size_t value, int width) {
    std::string bytes;
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
        bytes += static_cast<char>((value >> shift) & 0xff);
    }
    return bytes;
}

struct Written {
    Placed row;
    std::size_t offset = 0;
};

std::string table_of(const std::vector<Written>& rows) {
    std::string table = "xref\n";
    for (const auto& [row, offset] : rows) {
        char line[64];
        std::snprintf(line,
                      sizeof line,
                      "%d 1\n%010zu %05d %c \n",
                      row.number,
                      offset,
                      row.generation,
                      row.is_free ? 'f' : 'n');
        table += line;
    }
    return table;
}

// The cross-reference stream's own row is left out, as some writers do.
std::string section_stream(const std::vector<Written>& rows, int own, const std::string& trailer) {
    std::string index;
    std::string content;
    for (const auto& [row, offset] : rows) {
        index += std::to_string(row.number) + " 1 ";
        const auto second = row.index ? static_cast<std::size_t>(row.generation) : offset;
        const auto third = row.index ? *row.index : row.generation;
        content += big_endian(row.is_free ? 0 : (row.index ? 2 : 1), 1) + big_endian(second, 4) +
                   big_endian(static_cast<std::size_t>(third), 2);
    }
    return std::to_string(own) + " 0 obj\n" +
           stream_of(content, "/Type /XRef /W [1 4 2] /Index [" + index + "] " + trailer) +
           "\nendobj\n";
}

int size_of(const std::string& pdf) {
    const auto at = pdf.rfind("/Size ");
    CHECK(at != std::string::npos);
    return std::stoi(pdf.substr(at + 6));
}

}  // namespace

std::size_t last_start(const std::string& pdf) {
    const auto start = pdf.rfind("startxref\n");
    CHECK(start != std::string::npos);
    return std::stoul(pdf.substr(start + 10));
}

std::string appended(const std::string& pdf, const Section& section) {
    auto text = pdf + "\n" + section.before;
    std::vector<Written> rows;
    int size = size_of(pdf);
    for (const auto& row : section.rows) {
        size = std::max(size, row.number + 1);
        rows.push_back({row, row.offset.value_or(row.body.empty() ? 0 : text.size())});
        if (!row.body.empty()) {
            const auto head = row.head.empty() ? std::to_string(row.number) + " " +
                                                     std::to_string(row.generation) + " obj"
                                               : row.head;
            text += head + "\n" + row.body + "\nendobj\n";
        }
    }
    text += section.between;
    const auto at = text.size();
    const auto keys = "/Size " + std::to_string(size) + " /Prev " +
                      std::to_string(section.previous.value_or(last_start(pdf))) + " " +
                      section.trailer;
    text += section.form == Form::table ? table_of(rows) + "trailer\n<< " + keys + " >>\n"
                                        : section_stream(rows, size, keys);
    return text + "startxref\n" + std::to_string(section.start.value_or(at)) + "\n%%EOF\n";
}

std::string packed(const std::vector<std::pair<int, std::string>>& objects,
                   const std::string& extra) {
    std::string head;
    std::string values;
    for (const auto& [number, value] : objects) {
        head += std::to_string(number) + " " + std::to_string(values.size()) + " ";
        values += value + "\n";
    }
    return stream_of(head + values,
                     "/Type /ObjStm /N " + std::to_string(objects.size()) + " /First " +
                         std::to_string(head.size()) + " " + extra);
}

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
