#pragma once

#include <map>
#include <string>
#include <string_view>

#include "cloudsign/document/pdf_file.h"

namespace cloudsign::document {

// An update to a PDF that is put behind its bytes (ISO 32000-2 §7.5.6), in the kind of section that
// the file ends in: a table behind a stream is a "ByteRange" error in Acrobat. QPDF writes no such
// thing; it serialises the objects.
class PdfIncrement {
public:
    explicit PdfIncrement(PdfFile& file);

    // A new object, to be referred to at once: QPDF drops keys whose value it does not know.
    QPDFObjectHandle add(QPDFObjectHandle direct);
    // The same, written as it stands here: a stream, or a body with places to be filled in later.
    QPDFObjectHandle add_body(std::string body);
    QPDFObjectHandle add_stream(QPDFObjectHandle dictionary, std::string_view data);
    // An object of the file, changed in memory: to be written as it will be at the end.
    void touch(QPDFObjectHandle indirect);

    struct Written {
        std::string text;                    // what goes behind the file's bytes
        std::map<int, std::size_t> offsets;  // within `text`, of each object's body
    };
    Written write();

private:
    struct Changed {
        int generation = 0;
        std::string body;  // empty: the object itself
    };
    struct Entry {
        std::size_t offset = 0;
        int generation = 0;
    };
    using Entries = std::map<int, Entry>;

    std::size_t size_of_bodies() const;
    QPDFObjectHandle trailer(const std::string& written);
    std::string table(const Entries& entries, const std::string& written);
    std::string stream(Entries entries, std::size_t offset, const std::string& written);

    PdfFile& file_;
    int next_;
    std::map<int, Changed> changed_;
};

}  // namespace cloudsign::document
