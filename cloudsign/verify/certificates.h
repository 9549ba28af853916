#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/bytes.h"
#include "cloudsign/pki/certificate_store.h"
#include "cloudsign/verify/report.h"
#include "hsm/openssl/pointers.h"

// Certificates that lie in a file, and the path from one of them to an authority that is trusted.
namespace cloudsign::verify {

// What a file says about revocation: OCSPResponse or BasicOCSPResponse, and CertificateList, DER.
struct Evidence {
    std::vector<Bytes> answers;
    std::vector<Bytes> lists;

    static constexpr std::size_t count_max = 200;
    void add_answer(Bytes der);
    void add_list(Bytes der);
    void add(const Evidence& other);
};

// Untrusted certificates to build paths from.
class CertificatePool {
public:
    static constexpr std::size_t count_max = 200;

    CertificatePool() : stack_(sk_X509_new_null()) {}

    // Beyond `count_max`, and what is no certificate, is left out.
    void add(hsm::ByteView der);
    void add(X509* certificate);

    STACK_OF(X509) * stack() const { return stack_.get(); }

private:
    pki::CertificatesPtr stack_;
};

struct Path {
    pki::CertificatesPtr chain;  // leaf first, anchor last where it is trusted
    Findings findings;           // untrusted_root, chain_broken; empty: it is trusted
    bool is_trusted() const { return findings.empty(); }
    X509* issuer_of(int index) const;  // nullptr at the end
    int size() const { return chain ? sk_X509_num(chain.get()) : 0; }
    X509* at(int index) const { return sk_X509_value(chain.get(), index); }
};

// `anchors`: of pki::store_of(). Not a word about dates: those are judged at the time in question.
Path build_path(X509* leaf, const CertificatePool& pool, X509_STORE* anchors);

// weak_digest, weak_key of the path's certificates.
Findings check_algorithms(const Path& path);

enum class Validity { before, within, after };
Validity validity_at(const X509* certificate, std::int64_t time_ms);
// The certificate of the path that is out of its time then; nullptr: none.
X509* outside_validity(const Path& path, std::int64_t time_ms);

CertificateReport report_of(X509* certificate);

bool is_strong_digest(int nid);
bool is_strong_key(EVP_PKEY* key);

std::optional<std::int64_t> to_ms(const ASN1_TIME* time);

// The elements of a SEQUENCE or SET, each whole; empty for anything else.
std::vector<Bytes> elements_of(hsm::ByteView der);
// What stands in an explicitly tagged value.
Bytes inside_of(hsm::ByteView der);

}  // namespace cloudsign::verify
