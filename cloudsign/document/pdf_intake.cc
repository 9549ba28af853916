#include "cloudsign/document/pdf_intake.h"

#include <qpdf/QPDFWriter.hh>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/qpdf_error.h"

namespace cloudsign::document {
namespace {

// Any trace of a signature counts, also where the file's structure is beyond reading.
bool may_be_signed(hsm::ByteView pdf) {
    return hsm::text_of(pdf).find("/ByteRange") != std::string_view::npos;
}

Result<Bytes> rewrite(hsm::ByteView bytes) {
    return with_qpdf([&]() -> Result<Bytes> {
        QPDF pdf;
        pdf.setSuppressWarnings(true);
        pdf.processMemoryFile("pdf", reinterpret_cast<const char*>(bytes.data()), bytes.size());
        if (pdf.isEncrypted()) {
            return Error{ErrorKind::invalid,
                         "The PDF is encrypted: save it without a password first."};
        }
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
