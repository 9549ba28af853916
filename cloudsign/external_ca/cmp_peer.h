#pragma once

#include <openssl/x509.h>

#include "cloudsign/error.h"
#include "cloudsign/external_ca/cmp_settings.h"
#include "cloudsign/pki/certificate_store.h"

// Who may sign an authority's answers.
namespace cloudsign::external_ca {

// Every subscriber has a certificate that chains to the anchors, and with it could sign answers in
// the authority's name. So one of these must hold: it is an anchor; it is a CA's; it is for the
// CMP of a CA or RA (extended key usage cmcCA or cmcRA, RFC 6402 §2.10, RFC 9480 §2.2); its subject
// is the recipient of our messages.
class CmpPeer {
public:
    // `invalid` when the recipient's name or an anchor cannot be read.
    static Result<std::unique_ptr<CmpPeer>> create(const CmpSettings& settings);

    const X509_NAME* recipient() const { return recipient_.get(); }  // nullptr: none is named

    bool may_answer(X509* signer) const;

    // Believes in the anchors now, and in no leaf that may not answer. This outlives it.
    pki::StorePtr make_store() const;

private:
    CmpPeer() = default;

    std::vector<Bytes> anchors_;
    hsm::openssl::X509NamePtr recipient_;
};

}  // namespace cloudsign::external_ca
