#include "server/api/verify/document_verifier.h"

#include "hsm/sync/place.h"

namespace server::api {

namespace verify = cloudsign::verify;

namespace {

verify::Report judged(const DocumentVerifier::Question& question, const verify::Options& options) {
    if (!question.signature.empty()) {
        return verify::verify_beside(question.document, question.signature, options);
    }
    return verify::is_xml(question.document) ? verify::verify_xml(question.document, options)
                                             : verify::verify_pdf(question.document, options);
}

}  // namespace

cloudsign::Result<verify::Report> DocumentVerifier::judge(const Question& question) {
    const hsm::sync::Place place(at_once_);
    if (place.number() > at_once_max) {
        return cloudsign::Error{cloudsign::ErrorKind::busy, "other documents are being judged", 1};
    }
    verify::Options options;
    options.anchors = source_.anchors();
    options.now_ms = clock_.now_ms();
    options.fetch = source_.status;
    options.of_organisation = question.of_organisation;
    options.time_max = time_max;
    auto report = judged(question, options);
    report.file = question.name;
    return report;
}

}  // namespace server::api
