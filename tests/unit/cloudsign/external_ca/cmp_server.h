#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <openssl/cmp.h>

#include "cloudsign/evidence/fetch.h"
#include "tests/unit/cloudsign/external_ca/made_authority.h"

namespace cloudsign::external_ca {

inline const std::string cmp_url = "http://ca.test/cmp";

// An authority behind OpenSSL's own CMP server, which judges every message that it is sent; it
// stands where the network would be.
class CmpServer {
public:
    struct No {
        int failures = 0;  // OSSL_CMP_CTX_FAILINFO_…
        std::string text;
        int status = OSSL_CMP_PKISTATUS_rejection;
    };

    explicit CmpServer(const MadeAuthority& authority);

    // Answers are protected like the requests; this is with what. The second signs with a
    // certificate and its key, and sends `beside` along.
    void share_secret(const std::string& reference, const std::string& secret);
    void sign_as(const MadeCertificate& signer, const MadeCertificate& beside);

    OSSL_CMP_CTX* context() const { return OSSL_CMP_SRV_CTX_get0_cmp_ctx(server_.get()); }
    OSSL_CMP_SRV_CTX* server() const { return server_.get(); }
    evidence::Fetch fetch();

    int polls = 0;  // that get no certificate yet
    std::int64_t check_after_s = 3;
    std::optional<No> no;
    std::function<EVP_PKEY*(EVP_PKEY*)> other_key;          // to certify instead
    std::function<Result<Bytes>(const Bytes&)> on_the_way;  // becomes of an answer

    std::vector<evidence::FetchRequest> requests;
    std::vector<std::string> confirmations;  // PKIStatusInfo of each certConf
    std::vector<Bytes> issued;
    std::vector<int> asked;            // the body of what each was issued for, and
    std::vector<std::string> renewed;  // the serial number that it names
    std::vector<Bytes> revoked;        // serial numbers

private:
    static CmpServer& of(OSSL_CMP_SRV_CTX* server);
    static OSSL_CMP_PKISI* certify(OSSL_CMP_SRV_CTX*,
                                   const OSSL_CMP_MSG*,
                                   int,
                                   const OSSL_CRMF_MSG*,
                                   const X509_REQ*,
                                   X509**,
                                   STACK_OF(X509) **,
                                   STACK_OF(X509) **);
    static OSSL_CMP_PKISI* revoke(OSSL_CMP_SRV_CTX*,
                                  const OSSL_CMP_MSG*,
                                  const X509_NAME*,
                                  const ASN1_INTEGER*);
    static int hear_confirmation(OSSL_CMP_SRV_CTX*,
                                 const OSSL_CMP_MSG*,
                                 int,
                                 const ASN1_OCTET_STRING*,
                                 const OSSL_CMP_PKISI*);
    static int hear_poll(
        OSSL_CMP_SRV_CTX*, const OSSL_CMP_MSG*, int, OSSL_CMP_MSG**, std::int64_t*);

    const MadeAuthority& authority_;
    std::unique_ptr<OSSL_CMP_SRV_CTX, hsm::openssl::Freed<OSSL_CMP_SRV_CTX_free>> server_;
    std::unique_ptr<OSSL_CMP_MSG, hsm::openssl::Freed<OSSL_CMP_MSG_free>> waiting_;
    int polled_ = 0;
};

}  // namespace cloudsign::external_ca
