#include "cloudsign/authority/service_key.h"

#include "cloudsign/module_error.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/store/credential_table.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::authority {
namespace {

using store::Credential;
using store::CredentialOwner;
using store::CredentialTable;

// Services sign with SHA-256, whatever the key: that is what a module computes.
hsm::protocol::Algorithm algorithm_of(hsm::protocol::KeyType type) {
    auto algorithm = pki::default_algorithm(type);
    algorithm.digest = hsm::protocol::DigestAlgorithm::sha256;
    return algorithm;
}

bool is_usable(const Credential& credential, std::int64_t now_ms) {
    return credential.status == store::CredentialStatus::enabled && credential.blob &&
           credential.certificate && credential.issuer_id && credential.valid_to > now_ms;
}

}  // namespace

Result<ServiceKey> find_service_key(store::Database& database,
                                    CredentialOwner kind,
                                    std::int64_t now_ms) {
    return database.read([&](store::Session& session) -> Result<ServiceKey> {
        CredentialTable table(session);
        TRY_ASSIGN(auto all, table.of_kind(kind));
        const auto newest =
            std::ranges::find_if(all.rbegin(), all.rend(), [&](const Credential& one) {
                return is_usable(one, now_ms);
            });
        if (newest == all.rend()) {
            return Error{ErrorKind::not_found, "there is no key for this yet"};
        }
        const auto blob = hsm::protocol::decode_blob(*newest->blob);
        if (!blob) {
            return Error{ErrorKind::internal, "the key blob in the database cannot be read"};
        }
        ServiceKey key;
        key.credential_id = newest->id;
        key.blob = *newest->blob;
        key.spki = bytes_of(blob->header.spki);
        key.algorithm = algorithm_of(newest->key_type);
        key.certificate = *newest->certificate;
        key.issuer_id = *newest->issuer_id;
        TRY_ASSIGN(auto issuer, table.by_id(key.issuer_id));
        if (!issuer || !issuer->certificate) {
            return Error{ErrorKind::internal, "the issuer of a service's certificate is gone"};
        }
        key.issuer_certificate = *issuer->certificate;
        return key;
    });
}

Result<Bytes> ModuleSigner::sign(const Bytes& message) {
    const auto made = signs_ == Signs::list
                          ? modules_.sign_list(key_.blob, key_.algorithm, message)
                          : modules_.sign_service({key_.blob, key_.algorithm, message, {}});
    if (!made) {
        return module_error(made.error());
    }
    return *made;
}

}  // namespace cloudsign::authority
