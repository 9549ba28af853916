#include "cloudsign/document/pdf_file.h"
#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/document/pdf_placeholder.h"
#include "tests/unit/cloudsign/document/people.h"

// Whatever the file: it is refused in words, or what is prepared for it is a PDF that reads as
// strictly as the first, with one empty signature that covers all of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cloudsign::document;
    const hsm::ByteView input(data, size);
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
