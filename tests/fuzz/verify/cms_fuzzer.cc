#include "cloudsign/verify/judge.h"
#include "cloudsign/verify/verifier.h"
#include "hsm/base/check.h"

// Whatever stands where a signature, a time-stamp or evidence should: it is judged, and believing
// nobody, never found valid.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace cloudsign::verify;
    constexpr std::int64_t now_ms = 1'790'000'000'000;
    const hsm::ByteView input(data, size);
    Options options;
    options.now_ms = now_ms;

    const auto report = verify_detached(hsm::view_of("Hợp đồng số 1"), input, options);

    CHECK(report.verdict() != Verdict::valid);
    CHECK(!report.signatures.empty() || !report.findings.empty());

    const auto anchors = cloudsign::pki::store_of({}, std::nullopt);
    Material material;
    material.pool.add(input);
    material.evidence.add_answer(cloudsign::bytes_of(input));
    material.evidence.add_list(cloudsign::bytes_of(input));
    const auto stamp = check_timestamp(
        input, {hsm::view_of("signature")}, material, now_ms, {anchors.get(), now_ms, nullptr});
    CHECK(!stamp.proves());
    for (int i = 0; i < sk_X509_num(material.pool.stack()); ++i) {
        SignatureReport signature;
        judge_certificate(signature,
                          sk_X509_value(material.pool.stack(), i),
                          material,
                          {anchors.get(), now_ms, nullptr});
        CHECK(signature.verdict() != Verdict::valid);
        auto* certificate = sk_X509_value(material.pool.stack(), i);
        CHECK(status_by(certificate, certificate, now_ms, material.evidence, material.pool)
                  .standing <= Standing::of_another);
    }
    return 0;
}
