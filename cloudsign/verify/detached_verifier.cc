#include "cloudsign/verify/signature_parts.h"
#include "cloudsign/verify/verifier.h"

namespace cloudsign::verify {
namespace {

// What a signer's attributes carry, and the token of their time-stamp.
void collect_from(const CheckedSigner& checked, Material& material) {
    material.evidence.add(checked.evidence);
    std::size_t used = 0;
    const auto token = Cms::read(checked.timestamp, used);
    if (token) {
        token->collect(material.pool, material.evidence);
    }
}

}  // namespace

Report verify_detached(hsm::ByteView document, hsm::ByteView der, const Options& options) {
    auto report = report_about(document, options);
    const auto anchors = pki::store_of(options.anchors, std::nullopt);
    const Setting setting{anchors.get(), options.now_ms, options.fetch ? &options.fetch : nullptr};

    std::size_t used = 0;
    const auto cms = der.size() > cms_size_max ? std::nullopt : Cms::read(der, used);
    if (!cms || used != der.size()) {
        SignatureReport broken;
        broken.kind = SignatureKind::detached;
        broken.format = "CMS";
        add(broken.findings, Code::cms_malformed);
        report.signatures.push_back(std::move(broken));
        return report;
    }
    Material material;
    cms->collect(material.pool, material.evidence);
    const auto count = std::min(cms->signers(), cms_signers_max);
    for (std::size_t i = 0; i < count; ++i) {
        collect_from(cms->check(i, {}, material.pool), material);
    }
    for (std::size_t i = 0; i < count; ++i) {
        SignatureReport signature;
        signature.kind = SignatureKind::detached;
        const auto checked = cms->check(i, {document}, material.pool);
        signature.format = checked.names_certificate ? "CAdES" : "CMS";
        judge_alone(signature, checked, material, options, setting);
        report.signatures.push_back(std::move(signature));
    }
    if (count == 0) {
        add(report.findings, Code::no_signature);
    }
    if (count < cms->signers()) {
        add(report.findings, Code::too_many_signatures);
    }
    return report;
}

}  // namespace cloudsign::verify
