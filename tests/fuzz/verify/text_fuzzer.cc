#include "cloudsign/document/xades_signature.h"
#include "cloudsign/verify/verifier.h"
#include "hsm/base/check.h"

// Whatever stands where a JWS or an XML signature should: it is judged, and believing nobody, never
// found valid. An XML that can be prepared for another signature can be read afterwards.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cloudsign;
    constexpr std::int64_t now_ms = 1'790'000'000'000;
    const hsm::ByteView input(data, size);
    verify::Options options;
    options.now_ms = now_ms;

    const verify::Report reports[] = {
        verify::verify_beside(hsm::view_of("Hợp đồng số 1"), input, options),
        verify::verify_jws(hsm::view_of("Hợp đồng số 1"), input, options),
        verify::verify_xml(input, options)};

    for (const auto& report : reports) {
        CHECK(report.verdict() != verify::Verdict::valid);
        CHECK(!report.signatures.empty() || !report.findings.empty());
    }
    const document::Algorithm algorithm{
        hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha256, 0};
    const auto prepared =
        document::prepare_xades(input, {}, {Bytes{0x30, 0x00}}, algorithm, now_ms);
    if (prepared) {
        const auto text = prepared->before + prepared->after;
        CHECK(document::XmlFile::parse(hsm::view_of(text)));
    }
    return 0;
}
