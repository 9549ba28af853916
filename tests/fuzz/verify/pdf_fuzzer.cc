#include <boost/json.hpp>

#include "cloudsign/document/pdf_signatures.h"
#include "cloudsign/verify/report_json.h"
#include "cloudsign/verify/report_pdf.h"
#include "cloudsign/verify/verifier.h"
#include "tests/unit/cloudsign/document/people.h"

namespace {

using namespace cloudsign;
using namespace cloudsign::verify;

constexpr std::string_view base =
    "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids "
    "[3 0 R] /Count 1 /MediaBox [0 0 595 842] >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R "
    ">>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n"
    "0000000139 00000 n \ntrailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n186\n%%EOF\n";

// A signed file, and where its signature's own value stands in it.
struct Signed {
    document::Authority authority;
    std::string pdf =
        *document::Person(authority, "An", 2).sign(std::string(base), document::PdfSignature());
    document::PdfSigned place = document::read_signatures(hsm::view_of(pdf))->front();
};

Report judged(const Signed& good, hsm::ByteView pdf) {
    Options options;
    options.anchors = {good.authority.certificate()};
    options.now_ms = document::now_ms();
    return verify_pdf(pdf, options);
}

// Five bytes an edit: where, and what is written there, or what is put in or taken out.
std::string edited(std::string pdf, hsm::ByteView edits) {
    for (; edits.size() >= 5; edits = edits.subspan(5)) {
        const auto at = ((edits[0] << 16) | (edits[1] << 8) | edits[2]) % (pdf.size() + 1);
        const std::size_t count = edits[3] % 64 + 1;
        const auto value = static_cast<char>(edits[4]);
        if (edits[3] < 128 && at < pdf.size()) {
            pdf[at] = value;
        } else if (edits[3] < 192) {
            pdf.insert(at, count, value);
        } else {
            pdf.erase(at, count);
        }
    }
    return pdf;
}

}  // namespace

// A PDF as it is, or edits of a signed one: it is judged, the report can be written, and nothing of
// what a signature covers can change without its being called so.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Signed good;
    const hsm::ByteView input(data, size);
    const bool is_pdf = hsm::text_of(input).starts_with("%PDF-");
    const auto pdf = is_pdf ? std::string(hsm::text_of(input)) : edited(good.pdf, input);

    const auto report = judged(good, hsm::view_of(pdf));

    CHECK(!boost::json::serialize(to_json(report)).empty());
    CHECK(to_pdf(report, Language::english));
    const auto& place = good.place.place;
    const bool is_covered_alike =
        pdf.size() >= good.pdf.size() &&
        pdf.compare(0, place.contents, good.pdf, 0, place.contents) == 0 &&
        pdf.compare(place.behind,
                    good.pdf.size() - place.behind,
                    good.pdf,
                    place.behind,
                    good.pdf.size() - place.behind) == 0;
    for (const auto& signature : report.signatures) {
        const bool is_whole = signature.level != Level::none;
        CHECK(!is_whole || is_covered_alike);
    }
    return 0;
}
