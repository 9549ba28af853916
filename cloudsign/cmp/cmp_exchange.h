#pragma once

#include <exception>
#include <optional>
#include <string>
#include <variant>

#include <openssl/cmp.h>

#include "cloudsign/clock.h"
#include "cloudsign/cmp/certificate_wish.h"
#include "cloudsign/cmp/cmp_requests.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/store/cmp_table.h"

namespace cloudsign::cmp {

// One message of an account and its answer. OpenSSL's server keeps a transaction in memory; this
// one lives for a message, and is told again, by the message that began it, what went before.
class CmpExchange {
public:
    // All of them outlive it. `authority`: the CA's certificate, DER.
    CmpExchange(store::Database& database,
                const Clock& clock,
                credential::CredentialService& credentials,
                CmpRequests& requests,
                const store::CmpAccount& account,
                const Bytes& authority);

    // PKIMessage, DER. `internal` when OpenSSL makes none.
    Result<Bytes> answer(const OSSL_CMP_MSG* message);

    // What has failed on our side, where the client was told only to come back.
    std::optional<Error> take_fault() { return std::exchange(fault_, std::nullopt); }

private:
    struct Waiting {};
    struct No {
        int failures = 0;  // OSSL_CMP_CTX_FAILINFO_…
        std::string text;
    };
    using Decision = std::variant<Waiting, Bytes, No>;  // Bytes: the certificate

    // Callbacks of OpenSSL's server.
    static OSSL_CMP_PKISI* certify(OSSL_CMP_SRV_CTX* server,
                                   const OSSL_CMP_MSG* message,
                                   int request_id,
                                   const OSSL_CRMF_MSG* request,
                                   const X509_REQ* pkcs10,
                                   X509** certificate,
                                   STACK_OF(X509) * *chain,
                                   STACK_OF(X509) * *authorities);
    static OSSL_CMP_PKISI* revoke(OSSL_CMP_SRV_CTX* server,
                                  const OSSL_CMP_MSG* message,
                                  const X509_NAME* issuer,
                                  const ASN1_INTEGER* serial_number);
    static int hear_confirmation(OSSL_CMP_SRV_CTX* server,
                                 const OSSL_CMP_MSG* message,
                                 int request_id,
                                 const ASN1_OCTET_STRING* hash,
                                 const OSSL_CMP_PKISI* status);
    static int hear_poll(OSSL_CMP_SRV_CTX* server,
                         const OSSL_CMP_MSG* message,
                         int request_id,
                         OSSL_CMP_MSG** decided,
                         std::int64_t* check_after);

    template <class Value, class Work>
    Value guarded(Value otherwise, const Work& work);
    OSSL_CMP_CTX* context() const { return OSSL_CMP_SRV_CTX_get0_cmp_ctx(server_.get()); }

    // Nothing when the client names a transaction that it has not begun: OpenSSL says so.
    Result<void> go_on_with(const std::string& transaction_id);
    Result<std::optional<store::CmpRequest>> find(const std::string& transaction_id) {
        return requests_.find(account_.name, transaction_id);
    }

    static No in_use() {
        return {OSSL_CMP_CTX_FAILINFO_transactionIdInUse,
                "another request was made under this transactionID"};
    }
    Result<Decision> decide(const OSSL_CMP_MSG* message,
                            const OSSL_CRMF_MSG* request,
                            const X509_REQ* pkcs10);
    Result<Decision> begin(const std::string& transaction_id,
                           Bytes message,
                           const CertificateWish& wish);
    // The subject to certify, or why not.
    Result<std::variant<std::string, No>> subject_of(const CertificateWish& wish);
    Result<Decision> state_of(const store::CmpRequest& request);
    // Whether the certificate before is one of this account's that is valid.
    Result<std::optional<store::Credential>> renewed_by(const CertificateWish& wish);
    Result<std::optional<No>> revoke_certificate(const OSSL_CMP_MSG* message,
                                                 const X509_NAME* issuer,
                                                 const std::string& serial_number);
    // False for a transaction without a certificate, and for the hash of another.
    Result<bool> confirm(const std::string& transaction_id, hsm::ByteView hash, bool is_accepted);
    Result<void> reject_all(const std::string& transaction_id);
    // Whose certificate that is, if this account asked for it.
    Result<std::optional<store::Credential>> own(const std::string& serial_number);

    store::Database& database_;
    const Clock& clock_;
    credential::CredentialService& credentials_;
    CmpRequests& requests_;
    const store::CmpAccount& account_;
    const Bytes& authority_;
    std::unique_ptr<OSSL_CMP_SRV_CTX, hsm::openssl::Freed<OSSL_CMP_SRV_CTX_free>> server_;
    bool is_repeating_ = false;      // what began a transaction that is polled for
    bool has_heard_of_one_ = false;  // a certConf with a certificate in it
    std::optional<Error> fault_;
    std::exception_ptr thrown_;
};

}  // namespace cloudsign::cmp
