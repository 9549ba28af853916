#include "cloudsign/verify/pdf_signers.h"

#include <algorithm>

#include "cloudsign/document/appearance_form.h"
#include "cloudsign/revision/object_graph.h"
#include "cloudsign/revision/standing.h"
#include "cloudsign/revision/terms.h"
#include "cloudsign/verify/pdf_date.h"
#include "cloudsign/verify/signature_parts.h"

namespace cloudsign::verify {
namespace {

using document::PdfField;
using document::PdfFile;
using document::PdfForm;

std::string text_under(QPDFObjectHandle dictionary, const std::string& key) {
    auto value = dictionary.getKey(key);
    return value.isString() ? value.getUTF8Value() : "";
}

class SignatureReader {
public:
    explicit SignatureReader(PdfFile& file) : file_(file) {}

    PdfSigner signature_in(PdfField& field) {
        PdfSigner signature;
        auto& report = signature.report;
        signature.value = field.value;
        report.field = field.name;
        auto format = field.value.getKey("/SubFilter");
        report.format = format.isName() ? format.getName().substr(1) : "";
        const bool is_stamp = report.format == "ETSI.RFC3161" ||
                              field.value.getKey("/Type").isNameAndEquals("/DocTimeStamp");
        report.kind = is_stamp ? SignatureKind::document_timestamp : SignatureKind::pdf;
        report.reason = text_under(field.value, "/Reason");
        report.location = text_under(field.value, "/Location");
        report.claimed_time_ms = read_pdf_date(text_under(field.value, "/M"));
        report.permission = revision::permission_of(field.value);
        report.is_certification = report.permission != 0;
        signature.shown = shown_in(field);
        report.page = signature.shown.page;
        signature.place = place_of(field.value, file_.bytes());
        report.covers = signature.place.stands() ? signature.place.end : 0;
        add(report.findings, signature.place.findings);
        return signature;
    }

private:
    ShownSignature shown_in(PdfField& field) {
        ShownSignature shown;
        auto rectangle = field.widget.getKey("/Rect");
        auto object = field.widget.getKey("/P");
        if (!rectangle.isRectangle() || !object.isDictionary()) {
            return shown;
        }
        auto page = PdfFile::with_inherited(object);
        const auto area = document::shown_page(page);
        const auto corners = rectangle.getArrayAsRectangle();
        if (!area || corners.llx == corners.urx || corners.lly == corners.ury) {
            return shown;
        }
        shown.page = number_of(object.getObjGen());
        shown.box =
            document::shown_box(*area, {corners.llx, corners.lly, corners.urx, corners.ury});
        shown.page_width = area->width();
        shown.page_height = area->height();
        return shown;
    }

    std::size_t number_of(QPDFObjGen page) {
        if (pages_.empty()) {
            for (auto& one : revision::pages_of(file_)) {
                pages_.push_back(one.getObjGen());
            }
        }
        const auto found = std::ranges::find(pages_, page);
        return found == pages_.end() ? 0 : static_cast<std::size_t>(found - pages_.begin()) + 1;
    }

    PdfFile& file_;
    std::vector<QPDFObjGen> pages_;
};

}  // namespace

Result<PdfSigners> list_pdf_signatures(PdfFile& file) {
    TRY_ASSIGN(auto form, PdfForm::read(file));
    PdfSigners found;
    SignatureReader reader(file);
    for (auto& field : form.fields()) {
        if (!field.is_signed()) {
            continue;
        }
        if (found.signatures.size() == revision::signatures_max) {
            found.is_cut = true;
            break;
        }
        found.signatures.push_back(reader.signature_in(field));
    }
    std::ranges::stable_sort(found.signatures, {}, [](const PdfSigner& one) {
        return one.place.stands() ? one.place.end : static_cast<std::size_t>(-1);
    });
    return found;
}

}  // namespace cloudsign::verify
