#include "tests/bench/pdf_signing.h"

#include <qpdf/QPDF.hh>

#include "cloudsign/document/pdf_intake.h"
#include "cloudsign/random.h"
#include "hsm/openssl/digest.h"
#include "tests/bench/failure.h"
#include "tests/bench/usage.h"
#include "tests/unit/cloudsign/document/people.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"

namespace bench {
namespace {

// Three pages of an office's program: some thirty objects, most bytes in compressed streams.
std::string office_pdf() {
    constexpr int streams = 20;
    constexpr std::size_t stream_size = 1850;
    cloudsign::document::SamplePdf sample;
    sample.pages = 3;
    for (int i = 0; i < streams; ++i) {
        // As dense as what is compressed.
        cloudsign::Bytes content(stream_size);
        cloudsign::fill_random(content);
        sample.objects += std::to_string(100 + i) + " 0 obj\n<< /Length " +
                          std::to_string(content.size()) + " >>\nstream\n" +
                          std::string(hsm::text_of(content)) + "\nendstream\nendobj\n";
    }
    return cloudsign::document::sample_pdf(sample);
}

}  // namespace

PdfSigning measure_pdf_signing(unsigned count) {
    const cloudsign::document::Authority authority;
    const cloudsign::pki::TestKey key(hsm::protocol::KeyType::p256);
    const auto algorithm = cloudsign::pki::default_algorithm(hsm::protocol::KeyType::p256);
    const std::vector<cloudsign::Bytes> chain = {authority.issue(key, "CN=Nguyễn Văn A,C=VN", 2),
                                                 authority.certificate()};
    const auto pdf = office_pdf();
    const auto view = hsm::view_of(pdf);
    cloudsign::document::PdfSignature wish;
    wish.time_ms = cloudsign::document::now_ms();

    PdfSigning measured;
    measured.file_size = pdf.size();
    cloudsign::document::PreparedPdf prepared;
    measured.prepare_us = us_per_call(count, [&] {
        prepared = need(cloudsign::document::prepare_pdf(view, chain, algorithm, wish), "prepare");
    });
    const auto signature = key.sign(algorithm, prepared.cms.signed_attributes);
    measured.complete_us = us_per_call(count, [&] {
        need(cloudsign::document::complete_pdf(prepared, signature, chain), "complete");
    });
    measured.intake_us =
        us_per_call(count, [&] { need(cloudsign::document::take_in_pdf(view), "take in"); });
    measured.hash_us = us_per_call(
        count, [&] { hsm::openssl::digest_of(view, hsm::protocol::DigestAlgorithm::sha256); });
    measured.parse_us = us_per_call(count, [&] {
        QPDF parsed;
        parsed.processMemoryFile("sample", pdf.data(), pdf.size());
        parsed.getAllObjects();
    });
    return measured;
}

}  // namespace bench
