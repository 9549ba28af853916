#include "cloudsign/document/pdf_intake.h"

#include <algorithm>
#include <qpdf/QPDFWriter.hh>
#include <set>

#include "cloudsign/document/object_places.h"
#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

// Any trace of a signature counts, also where the file's structure is beyond reading.
bool may_be_signed(hsm::ByteView pdf) {
    return hsm::text_of(pdf).find("/ByteRange") != std::string_view::npos;
}

// QPDF unpacks cross-reference streams as it follows them: where we could not, it is not to find
// the first, and looks for the objects themselves.
std::string without_start(hsm::ByteView bytes) {
    constexpr std::string_view word = "startxref";
    constexpr std::size_t window = 2048;  // twice of where it looks
    std::string text(hsm::text_of(bytes));
    auto at = text.size() - std::min(text.size(), window);
    while ((at = text.find(word, at)) != std::string::npos) {
        text.replace(at, word.size(), std::string(word.size(), ' '));
    }
    return text;
}

// QPDF makes a copy of a page for each time that it is named again.
Result<void> check_repeated_pages(QPDF& pdf) {
    constexpr std::size_t nodes_max = 200'000;
    constexpr std::size_t repeated_max = 100;
    std::size_t repeated = 0;
    std::set<QPDFObjGen> seen;
    std::vector<QPDFObjectHandle> waiting{pdf.getRoot().getKey("/Pages")};
    while (!waiting.empty()) {
        if (waiting.size() > nodes_max || seen.size() > nodes_max || repeated > repeated_max) {
            return Error{ErrorKind::invalid,
                         "The PDF is damaged beyond repair: its page tree names too many pages, or "
                         "the same ones again and again."};
        }
        auto node = waiting.back();
        waiting.pop_back();
        if (!node.isDictionary()) {
            continue;
        }
        if (node.isIndirect() && !seen.insert(node.getObjGen()).second) {
            ++repeated;
            continue;
        }
        auto kids = node.getKey("/Kids");
        for (int i = 0; kids.isArray() && i < kids.getArrayNItems(); ++i) {
            waiting.push_back(kids.getArrayItem(i));
        }
    }
    return {};
}

Result<Bytes> rewrite(hsm::ByteView given) {
    return with_qpdf([&]() -> Result<Bytes> {
        const auto sections = read_sections(given);
        if (!sections && !is_damaged(sections.error())) {
            return sections.error();
        }
        const auto copy = sections ? std::string() : without_start(given);
        const auto bytes = sections ? given : hsm::view_of(copy);
        QPDF pdf;
        pdf.setSuppressWarnings(true);
        pdf.processMemoryFile("pdf", reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (pdf.isEncrypted()) {
            return Error{ErrorKind::invalid,
                         "The PDF is encrypted: save it without a password first."};
        }
        TRY(check_object_stream_sizes(pdf));
        TRY(check_repeated_pages(pdf));
        if (pdf.getAllPages().empty()) {
            return Error{ErrorKind::invalid, "The PDF is damaged beyond repair: it has no page."};
        }
        QPDFWriter writer(pdf);
        writer.setOutputMemory();
        writer.setDeterministicID(true);
        writer.setStreamDataMode(qpdf_s_preserve);
        writer.write();
        const std::unique_ptr<Buffer> out(writer.getBuffer());
        return Bytes(out->getBuffer(), out->getBuffer() + out->getSize());
    });
}

std::string page_count(const Bytes& bytes) {
    QPDF pdf;
    pdf.processMemoryFile("pdf", reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return std::to_string(pdf.getAllPages().size());
}

enum class Structure { clear, hybrid };

Result<Structure> inspect(hsm::ByteView pdf) {
    TRY_ASSIGN(const auto file, PdfFile::open(pdf));
    TRY(file->check_pages());
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    TRY(form.check_finished());
    return file->is_hybrid() ? Structure::hybrid : Structure::clear;
}

}  // namespace

Result<PdfIntake> take_in_pdf(hsm::ByteView pdf) {
    const auto state = inspect(pdf);
    const bool is_hybrid = state && *state == Structure::hybrid;
    if (state && !is_hybrid) {
        return PdfIntake{};
    }
    // Encrypted, too large and not a PDF at all: nothing to mend.
    if (!state && !is_damaged(state.error())) {
        return state.error();
    }
    if (may_be_signed(pdf)) {
        return is_hybrid
                   ? Error{ErrorKind::invalid,
                           "The PDF has two cross-reference tables beside each other "
                           "(hybrid), which readers follow differently, and it is signed, so "
                           "that it cannot be rewritten."}
                   : Error{ErrorKind::invalid,
                           state.error().detail + " It is signed, so that it cannot be repaired."};
    }
    PdfIntake intake;
    auto rewritten = rewrite(pdf);
    if (!rewritten) {
        return rewritten.error();
    }
    intake.rewritten = *std::move(rewritten);
    TRY(inspect(intake.rewritten));
    intake.note = is_hybrid ? "The PDF had two cross-reference tables (hybrid) and was rewritten."
                            : "The PDF was damaged and has been repaired: it has " +
                                  page_count(intake.rewritten) + " page(s) now.";
    return intake;
}

}  // namespace cloudsign::document
