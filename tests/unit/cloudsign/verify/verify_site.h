#pragma once

#include <ostream>

#include "cloudsign/verify/verifier.h"
#include "tests/unit/cloudsign/document/sample_pdf.h"
#include "tests/unit/cloudsign/evidence/evidence_site.h"

namespace cloudsign::verify {

inline std::string names_of(const Findings& findings) {
    std::string names;
    for (const auto& finding : findings) {
        names += std::string(text_of(finding.code).name) + "(" + finding.detail + ") ";
    }
    return names;
}

// Everything that was found, for whoever reads a failed test.
inline std::string names_of(const Report& report) {
    auto names = "file: " + names_of(report.findings);
    for (const auto& signature : report.signatures) {
        names += "| " + signature.field + ": " + names_of(signature.findings);
    }
    return names;
}

inline bool found(const Report& report, Code code) {
    return has(report.findings, code) ||
           std::ranges::any_of(report.signatures, [&](const SignatureReport& signature) {
               return has(signature.findings, code);
           });
}

// Beside P-256 with SHA-256, which most tests sign with.
struct OtherKey {
    hsm::protocol::KeyType type;
    hsm::protocol::Algorithm algorithm;
};
inline constexpr OtherKey other_keys[] = {
    {hsm::protocol::KeyType::p384,
     {hsm::protocol::Scheme::ecdsa, hsm::protocol::DigestAlgorithm::sha384, 0}},
    {hsm::protocol::KeyType::rsa2048,
     {hsm::protocol::Scheme::rsa_pkcs1, hsm::protocol::DigestAlgorithm::sha256, 0}},
    {hsm::protocol::KeyType::rsa2048,
     {hsm::protocol::Scheme::rsa_pkcs1, hsm::protocol::DigestAlgorithm::sha512, 0}},
    {hsm::protocol::KeyType::rsa2048,
     {hsm::protocol::Scheme::rsa_pss, hsm::protocol::DigestAlgorithm::sha256, 32}}};

// Who signs, with all services of their authority, and the verifier that believes it.
class VerifyTest : public evidence::WithSite {
protected:
    std::string signed_pdf(const document::SamplePdf& sample = {}) {
        return *evidence::site().an.sign(document::sample_pdf(sample));
    }
    std::string raised(std::string pdf, evidence::Level level) {
        const auto raised = evidence::site().raise(pdf, level);
        EXPECT_FALSE(raised.missed) << raised.missed->detail;
        return pdf;
    }
    // At B-LT: nothing is left to ask.
    std::string whole_pdf(const document::SamplePdf& sample = {}) {
        return raised(signed_pdf(sample), evidence::Level::lt);
    }

    Options options() {
        Options options;
        options.anchors = {evidence::site().services.authority.certificate()};
        options.now_ms = document::now_ms();
        return options;
    }
    Report verified(const std::string& pdf) { return verify_pdf(hsm::view_of(pdf), options()); }
    Report verified_online(const std::string& pdf) {
        auto with = options();
        with.fetch = services_.fetch();
        return verify_pdf(hsm::view_of(pdf), with);
    }
    static void expect(const Report& report, Verdict verdict, std::optional<Code> code = {}) {
        EXPECT_EQ(verdict_name(report.verdict()), verdict_name(verdict)) << names_of(report);
        if (code) {
            EXPECT_TRUE(found(report, *code))
                << text_of(*code).name << " is not in " << names_of(report);
        }
    }
};

}  // namespace cloudsign::verify
