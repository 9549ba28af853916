#include "tests/support/cloud_fixture.h"

#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/transaction_table.h"

namespace tests::support {

namespace wire = hsm::protocol;
using cloudsign::Result;
using cloudsign::approval::SentAssertion;
using cloudsign::store::Session;
using cloudsign::store::Transaction;

namespace {

constexpr hsm::Digest ticket_key = {1, 2, 3};

template <class T>
T must(Result<T> result) {
    EXPECT_TRUE(result.has_value()) << (result ? "" : result.error().detail);
    CHECK(result.has_value());
    if constexpr (!std::is_void_v<T>) {
        return *std::move(result);
    }
}

}  // namespace

Cloud::Services::Services(cloudsign::store::Database& database,
                          cloudsign::ModulePort& modules,
                          cloudsign::Clock& clock)
    : signers(database, clock),
      transactions(database, modules, clock, {answer_ms, sign_ms}, ticket_key),
      approvals(database, modules, clock, transactions),
      credentials(database, modules, clock, transactions, approvals),
      moves(database, modules, clock, transactions, approvals) {}

Cloud::Cloud(std::size_t module_count) : group(module_count), modules(group, module_count) {
    restart_server();
    auto device = cloudsign::identity::new_device(cloudsign::store::DeviceOwner::officer,
                                                  "officer",
                                                  "officer",
                                                  officer_passkey().point(),
                                                  officer_passkey().is_backup_eligible(),
                                                  clock.now_ms());
    officer_ = device.row;
    must(database->write(
        [&](Session& session) { return cloudsign::store::DeviceTable(session).insert(officer_); }));
    for (const auto* id : {"client-1", "client-2"}) {
        cloudsign::store::Client client;
        client.id = id;
        client.name = id;
        client.all_signers = true;
        client.settings.open_requests = 0;
        client.settings.cool_down_seconds = 0;
        client.settings.opens_per_minute = 0;
        must(database->write([&](Session& session) {
            return cloudsign::store::ClientTable(session).insert(client);
        }));
    }
}

void Cloud::restart_server() {
    services.reset();
    database.reset();
    database = must(cloudsign::store::Database::open(folder.path() / "kyso.db"));
    services = std::make_unique<Services>(*database, modules, clock);
}

Result<void> Cloud::resume() {
    TRY(services->transactions.resume());
    return services->approvals.resume();
}

void Cloud::advance(std::int64_t ms) {
    clock.advance(ms);
    group.clock.now_ms += static_cast<std::uint64_t>(ms);
}

void Cloud::make_authority() {
    must(services->credentials.create_issuer("CN=Kyso TEST CA,O=Kyso,C=VN"));
    CHECK(officer_approves_all() == 1);  // the binding
    CHECK(officer_approves_all() == 1);  // its own certificate
}

void Cloud::add_signer(const std::string& signer_id) {
    must(services->signers.add(
        signer_id, "Nguyễn Văn A", "CN=Nguyễn Văn A,UID=" + signer_id + ",C=VN", "vi"));
}

std::string Cloud::invite(const std::string& signer_id, wire::KeyType type) {
    return must(services->credentials.invite(signer_id, type, "")).invitation;
}

Person Cloud::enrol(const std::string& signer_id, wire::KeyType type) {
    add_signer(signer_id);
    Person person;
    person.signer_id = signer_id;
    const auto enrolled = must(services->credentials.enrol(
        invite(signer_id, type), {person.passkey.point(), false}, "phone of " + signer_id));
    person.device = enrolled.device;
    must(approve(person, enrolled.transaction.id));
    CHECK(officer_approves_all() == 1);  // the binding
    CHECK(officer_approves_all() == 1);  // the certificate
    person.credential = stored_credential(enrolled.transaction.credential_id);
    CHECK(person.credential.status == cloudsign::store::CredentialStatus::enabled);
    return person;
}

cloudsign::transaction::SignatureRequest Cloud::request_for(const Person& person,
                                                            std::size_t count) const {
    cloudsign::transaction::SignatureRequest request;
    request.client_id = "client-1";
    request.portal = "Cổng một cửa";
    request.signer_id = person.signer_id;
    request.credential_id = person.credential.id;
    request.blob = *person.credential.blob;
    request.algorithm = es256;
    request.purpose_text = "Ký hợp đồng";
    request.language = "vi";
    for (const auto& hash : some_hashes(count)) {
        request.documents.push_back(
            {hash.hash, "document " + std::to_string(request.documents.size())});
    }
    return request;
}

SentAssertion Cloud::assertion(const Passkey& passkey,
                               const Transaction& transaction,
                               std::optional<AssertionForm> form) const {
    const auto encoded = passkey.assertion(form ? *form : group.people.form(transaction.challenge));
    const auto decoded = wire::decode_assertion(encoded);
    CHECK(decoded.has_value());
    return {decoded->thumbprint,
            copy_of(decoded->authenticator_data),
            copy_of(decoded->client_data_json),
            copy_of(decoded->signature)};
}

Result<Transaction> Cloud::approve(const Passkey& passkey,
                                   const cloudsign::store::Device& device,
                                   const std::string& transaction_id) {
    TRY_ASSIGN(auto item, services->approvals.item(device, transaction_id));
    return services->approvals.approve(
        device, transaction_id, assertion(passkey, item.transaction));
}

std::size_t Cloud::officer_approves_all() {
    const auto waiting = must(services->approvals.pending(officer_));
    for (const auto& item : waiting) {
        must(approve(officer_passkey(), officer_, item.transaction.id));
    }
    return waiting.size();
}

Transaction Cloud::stored(const std::string& transaction_id) {
    auto row = must(database->read([&](Session& session) {
        return cloudsign::store::TransactionTable(session).by_id(transaction_id);
    }));
    CHECK(row.has_value());
    return *std::move(row);
}

void Cloud::store(const Transaction& transaction) {
    CHECK(must(database->write([&](Session& session) {
        return cloudsign::store::TransactionTable(session).update(transaction, transaction.state);
    })));
}

cloudsign::store::Credential Cloud::stored_credential(const std::string& credential_id) {
    return must(services->credentials.find(credential_id));
}

bool verifies(hsm::ByteView spki,
              const wire::Algorithm& algorithm,
              hsm::ByteView hash,
              hsm::ByteView signature) {
    const auto* at = spki.data();
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        d2i_PUBKEY(nullptr, &at, static_cast<long>(spki.size())), EVP_PKEY_free);
    const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
        EVP_PKEY_CTX_new(key.get(), nullptr), EVP_PKEY_CTX_free);
    CHECK(EVP_PKEY_verify_init(context.get()) == 1);
    if (algorithm.scheme == wire::Scheme::rsa_pss) {
        CHECK(EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PSS_PADDING) == 1);
        CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(context.get(), algorithm.salt_length) == 1);
    }
    const auto* digest = algorithm.digest == wire::DigestAlgorithm::sha256   ? EVP_sha256()
                         : algorithm.digest == wire::DigestAlgorithm::sha384 ? EVP_sha384()
                                                                             : EVP_sha512();
    CHECK(EVP_PKEY_CTX_set_signature_md(context.get(), digest) == 1);
    return EVP_PKEY_verify(
               context.get(), signature.data(), signature.size(), hash.data(), hash.size()) == 1;
}

Bytes spki_of(const cloudsign::store::Credential& credential) {
    const auto blob = wire::decode_blob(*credential.blob);
    CHECK(blob.has_value());
    return copy_of(blob->header.spki);
}

}  // namespace tests::support
