#include "cloudsign/verify/jws.h"
#include "cloudsign/verify/signature_parts.h"
#include "cloudsign/verify/verifier.h"

namespace cloudsign::verify {

Report verify_jws(hsm::ByteView document, hsm::ByteView text, const Options& options) {
    auto report = report_about(document, options);
    SignatureReport signature;
    signature.kind = SignatureKind::detached;
    signature.format = "JWS";
    const auto jws = Jws::read(text);
    if (!jws) {
        add(signature.findings, Code::jws_malformed);
        report.signatures.push_back(std::move(signature));
        return report;
    }
    const auto anchors = pki::store_of(options.anchors, std::nullopt);
    const Setting setting{anchors.get(), options.now_ms, options.fetch ? &options.fetch : nullptr};
    Material material;
    jws->collect(material.pool);
    const auto checked = jws->check(document);
    judge_alone(signature, checked, material, options, setting);
    // ETSI TS 119 182-1 §6.3: a baseline signature says when.
    if (jws->names_time()) {
        signature.format = "JAdES";
    } else {
        signature.level = Level::none;
    }
    report.signatures.push_back(std::move(signature));
    return report;
}

Report verify_beside(hsm::ByteView document, hsm::ByteView signature, const Options& options) {
    if (is_xml(signature)) {
        return verify_xml_beside(document, signature, options);
    }
    return Jws::looks_like(signature) ? verify_jws(document, signature, options)
                                      : verify_detached(document, signature, options);
}

}  // namespace cloudsign::verify
