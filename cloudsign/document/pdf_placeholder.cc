#include "cloudsign/document/pdf_placeholder.h"

#include <openssl/evp.h>

#include "cloudsign/document/pdf_form.h"
#include "cloudsign/document/pdf_signatures.h"
#include "cloudsign/document/qpdf_error.h"
#include "cloudsign/hex.h"
#include "hsm/openssl/digest.h"
#include "hsm/openssl/pointers.h"

namespace cloudsign::document {
namespace {

// `signature` is read where its ByteRange says that it is; a string of zeros elsewhere says the
// same.
bool is_its_own_place(PdfField& field, const PdfSigned& signature) {
    const auto at = field.value.getKey("/Contents").getParsedOffset();
    return at >= 0 && static_cast<std::size_t>(at) == signature.place.contents;
}

}  // namespace

Result<PdfPlaceholder> find_placeholder(hsm::ByteView pdf) {
    TRY_ASSIGN(auto file, PdfFile::open(pdf));
    TRY_ASSIGN(auto form, PdfForm::read(*file));
    return with_qpdf([&]() -> Result<PdfPlaceholder> {
        for (auto& field : form.fields()) {
            if (!field.is_unfinished()) {
                continue;
            }
            const auto signature = read_signature(*file, field);
            if (signature && signature->end == pdf.size() && is_its_own_place(field, *signature)) {
                TRY(form.check_finished(&field));
                TRY(file->check_undamaged());
                return signature->place;
            }
        }
        return Error{ErrorKind::invalid, "The PDF has no empty signature that covers all of it."};
    });
}

Bytes hash_around(hsm::ByteView pdf,
                  const PdfPlaceholder& placeholder,
                  hsm::protocol::DigestAlgorithm digest) {
    const hsm::openssl::EvpMdContextPtr context(EVP_MD_CTX_new());
    CHECK(EVP_DigestInit_ex(context.get(), hsm::openssl::message_digest(digest), nullptr) == 1);
    for (const auto part : {pdf.first(placeholder.contents), pdf.subspan(placeholder.behind)}) {
        CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
    }
    Bytes hash(hsm::protocol::digest_length(digest));
    CHECK(EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1);
    return hash;
}

Result<std::string> contents_of(const Bytes& cms, std::size_t room) {
    if (cms.size() > room) {
        return Error{ErrorKind::invalid,
                     "The PDF keeps " + std::to_string(room) + " bytes for a signature of " +
                         std::to_string(cms.size()) + "."};
    }
    std::string contents;
    contents.reserve(2 * room + 2);
    contents.append("<").append(hex(cms)).resize(1 + 2 * room, '0');
    contents += '>';
    return contents;
}

}  // namespace cloudsign::document
