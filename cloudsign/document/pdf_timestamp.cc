#include "cloudsign/document/pdf_timestamp.h"

#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_signature_field.h"
#include "cloudsign/document/pdf_signature_value.h"
#include "cloudsign/document/qpdf_error.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::document {

Result<PreparedTimestamp> prepare_timestamp(hsm::ByteView pdf, std::size_t room) {
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    if (file->is_hybrid()) {
        return Error{ErrorKind::invalid,
                     "The PDF has two cross-reference tables beside each other (hybrid), which "
                     "readers follow differently."};
    }
    PreparedTimestamp prepared;
    prepared.room = room;
    TRY(with_qpdf([&]() -> Result<void> {
        PdfIncrement increment(*file);
        const auto signature =
            signature_value(QPDFObjectHandle::parse("<< /Type /DocTimeStamp /Filter /Adobe.PPKLite "
                                                    "/SubFilter /ETSI.RFC3161 /V 0 >>"),
                            prepared.room);
        auto value = increment.add_body(signature.text);
        TRY(add_invisible_field(*file, form, increment, value, "Timestamp"));
        auto written = increment.write();
        TRY(file->check_undamaged());
        if (pdf.size() + written.text.size() > pdf_size_max) {
            return Error{ErrorKind::invalid, "The PDF is too large to be time-stamped."};
        }
        auto parts = cut_at_contents(std::move(written.text),
                                     written.offsets.at(value.getObjectID()),
                                     signature,
                                     pdf.size());
        prepared.before = std::move(parts.before);
        prepared.after = std::move(parts.after);
        return {};
    }));
    const hsm::ByteView covered[] = {
        pdf, hsm::view_of(prepared.before), hsm::view_of(prepared.after)};
    const auto hash = hsm::openssl::sha256(covered);
    prepared.hash = Bytes(hash.begin(), hash.end());
    return prepared;
}

Result<std::string> complete_timestamp(const PreparedTimestamp& prepared, const Bytes& token) {
    TRY_ASSIGN(const auto contents, contents_of(token, prepared.room));
    return prepared.before + contents + prepared.after;
}

Result<std::string> stamped_contents(const PdfSigned& signature, const Bytes& token) {
    TRY_ASSIGN(const auto cms, CmsContents::read(signature.contents));
    TRY_ASSIGN(const auto stamped, cms.with_timestamp(token));
    return contents_of(stamped, signature.place.room());
}

}  // namespace cloudsign::document
