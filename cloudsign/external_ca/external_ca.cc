#include "cloudsign/external_ca/external_ca.h"

#include <algorithm>

#include "cloudsign/credential/read_blob.h"
#include "cloudsign/credential/refusals.h"
#include "cloudsign/pki/certificate.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/enclosure_table.h"
#include "hsm/openssl/digest.h"

namespace cloudsign::external_ca {

using hsm::protocol::Purpose;
using store::CertificationState;
using store::CertificationTable;
using store::CredentialStatus;

namespace {

Error conflict(std::string detail) {
    return {ErrorKind::conflict, std::move(detail)};
}

// What the phone shows.
struct Words {
    const char* office;
    const char* purpose;
    const char* label;
};
constexpr Words vietnamese{
    "Văn phòng đăng ký",
    "Gửi yêu cầu cấp chứng thư chữ ký số cho khóa này đến tổ chức chứng thực. Chấp thuận là chứng "
    "minh rằng bạn giữ khóa; chưa có văn bản nào được ký.",
    "Yêu cầu cấp chứng thư: "};
constexpr Words english{
    "Registration office",
    "A certification authority is asked for a certificate of this key. Your approval proves that "
    "you hold the key; no document is signed.",
    "Certification request: "};

const Words& words_in(const std::string& language) {
    return language == "en" ? english : vietnamese;
}

Result<void> check_can_ask(const store::Credential& credential) {
    if (credential.owner_kind != store::CredentialOwner::signer || !credential.signer_id) {
        return conflict("credential " + credential.id +
                        " is a service's, which only the built-in CA certifies");
    }
    switch (credential.status) {
        case CredentialStatus::bound:
        case CredentialStatus::enabled:
            break;
        case CredentialStatus::disabled:
            return credential::is_suspended(credential);
        case CredentialStatus::deleted:
            return credential::is_over(credential);
        case CredentialStatus::invited:
        case CredentialStatus::binding:
            return conflict("credential " + credential.id +
                            " has no key yet that an officer has confirmed");
    }
    return credential.blob ? Result<void>()
                           : Error{ErrorKind::internal, "a credential in use without a key"};
}

}  // namespace

ExternalCa::ExternalCa(store::Database& database,
                       const Clock& clock,
                       transaction::TransactionService& transactions,
                       approval::ApprovalService& approvals,
                       credential::CredentialService& credentials,
                       std::vector<Bytes> anchors)
    : database_(database),
      clock_(clock),
      transactions_(transactions),
      credentials_(credentials),
      anchors_(std::move(anchors)) {
    approvals.on_approved(Purpose::sign, [this](const store::Transaction& transaction) {
        return sign_request(transaction);
    });
}

// What ended, was suspended or frozen since it was asked for is not signed for a portal either.
Result<void> ExternalCa::sign_request(const store::Transaction& transaction) {
    TRY_ASSIGN(const auto credential, credentials_.find(transaction.credential_id));
    auto allowed = check_can_ask(credential);
    if (allowed) {
        allowed = check_is_active(*credential.signer_id);
    }
    // A database that is away for a moment is no reason: then it is completed later.
    if (!allowed && allowed.error().kind == ErrorKind::conflict) {
        TRY(transactions_.give_up(transaction, allowed.error().detail));
    }
    TRY(std::move(allowed));
    TRY(transactions_.sign_all(transaction));
    return {};
}

Result<void> ExternalCa::check_is_active(const std::string& signer_id) {
    TRY_ASSIGN(const auto signer, database_.signer(signer_id));
    return signer && signer->status == store::SignerStatus::active
               ? Result<void>()
               : conflict("signer " + signer_id + " is frozen: kyso signer unfreeze");
}

Result<void> ExternalCa::check_is_there() const {
    return is_there() ? Result<void>()
                      : conflict(
                            "no external authority: name what it chains to in kyso.toml, "
                            "[external_ca] authorities");
}

// ---- asking

Result<pki::AskedCertificate> ExternalCa::asked_of(const store::Credential& credential) {
    TRY_ASSIGN(const auto blob, credential::read_blob(*credential.blob));
    TRY_ASSIGN(const auto signer, database_.signer(*credential.signer_id));
    if (!signer) {
        return Error{ErrorKind::not_found, "the signer is deleted"};
    }
    return pki::AskedCertificate{bytes_of(blob.header.spki), signer->subject};
}

// The request that the person has yet to approve, or has just approved.
Result<std::optional<store::Transaction>> ExternalCa::waiting_of(const std::string& credential_id) {
    TRY_ASSIGN(const auto rows, database_.read([&](store::Session& session) {
        return CertificationTable(session).of_credential(credential_id, 1);
    }));
    if (rows.empty() || rows.front().state != CertificationState::open) {
        return std::optional<store::Transaction>();
    }
    TRY_ASSIGN(auto transaction, transactions_.find(rows.front().transaction_id));
    return transaction::is_final(transaction.state) ? std::optional<store::Transaction>()
                                                    : std::optional(std::move(transaction));
}

Result<Asked> ExternalCa::ask(const std::string& credential_id) {
    TRY_ASSIGN(const auto credential, credentials_.find_among(credential_id));
    TRY(check_can_ask(credential));
    TRY_ASSIGN(auto waiting, waiting_of(credential_id));
    if (waiting) {
        return Asked{credential_id, *std::move(waiting)};
    }
    TRY(check_is_active(*credential.signer_id));
    TRY_ASSIGN(const auto signer, database_.signer(*credential.signer_id));
    CHECK(signer != nullptr);
    TRY_ASSIGN(const auto asked, asked_of(credential));
    TRY_ASSIGN(const auto info, pki::build_request_info(asked.subject, asked.spki));
    const auto& words = words_in(signer->language);
    transaction::OfficeRequest request;
    request.purpose = Purpose::sign;
    request.approver_kind = store::Approver::signer;
    request.approver_id = signer->id;
    request.credential_id = credential_id;
    request.blob = *credential.blob;
    request.algorithm = pki::default_algorithm(credential.key_type);
    request.documents = {
        {hsm::openssl::digest_of(info, request.algorithm.digest), words.label + asked.subject}};
    request.portal = words.office;
    request.purpose_text = words.purpose;
    request.language = signer->language;
    request.beside = [&](store::Session& session,
                         const std::string& transaction_id) -> Result<void> {
        CertificationTable requests(session);
        TRY(requests.close(credential_id, CertificationState::replaced));
        store::CertificationRequest row;
        row.transaction_id = transaction_id;
        row.credential_id = credential_id;
        row.request_info = info;
        row.created_at = clock_.now_ms();
        TRY(requests.insert(row));
        // The phone reads for itself what is asked, and of which key.
        return store::EnclosureTable(session).insert({transaction_id, 0, info, {}});
    };
    TRY_ASSIGN(auto transaction, transactions_.open_office(request));
    return Asked{credential_id, std::move(transaction)};
}

Result<std::vector<Asked>> ExternalCa::request(const std::vector<std::string>& credential_ids) {
    TRY(check_is_there());
    std::vector<Asked> asked;
    for (const auto& id : credential_ids) {
        TRY_ASSIGN(auto one, ask(id));
        asked.push_back(std::move(one));
    }
    return asked;
}

Result<RequestOf> ExternalCa::newest(const std::string& credential_id) {
    TRY_ASSIGN(const auto credential, credentials_.find_among(credential_id));
    if (credential.status == CredentialStatus::deleted) {
        return credential::is_over(credential);
    }
    TRY_ASSIGN(auto rows, database_.read([&](store::Session& session) {
        return CertificationTable(session).of_credential(credential_id, 1);
    }));
    if (rows.empty()) {
        return Error{ErrorKind::not_found, "no certification request: kyso credential request"};
    }
    RequestOf found;
    found.row = std::move(rows.front());
    TRY_ASSIGN(found.transaction, transactions_.find(found.row.transaction_id));
    auto request = pkcs10_of(found.row);
    if (request) {
        found.pkcs10 = *std::move(request);
    } else if (request.error().kind != ErrorKind::not_found) {
        return std::move(request).error();
    }
    return found;
}

Result<Bytes> ExternalCa::pkcs10_of(const store::CertificationRequest& row) {
    TRY_ASSIGN(const auto transaction, transactions_.find(row.transaction_id));
    TRY_ASSIGN(const auto made, transactions_.signed_occurrences(row.transaction_id));
    if (made.empty()) {
        return Error{ErrorKind::not_found, "the request is not signed yet"};
    }
    return pki::assemble_request(row.request_info, transaction.algorithm, made.front().signature);
}

Result<Bytes> ExternalCa::renewed_by(const store::CertificationRequest& row) {
    TRY_ASSIGN(const auto credential, credentials_.find(row.credential_id));
    return credential.issuer_id ? Bytes() : credential.certificate.value_or(Bytes());
}

Result<void> ExternalCa::check_is_wanted(const store::CertificationRequest& row) {
    TRY_ASSIGN(const auto credential, credentials_.find(row.credential_id));
    // Suspended it may have one, which then waits with it.
    return credential.status == CredentialStatus::disabled ? Result<void>()
                                                           : check_can_ask(credential);
}

// ---- answers

Result<std::vector<Bytes>> ExternalCa::check(const store::Credential& credential,
                                             const Bytes& certificate,
                                             const std::vector<Bytes>& others,
                                             pki::SubjectRule rule) {
    pki::AskedCertificate asked;
    if (credential.status == CredentialStatus::deleted) {
        // Whatever its subject, it is one of a key that has ended, as its id says.
        TRY_ASSIGN(const auto facts, pki::read_certificate(certificate));
        if (credential.key_id == sha256(facts.spki)) {
            asked.spki = facts.spki;
        }
        asked.rule = pki::SubjectRule::any;
    } else {
        TRY_ASSIGN(asked, asked_of(credential));
        asked.rule = rule;
    }
    return pki::check_issued(certificate, others, anchors_, asked, clock_.now_ms());
}

Result<std::vector<Bytes>> ExternalCa::chain_for(const store::CertificationRequest& row,
                                                 const Bytes& certificate,
                                                 const std::vector<Bytes>& others) {
    TRY_ASSIGN(const auto credential, credentials_.find(row.credential_id));
    TRY_ASSIGN(auto chain, check(credential, certificate, others, pki::SubjectRule::as_asked));
    if (credential.status == CredentialStatus::deleted) {
        const auto kept = credentials_.adopt(credential.id, chain);
        CHECK(!kept.has_value());  // as revoked, which is an error
        return kept.error();
    }
    return chain;
}

Result<bool> ExternalCa::use(const store::CertificationRequest& row,
                             const std::vector<Bytes>& chain) {
    return credentials_.adopt(row.credential_id, chain);
}

Result<std::vector<Imported>> ExternalCa::import(const std::vector<Bytes>& certificates,
                                                 pki::SubjectRule rule) {
    TRY(check_is_there());
    struct Leaf {
        store::Credential credential;
        const Bytes& certificate;
        pki::CertificateFacts facts;
    };
    std::vector<Leaf> leaves;
    std::vector<Bytes> others;
    for (const auto& certificate : certificates) {
        TRY_ASSIGN(auto facts, pki::read_certificate(certificate));
        TRY_ASSIGN(auto credential, database_.read([&](store::Session& session) {
            return store::CredentialTable(session).by_key_id(sha256(facts.spki));
        }));
        if (credential && credential->owner_kind == store::CredentialOwner::signer) {
            leaves.push_back({*std::move(credential), certificate, std::move(facts)});
        } else {
            others.push_back(certificate);  // an authority's, on the way to the anchor
        }
    }
    std::vector<Imported> imported;
    for (const auto& leaf : leaves) {
        const auto adopted = [&]() -> Result<void> {
            TRY_ASSIGN(const auto chain, check(leaf.credential, leaf.certificate, others, rule));
            TRY(credentials_.adopt(leaf.credential.id, chain));
            return {};
        }();
        if (!adopted && adopted.error().kind == ErrorKind::unavailable) {
            return adopted.error();
        }
        imported.push_back({leaf.credential.id,
                            leaf.facts.serial_number,
                            leaf.facts.subject,
                            adopted ? std::nullopt : std::optional(adopted.error())});
    }
    if (imported.empty()) {
        return Error{ErrorKind::invalid, "none of these certificates is of a key here"};
    }
    return imported;
}

// ---- revocations

Result<std::vector<store::ExternalRevocation>> ExternalCa::untold() {
    constexpr std::uint32_t untold_max = 1000;
    return database_.read([&](store::Session& session) {
        return CertificationTable(session).untold(clock_.now_ms(), untold_max);
    });
}

Result<void> ExternalCa::note_told(const std::string& serial_number) {
    TRY_ASSIGN(auto found, database_.read([&](store::Session& session) {
        return CertificationTable(session).untold_one(serial_number, clock_.now_ms());
    }));
    if (!found) {
        return Error{ErrorKind::not_found,
                     "no certificate of the authority outside has the serial number " +
                         serial_number + " and is revoked without its knowing"};
    }
    found->state = store::ExternalRevocationState::told;
    found->detail.clear();
    return database_.write([&](store::Session& session) {
        return CertificationTable(session).put_revocation(*found);
    });
}

}  // namespace cloudsign::external_ca
