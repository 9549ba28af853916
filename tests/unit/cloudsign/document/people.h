#pragma once

#include <chrono>

#include "cloudsign/document/pdf_signature.h"
#include "tests/unit/cloudsign/pki/test_key.h"

namespace cloudsign::document {

inline std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// Judges of other makers look at the clock: certificates of here and now.
inline Bytes certificate_for(const pki::TestKey& key,
                             const std::string& subject,
                             const pki::TestKey& issuer_key,
                             const Bytes& issuer,
                             hsm::Byte serial,
                             pki::Profile profile = pki::Profile::person,
                             const pki::PublishedAt& published = {}) {
    const auto algorithm = pki::default_algorithm(hsm::protocol::KeyType::p256);
    pki::TbsRequest request;
    request.profile = issuer.empty() ? pki::Profile::root : profile;
    request.published = published;
    request.subject = subject;
    request.spki = key.spki();
    request.issuer = issuer;
    request.algorithm = algorithm;
    request.serial_number[15] = serial;
    request.valid_from_ms = now_ms() - 3'600'000;
    request.valid_to_ms = now_ms() + pki::test_year_ms;
    const auto tbs = pki::build_tbs(request);
    return *pki::assemble(*tbs, algorithm, issuer_key.sign(algorithm, *tbs), issuer);
}

class Authority {
public:
    // `published`: what its certificates name.
    explicit Authority(pki::PublishedAt published = {})
        : key_(hsm::protocol::KeyType::p256),
          certificate_(certificate_for(key_, "CN=Kyso Test Root,C=VN", key_, {}, 1)),
          published_(std::move(published)) {}

    const pki::TestKey& key() const { return key_; }
    const Bytes& certificate() const { return certificate_; }

    Bytes issue(const pki::TestKey& key,
                const std::string& subject,
                hsm::Byte serial,
                pki::Profile profile = pki::Profile::person) const {
        return certificate_for(key, subject, key_, certificate_, serial, profile, published_);
    }

private:
    pki::TestKey key_;
    Bytes certificate_;
    pki::PublishedAt published_;
};

class Person {
public:
    Person(const Authority& authority,
           const std::string& name,
           hsm::Byte serial,
           hsm::protocol::KeyType type = hsm::protocol::KeyType::p256)
        : key_(type), algorithm_(pki::default_algorithm(type)) {
        chain_ = {authority.issue(key_, "CN=" + name + ",C=VN", serial), authority.certificate()};
    }

    const std::vector<Bytes>& chain() const { return chain_; }
    const Algorithm& algorithm() const { return algorithm_; }
    void use(const Algorithm& algorithm) { algorithm_ = algorithm; }

    Result<PreparedPdf> prepare(std::string_view pdf, PdfSignature wish = {}) const {
        wish.time_ms = now_ms();
        return prepare_pdf(hsm::view_of(pdf), chain_, algorithm_, wish);
    }

    Result<std::string> complete(const PreparedPdf& prepared) const {
        return complete_pdf(
            prepared, key_.sign(algorithm_, prepared.cms.signed_attributes), chain_);
    }

    // The signed file.
    Result<std::string> sign(const std::string& pdf, const PdfSignature& wish = {}) const {
        TRY_ASSIGN(const auto prepared, prepare(pdf, wish));
        TRY_ASSIGN(const auto increment, complete(prepared));
        return pdf + increment;
    }

private:
    pki::TestKey key_;
    Algorithm algorithm_;
    std::vector<Bytes> chain_;
};

}  // namespace cloudsign::document
