#pragma once

#include "cloudsign/module_port.h"
#include "cloudsign/pki/external_signer.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"

namespace cloudsign::authority {

// A key of the CA or of one of its services, as a module holds it.
struct ServiceKey {
    std::string credential_id;
    Bytes blob;
    Bytes spki;
    hsm::protocol::Algorithm algorithm;
    Bytes certificate;
    std::string issuer_id;
    Bytes issuer_certificate;  // its own, for the issuer
};

// The newest of this kind with a certificate that is good at `now_ms`. `not_found` when there is
// none.
Result<ServiceKey> find_service_key(store::Database& database,
                                    store::CredentialOwner kind,
                                    std::int64_t now_ms);

// An issuer's key for lists, an OCSP key for answers.
class ModuleSigner final : public pki::ExternalSigner {
public:
    enum class Signs { list, answer };
    ModuleSigner(ModulePort& modules, const ServiceKey& key, Signs signs)
        : modules_(modules), key_(key), signs_(signs) {}

    const Bytes& spki() const override { return key_.spki; }
    hsm::protocol::Algorithm algorithm() const override { return key_.algorithm; }
    Result<Bytes> sign(const Bytes& message) override;

private:
    ModulePort& modules_;
    const ServiceKey& key_;
    const Signs signs_;
};

}  // namespace cloudsign::authority
