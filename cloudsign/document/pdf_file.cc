#include "cloudsign/document/pdf_file.h"

#include <algorithm>
#include <set>

#include "cloudsign/document/object_places.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

constexpr std::size_t page_depth_max = 64;
constexpr std::size_t pages_max = 200'000;

Error invalid(std::string detail) {
    return {ErrorKind::invalid, std::move(detail)};
}

// Walks the page tree to its `left`-th leaf.
class PageWalk {
public:
    explicit PageWalk(std::size_t number) : left_(number) {}

    // The page; uninitialised when it is not below `node`. What is met on the way must be pages.
    QPDFObjectHandle find(QPDFObjectHandle node, std::size_t depth = 0) {
        if (depth > page_depth_max || ++nodes_ > pages_max || !node.isDictionary() ||
            (node.isIndirect() && !seen_.insert(node.getObjGen()).second)) {
            throw std::runtime_error("its page tree is no tree");
        }
        auto kids = node.getKey("/Kids");
        if (!kids.isArray()) {
            if (!node.isIndirect() || !node.getKey("/Type").isNameAndEquals("/Page")) {
                throw std::runtime_error("a page is no page");
            }
            return --left_ == 0 ? node : QPDFObjectHandle();
        }
        for (int i = 0; i < kids.getArrayNItems(); ++i) {
            auto found = find(kids.getArrayItem(i), depth + 1);
            if (found.isInitialized()) {
                return found;
            }
        }
        return {};
    }

private:
    std::size_t left_;
    std::size_t nodes_ = 0;
    std::set<QPDFObjGen> seen_;
};

}  // namespace

Result<std::unique_ptr<PdfFile>> PdfFile::open(hsm::ByteView bytes, std::size_t size_max) {
    if (bytes.size() > size_max) {
        return invalid("The PDF is too large: at most " + std::to_string(size_max) +
                       " bytes are taken.");
    }
    if (!hsm::text_of(bytes).starts_with("%PDF-")) {
        const auto head = hsm::text_of(bytes).substr(0, 1024);
        return invalid(head.find("%PDF-") == std::string_view::npos
                           ? "The file is no PDF."
                           : "The PDF does not begin with %PDF-: something stands before it.");
    }
    std::unique_ptr<PdfFile> file(new PdfFile(bytes));
    TRY_ASSIGN(file->sections_, read_sections(bytes));
    TRY(with_qpdf([&]() -> Result<void> {
        auto& pdf = file->pdf_;
        pdf.setSuppressWarnings(true);
        pdf.setAttemptRecovery(false);
        pdf.processMemoryFile("pdf", reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (pdf.isEncrypted()) {
            return invalid("The PDF is encrypted: save it without a password first.");
        }
        if (!file->root().isDictionary()) {
            return damaged("it has no catalog");
        }
        // Who takes in a hybrid file or refuses it asks for that alone.
        if (!file->is_hybrid()) {
            TRY(check_places(bytes, file->sections_, pdf));
        }
        TRY(check_object_streams(pdf));
        return file->check_undamaged();
    }));
    return file;
}

bool PdfFile::is_hybrid() const {
    return std::ranges::any_of(sections_, &XrefSection::is_hybrid);
}

int PdfFile::next_number() {
    int last = 0;
    const auto table = pdf_.getXRefTable();
    if (!table.empty()) {
        last = table.rbegin()->first.getObj();
    }
    auto size = pdf_.getTrailer().getKey("/Size");
    return std::max(last + 1, size.isInteger() ? size.getIntValueAsInt() : 1);
}

Result<PdfPage> PdfFile::page(std::size_t number) {
    return with_qpdf([&]() -> Result<PdfPage> {
        PageWalk walk(number);
        auto found = number == 0 ? QPDFObjectHandle() : walk.find(root().getKey("/Pages"));
        if (!found.isInitialized()) {
            return invalid("The PDF has no page " + std::to_string(number) + ".");
        }
        return with_inherited(found);
    });
}

Result<void> PdfFile::check_pages() {
    return with_qpdf([&]() -> Result<void> {
        PageWalk walk(pages_max + 1);
        walk.find(root().getKey("/Pages"));
        return check_undamaged();
    });
}

PdfPage PdfFile::with_inherited(QPDFObjectHandle page) {
    PdfPage found;
    found.object = page;
    bool has_rotation = false;
    auto node = page;
    for (std::size_t depth = 0; depth <= page_depth_max && node.isDictionary(); ++depth) {
        if (!found.media_box.isInitialized() && node.hasKey("/MediaBox")) {
            found.media_box = node.getKey("/MediaBox");
        }
        if (!found.crop_box.isInitialized() && node.hasKey("/CropBox")) {
            found.crop_box = node.getKey("/CropBox");
        }
        if (!has_rotation && node.getKey("/Rotate").isInteger()) {
            has_rotation = true;
            found.rotation = ((node.getKey("/Rotate").getIntValueAsInt() % 360) + 360) % 360;
        }
        node = node.getKey("/Parent");
    }
    return found;
}

Result<void> PdfFile::check_undamaged() {
    return warnings().empty() ? Result<void>() : damaged(warnings_.front());
}

const std::vector<std::string>& PdfFile::warnings() {
    // QPDF forgets those that it has told.
    for (const auto& warning : pdf_.getWarnings()) {
        const auto where = warning.getObject();
        warnings_.push_back(warning.getMessageDetail() + (where.empty() ? "" : " (" + where + ")"));
    }
    return warnings_;
}

}  // namespace cloudsign::document
