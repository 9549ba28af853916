#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/pki/certification_request.h"
#include "cloudsign/store/certification_table.h"

namespace cloudsign::external_ca {

// A person who is asked to approve a certification request.
struct Asked {
    std::string credential_id;
    store::Transaction transaction;
};

// The newest request of a credential.
struct RequestOf {
    store::CertificationRequest row;
    store::Transaction transaction;  // in which the person approves it
    Bytes pkcs10;                    // RFC 2986, DER; empty until it is signed
};

// What became of one certificate that was brought here.
struct Imported {
    std::string credential_id;
    std::string serial_number;
    std::string subject;
    std::optional<Error> error;  // why it is not used
};

// Certificates of an authority that is not the built-in one, for keys of people here. The key's
// holder approves the request (PKCS #10) on the phone like any signature, as what proves possession
// of the key; nothing else can make a module sign it. What comes back is judged before it is used.
// Any thread.
class ExternalCa {
public:
    // Registers itself with the approvals for what follows such an approval. `anchors`: the
    // certificates, DER, that what it issues must chain to; empty: there is no such authority, and
    // everything is `conflict`.
    ExternalCa(store::Database& database,
               const Clock& clock,
               transaction::TransactionService& transactions,
               approval::ApprovalService& approvals,
               credential::CredentialService& credentials,
               std::vector<Bytes> anchors);

    bool is_there() const { return !anchors_.empty(); }

    // Asks the signer of each credential, which is bound or in use, to approve a request for the
    // credential's key and the signer's subject; answers the one that waits, where one does. A
    // request before, signed or not, is replaced. `conflict`, in words, for one that cannot be
    // asked; those before it are asked then.
    Result<std::vector<Asked>> request(const std::vector<std::string>& credential_ids);

    // `not_found` when there is none; `conflict` when the credential is revoked or deleted.
    Result<RequestOf> newest(const std::string& credential_id);

    // Of each of `certificates`, DER, that is of a key here: used from now on, or why not. The
    // others are what may stand between it and an anchor. `invalid` when none is of a key here.
    Result<std::vector<Imported>> import(const std::vector<Bytes>& certificates,
                                         pki::SubjectRule rule);

    // The signed request of `row`, DER: `not_found` before it is signed.
    Result<Bytes> pkcs10_of(const store::CertificationRequest& row);
    // The certificate of an authority outside that its key has now, DER; empty where it has none.
    Result<Bytes> renewed_by(const store::CertificationRequest& row);
    // `conflict`, in words, when its credential has no use for a certificate any more.
    Result<void> check_is_wanted(const store::CertificationRequest& row);
    // The chain of what was issued for `row`, when it is what was asked for. Of a credential that
    // has ended meanwhile it is kept as revoked, and `conflict`.
    Result<std::vector<Bytes>> chain_for(const store::CertificationRequest& row,
                                         const Bytes& certificate,
                                         const std::vector<Bytes>& others);
    // From now on; as CredentialService::adopt().
    Result<bool> use(const store::CertificationRequest& row, const std::vector<Bytes>& chain);

    // Certificates of the authority that are revoked here for good and that it has not been told
    // of; the oldest first, at most 1,000.
    Result<std::vector<store::ExternalRevocation>> untold();
    // Somebody says that they have told it, on whatever way. `not_found` when it is none of those.
    Result<void> note_told(const std::string& serial_number);

private:
    Result<void> sign_request(const store::Transaction& transaction);
    Result<void> check_is_active(const std::string& signer_id);
    Result<void> check_is_there() const;
    Result<Asked> ask(const std::string& credential_id);
    Result<std::optional<store::Transaction>> waiting_of(const std::string& credential_id);
    Result<std::vector<Bytes>> check(const store::Credential& credential,
                                     const Bytes& certificate,
                                     const std::vector<Bytes>& others,
                                     pki::SubjectRule rule);
    Result<pki::AskedCertificate> asked_of(const store::Credential& credential);

    store::Database& database_;
    const Clock& clock_;
    transaction::TransactionService& transactions_;
    credential::CredentialService& credentials_;
    const std::vector<Bytes> anchors_;
};

}  // namespace cloudsign::external_ca
