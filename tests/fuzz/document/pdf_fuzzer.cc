#include "cloudsign/document/cms_contents.h"
#include "cloudsign/document/pdf_file.h"
#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/pdf_placeholder.h"
#include "cloudsign/document/pdf_security_store.h"
#include "cloudsign/document/pdf_timestamp.h"
#include "tests/unit/cloudsign/document/people.h"

namespace {

using namespace cloudsign::document;

// What has been signed already, by whomever, is read or refused in words; a time-stamp leaves a
// file that reads as strictly as it did.
void raise(hsm::ByteView pdf) {
    const auto signatures = read_signatures(pdf);
    if (signatures) {
        for (const auto& one : *signatures) {
            CHECK(one.end <= pdf.size() && one.place.behind <= one.end);
            static_cast<void>(CmsContents::read(one.contents));
        }
    }
    CHECK(signatures || !signatures.error().detail.empty());
    const auto store = read_security_store(pdf);
    CHECK(store || !store.error().detail.empty());
    const auto prepared = prepare_timestamp(pdf, 16);
    if (!prepared) {
        CHECK(!prepared.error().detail.empty());
        return;
    }
    const auto whole =
        std::string(hsm::text_of(pdf)) + *complete_timestamp(*prepared, hsm::Bytes(16, 1));
    CHECK(PdfFile::open(hsm::view_of(whole)));
    std::map<hsm::Bytes, ValidationData> needed;
    needed[{1}].certificates = {{1, 2, 3}};
    const auto data = add_validation_data(hsm::view_of(whole), needed);
    if (data) {
        const auto added = read_security_store(hsm::view_of(whole + *data));
        CHECK(added && added->has_entry({1}));
    }
}

}  // namespace

// Whatever the file: it is refused in words, or what is prepared for it is a PDF that reads as
// strictly as the first, with one empty signature that covers all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const hsm::ByteView input(data, size);
    raise(input);
    static const Authority authority;
    static const Person person(authority, "An", 2);

    const auto intake = take_in_pdf(input);
    if (!intake) {
        CHECK(!intake.error().detail.empty());
        return 0;
    }
    const auto base = intake->rewritten.empty() ? input : hsm::ByteView(intake->rewritten);
    PdfSignature wish;
    wish.appearance.lines = {"Số: 1", "2026-11-27T19:00:00+07:00"};
    const auto prepared = person.prepare(hsm::text_of(base), wish);
    if (!prepared) {
        CHECK(!prepared.error().detail.empty());
        return 0;
    }
    const auto whole = std::string(hsm::text_of(base)) + prepared->before + "<" +
                       std::string(2 * prepared->room, '0') + ">" + prepared->after;
    const auto placeholder = find_placeholder(hsm::view_of(whole));
    CHECK(placeholder && placeholder->room() == prepared->room);
    CHECK(hash_around(hsm::view_of(whole), *placeholder, prepared->algorithm.digest) ==
          prepared->document_hash);
    CHECK(PdfFile::open(hsm::view_of(whole)));
    CHECK(read_prepared_pdf(to_text(*prepared)));
    return 0;
}
