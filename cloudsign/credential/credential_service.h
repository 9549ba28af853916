#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/credential/issuance_payload.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/pki/revocation_list.h"
#include "cloudsign/store/certificate_table.h"

namespace cloudsign::credential {

struct Invited {
    store::Credential credential;
    std::string invitation;  // 256 random bits, base64url: shown once
    std::int64_t expires_at = 0;
};

struct Enrolled {
    store::Device device;
    std::string session;  // the device's bearer, shown once
    store::Transaction transaction;
};

// What becomes of the certificate that a renewal takes the place of.
enum class OldCertificate { stays_valid, superseded };

// suspended: on hold. Revoked stays revoked when the certificate ends.
enum class CertificateState { valid, suspended, revoked, expired };
std::string_view name(CertificateState state);

struct LivedCertificate {
    pki::CertificateFacts facts;
    CertificateState state = CertificateState::valid;
    pki::RevocationReason reason = pki::RevocationReason::unspecified;  // of revoked
    bool is_in_use = false;  // what portals are given and new signatures are made with
    std::vector<store::CertificateEvent> events;  // in the order in which they happened
};

// Keys, the phones that activate them, and their certificates. Registers itself with the approvals
// for what follows a binding and an issuance.
class CredentialService {
public:
    CredentialService(store::Database& database,
                      ModulePort& modules,
                      const Clock& clock,
                      transaction::TransactionService& transactions,
                      approval::ApprovalService& approvals,
                      pki::PublishedAt published = {});

    // Whether new keys may have a passkey that is synced between devices (WebAuthn Level 3 §6.1.3);
    // allowed unless said otherwise, before anybody enrols. The module keeps it with the key.
    void use(hsm::protocol::BackupPolicy backup) { backup_ = backup; }

    // Called when the status of a certificate has changed, durably; from any thread.
    void on_status_change(std::function<void()> call) { status_changed_ = std::move(call); }

    // A credential without a key yet, and the secret of the link by which the person enrols. The
    // invitation lasts a week and is used up when an officer has confirmed the binding. `profile`
    // is of its certificates: person, organisation or device; `invalid` when the signer's subject
    // is none for it.
    Result<Invited> invite(const std::string& signer_id,
                           hsm::protocol::KeyType key_type,
                           const std::string& description,
                           pki::Profile profile = pki::Profile::person);

    // The person's phone has made its approval passkey: generates the key for exactly this
    // passkey and opens the binding, which phone and officer then approve. Calling it again before
    // the officer has confirmed replaces phone and key.
    Result<Enrolled> enrol(const std::string& invitation,
                           const hsm::protocol::ActivationKey& key,
                           const std::string& device_name);

    // The built-in CA: an issuer key, bound by the officers, then its own certificate, issued by
    // them. `conflict` when there is an issuer already, or officers are asked for one; one whose
    // key or certificate they rejected, or did not approve in time, is deleted.
    Result<store::Transaction> create_issuer(const std::string& subject);

    // A key of the CA's own services, bound and certified by the officers like the CA's own:
    // `kind` is ocsp or tsa. The newest one with a certificate is the one that is used. `not_found`
    // before the CA has its certificate.
    Result<store::Transaction> create_service(store::CredentialOwner kind,
                                              const std::string& subject);

    // Who asks for the certificate of a person's key that has just been bound, in place of
    // request_certificates(); before anybody enrols. Runs on the thread of whoever approved last.
    using Certify = std::function<Result<void>(const store::Credential& credential)>;
    void on_bound(Certify certify) { certify_ = std::move(certify); }

    // Asks the officers for certificates of bound credentials, in one transaction.
    // `conflict` when they are being asked for one of them; but who ends a binding after a crash
    // asks `again` rather than never.
    enum class Asking : std::uint8_t { once, again };
    struct Asked {
        Asking asking = Asking::once;
        std::string requester{};  // who asks the officers, in words; may be empty
        // Written in the commit that asks them; its error undoes that.
        std::function<Result<void>(store::Session&, const std::string& transaction_id)> beside{};
    };
    Result<store::Transaction> request_certificates(const std::vector<std::string>& credential_ids,
                                                    Asked asked);
    Result<store::Transaction> request_certificates(
        const std::vector<std::string>& credential_ids) {
        return request_certificates(credential_ids, Asked());
    }
    // Asks the officers for another certificate of each, of the same key and subject, in one
    // transaction: from now on, for the renewal's years of its profile, and never less than the
    // present one has left. What was issued before stays valid until its end, or is revoked as
    // superseded when the new one is issued. `conflict`, in words, for one that is suspended,
    // revoked, has no certificate yet or one of an authority outside, for an issuer, for a key that
    // is kept elsewhere, and for one that the officers are being asked about already; nobody is
    // asked then.
    Result<store::Transaction> renew(const std::vector<std::string>& credential_ids,
                                     OldCertificate old);

    // A certificate that another authority has issued for the credential's key, as check_issued()
    // answers it: leaf first. It is used from now on; what was issued before stays as it is.
    // `false` when it was in use before. `conflict`, in words, when it is known and not in use,
    // another one has its serial number, or the credential has no use for it: of one that is
    // revoked or deleted it is kept as revoked, so that its authority is told.
    Result<bool> adopt(const std::string& id, const std::vector<Bytes>& chain);

    // Suspended (disabled, its certificate on hold) or back again (enabled): `conflict` for one
    // that is neither.
    Result<void> suspend(const std::string& id);
    Result<void> resume_use(const std::string& id);
    // For good: the certificate is revoked for this reason, nothing is signed from here any more,
    // and the officers are asked to end the key in the modules, whoever may have kept its blob.
    // Called again it answers what they are being asked, and asks them anew once that is over.
    // Nothing to ask about a key that was never bound. The row stays, since logs and receipts name
    // it. `conflict` when all is done, or while a change of phones is being finished in the
    // modules; `invalid` for a hold, which is suspend()'s.
    Result<std::optional<store::Transaction>> revoke(const std::string& id,
                                                     pki::RevocationReason reason);
    // The same for one who stops, without the officers: the key blob is erased from this database.
    // `conflict` when it is deleted already.
    Result<void> remove(const std::string& id);

    // Every credential of the signer that is not deleted, oldest first.
    Result<std::vector<store::Credential>> of_signer(const std::string& signer_id);
    Result<store::Credential> find(const std::string& id);
    // The same for one of several: `not_found` says which.
    Result<store::Credential> find_among(const std::string& id);
    // Leaf first, the root or whatever else is believed last. Empty before the certificate is
    // issued.
    Result<std::vector<Bytes>> chain(const store::Credential& credential);
    // The same of the certificate of this serial number, which a document names that was prepared
    // before a renewal. `not_found`; `conflict`, in words, when it is not valid any more.
    Result<std::vector<Bytes>> chain_named(const store::Credential& credential,
                                           const std::string& serial_number);
    // Every certificate that the credential has had, oldest first.
    Result<std::vector<LivedCertificate>> life(const store::Credential& credential);
    // In use or suspended, and the certificate ends within that time; those that end first come
    // first.
    Result<std::vector<store::Credential>> ending_within(std::int64_t time_ms, std::uint32_t limit);

    // Tells those by mail, once for each certificate, whose certificate ends within this time.
    // Called now and then; answers how many it told.
    static constexpr std::int64_t remind_before_ms = 30ll * 24 * 3600 * 1000;
    Result<std::size_t> remind();
    // The CA's own certificate; `not_found` before it is issued.
    Result<Bytes> root_certificate();

private:
    struct Issuance {
        store::Credential authority;
        transaction::OfficeRequest request;
        std::vector<IssuanceEntry> entries;
    };
    using Change = std::function<Result<void>(store::Session&, store::Credential&)>;
    Result<void> change(const std::string& id, const Change& change);
    Result<Bytes> person_policy(const approval::Group& group,
                                const std::string& subject,
                                const hsm::protocol::ActivationKey* key);
    Result<store::Transaction> open_binding(const store::Credential& credential,
                                            const std::string& subject,
                                            const std::string& language);
    // What the office has been asked about it and is not over.
    Result<std::vector<store::Transaction>> unfinished_about(const std::string& credential_id,
                                                             hsm::protocol::Purpose purpose);
    // What waits of that purpose is rejected.
    Result<void> withdraw(const std::string& credential_id, hsm::protocol::Purpose purpose);
    Result<void> complete_binding(const store::Transaction& transaction);
    Result<void> complete_issuance(const store::Transaction& transaction);
    Result<void> add_certificate(Issuance& issuance,
                                 const store::Credential& credential,
                                 bool supersedes);
    Result<store::Transaction> ask_for(Issuance issuance, std::string purpose_text);
    // In one commit, with what follows for the credential and its other certificates; nothing when
    // it is kept already. Answers whether one is revoked or on hold by it.
    Result<bool> keep_issued(const IssuanceEntry& entry,
                             const Bytes& certificate,
                             const std::string& issuer_id);
    // `issuer_id`: empty for what another authority has issued.
    Result<std::vector<Bytes>> chain_of(const Bytes& certificate,
                                        const std::string& serial_number,
                                        const std::string& issuer_id);
    // Answers the credential as it was before.
    enum class Blob { kept, erased };
    Result<store::Credential> end_use(const std::string& id,
                                      pki::RevocationReason reason,
                                      Blob blob);
    Result<store::Transaction> ask_to_end_key(const store::Credential& credential,
                                              pki::RevocationReason reason);
    Result<void> complete_revocation(const store::Transaction& transaction);
    Result<Bytes> make_tbs(const store::Credential& credential, const store::Credential& issuer);
    Result<std::vector<store::Credential>> issuers();  // not the deleted ones
    Result<store::Credential> issuer();
    Result<void> ask_once(Issuance& issuance, const std::vector<std::string>& credential_ids);
    Result<void> end_unfinished(store::Credential issuer);
    Result<store::Credential> make_unattended(store::CredentialOwner kind,
                                              const std::string& subject);
    Result<std::string> subject_of(const store::Credential& credential);

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    transaction::TransactionService& transactions_;
    approval::ApprovalService& approvals_;
    const pki::PublishedAt published_;
    hsm::protocol::BackupPolicy backup_ = hsm::protocol::BackupPolicy::allowed;
    std::function<void()> status_changed_ = [] {};
    Certify certify_;
};

}  // namespace cloudsign::credential
