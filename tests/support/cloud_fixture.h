#pragma once

#include <gtest/gtest.h>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/credential/phone_moves.h"
#include "cloudsign/identity/signer_registry.h"
#include "tests/support/in_process_modules.h"

namespace tests::support {

// An enrolled person: phone, device session and a credential with its certificate.
struct Person {
    std::string signer_id;
    Passkey passkey;
    cloudsign::store::Device device;
    cloudsign::store::Credential credential;
};

// Portals "client-1" and "client-2" may ask everybody without limits.
// The product's rules on a real database and real modules, without server and sockets. Where an
// operation must succeed it CHECKs; what a test looks at is answered.
class Cloud {
public:
    explicit Cloud(std::size_t modules = 1);

    // As after a crash of the server: new services on the same files.
    void restart_server();
    // As after a crash of a module; the server is not told.
    void restart_module(std::size_t index = 0) { group[index].restart(); }
    // What the server does at its start, and when a module has come back.
    cloudsign::Result<void> resume();

    void advance(std::int64_t ms);

    // The built-in CA, approved by the officer; and people.
    void make_authority();
    Person enrol(const std::string& signer_id,
                 hsm::protocol::KeyType type = hsm::protocol::KeyType::p256);
    std::string invite(const std::string& signer_id,
                       hsm::protocol::KeyType type = hsm::protocol::KeyType::p256);
    void add_signer(const std::string& signer_id);

    // The device of officer 0.
    const cloudsign::store::Device& officer() const { return officer_; }
    const Passkey& officer_passkey() const { return group.people.officers[0]; }

    cloudsign::transaction::SignatureRequest request_for(const Person& person,
                                                         std::size_t count = 1) const;
    cloudsign::approval::SentAssertion assertion(const Passkey& passkey,
                                                 const cloudsign::store::Transaction& transaction,
                                                 std::optional<AssertionForm> form = {}) const;
    cloudsign::Result<cloudsign::store::Transaction> approve(const Passkey& passkey,
                                                             const cloudsign::store::Device& device,
                                                             const std::string& transaction_id);
    cloudsign::Result<cloudsign::store::Transaction> approve(const Person& person,
                                                             const std::string& transaction_id) {
        return approve(person.passkey, person.device, transaction_id);
    }
    // Approves everything that waits for the officer.
    std::size_t officer_approves_all();

    cloudsign::store::Transaction stored(const std::string& transaction_id);
    // Overwrites what may change of a stored transaction.
    void store(const cloudsign::store::Transaction& transaction);
    cloudsign::store::Credential stored_credential(const std::string& credential_id);

    ModuleGroup group;
    InProcessModules modules;
    cloudsign::FakeClock clock{1'790'000'000'000};
    TemporaryFolder folder;
    std::unique_ptr<cloudsign::store::Database> database;

    struct Services {
        Services(cloudsign::store::Database& database,
                 cloudsign::ModulePort& modules,
                 cloudsign::Clock& clock);

        cloudsign::identity::SignerRegistry signers;
        cloudsign::transaction::TransactionService transactions;
        cloudsign::approval::ApprovalService approvals;
        cloudsign::credential::CredentialService credentials;
        cloudsign::credential::PhoneMoves moves;
    };
    std::unique_ptr<Services> services;
    Services* operator->() { return services.get(); }

private:
    cloudsign::store::Device officer_;
};

inline constexpr std::int64_t answer_ms = 10 * 60 * 1000;
inline constexpr std::int64_t sign_ms = 60 * 60 * 1000;

// True when OpenSSL takes `signature` for the hash under this SubjectPublicKeyInfo.
bool verifies(hsm::ByteView spki,
              const hsm::protocol::Algorithm& algorithm,
              hsm::ByteView hash,
              hsm::ByteView signature);
Bytes spki_of(const cloudsign::store::Credential& credential);

template <class T>
cloudsign::ErrorKind kind_of(const cloudsign::Result<T>& result) {
    CHECK(!result.has_value());
    return result.error().kind;
}

}  // namespace tests::support

// GoogleTest prints what it compares.
namespace cloudsign {
inline void PrintTo(ErrorKind kind, std::ostream* out) {
    *out << "ErrorKind " << static_cast<int>(kind);
}
namespace transaction {
inline void PrintTo(State state, std::ostream* out) {
    *out << name(state);
}
}  // namespace transaction
}  // namespace cloudsign
