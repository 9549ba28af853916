#include "cloudsign/document/pdf_increment.h"

#include <cstdio>

#include "hsm/openssl/digest.h"

namespace cloudsign::document {
namespace {

// Runs of consecutive numbers: [first, one past the last).
template <class Entries>
std::vector<std::pair<int, int>> runs_of(const Entries& entries) {
    std::vector<std::pair<int, int>> runs;
    for (const auto& [number, entry] : entries) {
        if (runs.empty() || runs.back().second != number) {
            runs.emplace_back(number, number);
        }
        ++runs.back().second;
    }
    return runs;
}

void put_big_endian(std::string& out, std::size_t value, int width) {
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
        out += static_cast<char>((value >> shift) & 0xff);
    }
}

}  // namespace

PdfIncrement::PdfIncrement(PdfFile& file) : file_(file), next_(file.next_number()) {}

QPDFObjectHandle PdfIncrement::add(QPDFObjectHandle direct) {
    const int number = next_++;
    file_.pdf().replaceObject(number, 0, direct);
    changed_[number] = {};
    return file_.pdf().getObject(number, 0);
}

QPDFObjectHandle PdfIncrement::add_body(std::string body) {
    auto handle = add(QPDFObjectHandle::newDictionary());
    changed_[handle.getObjectID()].body = std::move(body);
    return handle;
}

QPDFObjectHandle PdfIncrement::add_stream(QPDFObjectHandle dictionary, std::string_view data) {
    dictionary.replaceKey("/Length",
                          QPDFObjectHandle::newInteger(static_cast<long long>(data.size())));
    auto body = dictionary.unparse() + "\nstream\n";
    body += data;
    body += "\nendstream";
    return add_body(std::move(body));
}

void PdfIncrement::touch(QPDFObjectHandle indirect) {
    CHECK(indirect.isIndirect());
    changed_.try_emplace(indirect.getObjectID(), Changed{indirect.getGeneration(), {}});
}

QPDFObjectHandle PdfIncrement::trailer(const std::string& written) {
    auto last = file_.pdf().getTrailer();
    auto trailer = QPDFObjectHandle::newDictionary();
    for (const auto* key : {"/Root", "/Info"}) {
        if (last.hasKey(key)) {
            trailer.replaceKey(key, last.getKey(key));
        }
    }
    // §14.4: the first half stays, the second tells this revision from others.
    const auto hash = hsm::openssl::sha256(std::string_view(written));
    const auto fresh =
        QPDFObjectHandle::newString(std::string(hsm::text_of(hsm::ByteView(hash).first(16))));
    auto id = last.getKey("/ID");
    const bool has_id = id.isArray() && id.getArrayNItems() == 2 && id.getArrayItem(0).isString();
    trailer.replaceKey("/ID",
                       QPDFObjectHandle::newArray({has_id ? id.getArrayItem(0) : fresh, fresh}));
    trailer.replaceKey(
        "/Prev", QPDFObjectHandle::newInteger(static_cast<long long>(file_.last_section().offset)));
    return trailer;
}

std::string PdfIncrement::table(const Entries& entries, const std::string& written) {
    std::string text = "xref\n";
    for (const auto& [first, end] : runs_of(entries)) {
        text += std::to_string(first) + " " + std::to_string(end - first) + "\n";
        for (int number = first; number < end; ++number) {
            char line[24];
            const auto& entry = entries.at(number);
            std::snprintf(line, sizeof line, "%010zu %05d n \n", entry.offset, entry.generation);
            text += line;
        }
    }
    auto dictionary = trailer(written);
    dictionary.replaceKey("/Size", QPDFObjectHandle::newInteger(next_));
    return text + "trailer\n" + dictionary.unparse() + "\n";
}

std::string PdfIncrement::stream(Entries entries, std::size_t offset, const std::string& written) {
    const int number = next_++;
    entries[number] = {offset, 0};
    std::string rows;
    for (const auto& [object, entry] : entries) {
        rows += '\1';
        put_big_endian(rows, entry.offset, 4);
        put_big_endian(rows, static_cast<std::size_t>(entry.generation), 2);
    }
    auto index = QPDFObjectHandle::newArray();
    for (const auto& [first, end] : runs_of(entries)) {
        index.appendItem(QPDFObjectHandle::newInteger(first));
        index.appendItem(QPDFObjectHandle::newInteger(end - first));
    }
    auto dictionary = trailer(written);
    dictionary.replaceKey("/Type", QPDFObjectHandle::newName("/XRef"));
    dictionary.replaceKey("/Size", QPDFObjectHandle::newInteger(next_));
    dictionary.replaceKey("/W", QPDFObjectHandle::parse("[1 4 2]"));
    dictionary.replaceKey("/Index", index);
    dictionary.replaceKey("/Length",
                          QPDFObjectHandle::newInteger(static_cast<long long>(rows.size())));
    return std::to_string(number) + " 0 obj\n" + dictionary.unparse() + "\nstream\n" + rows +
           "\nendstream\nendobj\n";
}

std::size_t PdfIncrement::size_of_bodies() const {
    std::size_t size = 0;
    for (const auto& [number, changed] : changed_) {
        size += changed.body.size();
    }
    return size;
}

PdfIncrement::Written PdfIncrement::write() {
    const auto base = file_.bytes();
    Written written;
    auto& text = written.text;
    text.reserve(size_of_bodies() + 4096);
    if (base.back() != '\n') {
        text += '\n';
    }
    Entries entries;
    for (const auto& [number, changed] : changed_) {
        entries[number] = {base.size() + text.size(), changed.generation};
        text += std::to_string(number) + " " + std::to_string(changed.generation) + " obj\n";
        written.offsets[number] = text.size();
        text += changed.body.empty()
                    ? file_.pdf().getObject(number, changed.generation).unparseResolved()
                    : changed.body;
        text += "\nendobj\n";
    }
    const auto offset = base.size() + text.size();
    const bool is_table = file_.last_section().kind == XrefKind::table;
    text += is_table ? table(entries, text) : stream(entries, offset, text);
    text += "startxref\n" + std::to_string(offset) + "\n%%EOF\n";
    return written;
}

}  // namespace cloudsign::document
