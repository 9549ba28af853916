#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/clock.h"
#include "cloudsign/error.h"
#include "cloudsign/module_port.h"
#include "cloudsign/store/database.h"
#include "cloudsign/store/rows.h"
#include "cloudsign/transaction/plan.h"
#include "cloudsign/transaction/request_limits.h"
#include "cloudsign/transaction/reservations.h"
#include "hsm/openssl/hmac_key.h"

namespace cloudsign::store {
class TransactionTable;
}

namespace cloudsign::transaction {

struct Lifetimes {
    std::int64_t answer_ms = 10 * 60 * 1000;  // for the signer to answer
    std::int64_t sign_ms = 60 * 60 * 1000;    // after that, for the portal to fetch signatures
};

// How the signer's phone comes to a request: it finds it among those that wait, or it must first
// show that it is where the screen is, with what the screen shows at this moment.
enum class Start { inbox, screen };
// A code that both screens show, or one that the signer reads on one and types on the phone.
enum class CodeUse { shown, typed };

// Which hashes are signed: the documents' own, or those of the attributes that a CMS or a PDF's CMS
// has around them, or of a JWS's header or an XML signature's SignedInfo.
enum class Signs : hsm::Byte { documents, attributes, pdf_attributes, jws, xml };

// What a portal asks for, validated by its dialect.
struct SignatureRequest {
    std::string client_id;
    std::string portal;  // the client's registered name
    std::string signer_id;
    std::string credential_id;
    Bytes blob;
    std::vector<store::Document> documents;
    hsm::protocol::Algorithm algorithm;
    std::string purpose_text;
    std::string code;
    std::string language;
    Start start = Start::inbox;
    CodeUse code_use = CodeUse::shown;
    // For the signer to answer, where that is less than usual; 0: it is not.
    std::int64_t answer_ms = 0;
    // What is signed in place of the documents' own hashes, if it is not these: the hash of the
    // signed attributes made for each. `payload` is kept for whoever finishes the document.
    Signs signs = Signs::documents;
    std::vector<Bytes> attribute_hashes;
    std::string payload;
    // What else its dialect writes in the commit that opens it; an error undoes both. Not asked
    // when the request joins one that is open.
    std::function<Result<void>(store::Session&, const std::string& transaction_id)> beside{};
};

// Transaction::reason of one that ended with Refusal::wrong_code.
inline constexpr std::string_view wrong_code_reason = "wrong code";

// Transaction::reason of one that waits once more because the module had lost its approval, and
// what whoever came for its signatures is told (CSC_DIVERGENCES.md).
inline constexpr auto asked_again = "asked again";

// Whether the signer has to type the transaction's code, which is then not told to the phone.
bool is_code_typed(const store::Transaction& transaction);

// What the office asks of its officers: bind a key, issue certificates; and of a person: to ask
// another authority for a certificate. And what a person's own phones ask of each other: change the
// key's phone.
struct OfficeRequest {
    hsm::protocol::Purpose purpose = hsm::protocol::Purpose::bind;
    store::Approver approver_kind = store::Approver::officer;
    std::string approver_id;
    std::string credential_id;
    Bytes blob;
    std::vector<store::Document> documents;
    hsm::protocol::Algorithm algorithm;
    std::string purpose_text;
    std::string language;
    std::string payload;
    std::string portal{};  // who asks, in words; may be empty
    // As SignatureRequest's.
    std::function<Result<void>(store::Session&, const std::string& transaction_id)> beside{};
};

struct SignedOccurrence {
    std::uint32_t position = 0;
    Bytes signature;
    Bytes receipt;
};

// The transaction engine: every dialect asks here, every phone answers here. Durable: what a call
// has answered survives a crash. Any thread calls.
class TransactionService {
public:
    // `ticket_key` makes handles and SADs; the same at every start.
    TransactionService(store::Database& database,
                       ModulePort& modules,
                       const Clock& clock,
                       const Lifetimes& lifetimes,
                       const hsm::Digest& ticket_key);

    // Called with a transaction, in its new state, after each change, from whatever thread changed
    // it.
    using Changed = std::function<void(const store::Transaction& transaction)>;
    void on_change(Changed callback);

    // Opens an activation and a transaction; or joins the open one with the same request of the
    // same client, so that a portal whose connection broke may ask again, and of many that ask the
    // same at once each is answered with the one transaction. `busy`, with the seconds
    // to wait, when the client asks more than its limits allow.
    Result<store::Transaction> open(const SignatureRequest& request);
    Result<store::Transaction> open_office(const OfficeRequest& request);

    // `not_found`; a transaction whose time has run out is answered as expired.
    Result<store::Transaction> find(const std::string& id);
    Result<store::Transaction> find_by_handle(const std::string& handle);
    Result<store::Transaction> find_by_sad(const std::string& sad);

    // Tickets of a transaction: opaque to whoever holds them (the id and a MAC of it), unguessable,
    // always the same for one transaction; a renewed SAD is another, and the old one names nothing.
    std::string handle_of(const store::Transaction& transaction) const;
    std::string sad_of(const store::Transaction& transaction) const;
    std::int64_t seconds_left(const store::Transaction& transaction) const;

    // Such a ticket of whatever else has a name, at most 64 bytes long; each `use` has its own.
    std::string ticket(std::string_view use, const std::string& name) const;
    // Nothing when it is no ticket of that use.
    std::optional<std::string> name_in(std::string_view use, std::string_view presented) const;

    // What the screen shows at this moment for the phone to present: another every two seconds,
    // each good for some ten.
    std::string start_token_of(const store::Transaction& transaction) const;
    // `not_found`, also for one that is too old.
    Result<store::Transaction> find_by_start_token(std::string_view token);

    // A device has fetched the transaction. No effect on one that waits no more.
    Result<void> see(const store::Transaction& transaction);
    enum class Refusal { reject, not_mine, wrong_code };
    // A rejection leaves the signer in peace from that client for a while; not_mine freezes the
    // signer until an operator has looked (`kyso signer unfreeze`).
    Result<store::Transaction> refuse(const store::Transaction& transaction, Refusal refusal);
    // Stores one checked assertion. When `enough` says that the stored ones suffice, this one
    // among them, the transaction is approved and each of its hashes authorised once, in the same
    // commit; without `enough`, one assertion suffices. `conflict`, and nothing is stored, when the
    // transaction waits no more, has been opened anew, or this passkey has approved it before.
    using Enough = std::function<bool(const std::vector<hsm::Digest>& thumbprints)>;
    Result<store::Transaction> approve(const store::Transaction& transaction,
                                       const store::AssertionRow& assertion,
                                       const Enough& enough);

    // One signature for each of `hashes`, in that order, each from an occurrence of its own:
    // `hash_not_authorised` when there is none. An occurrence that was signed before answers with
    // the identical bytes, so that a retry after a lost answer is safe.
    // `conflict` with the detail "asked again" when the module lost the approval: nothing was
    // signed, and the transaction waits for the signer once more.
    Result<std::vector<SignedOccurrence>> sign(const store::Transaction& transaction,
                                               const std::vector<Bytes>& hashes);
    // The same by position, as a signing job keeps them.
    Result<std::vector<SignedOccurrence>> sign_at(const store::Transaction& transaction,
                                                  const std::vector<std::uint32_t>& positions);
    // A new SAD in place of `transaction`'s, which is dead from then on; nothing is added and no
    // time is gained. `conflict` when the transaction is not approved or its SAD was renewed
    // meanwhile, `hash_not_authorised` when one of `hashes` has no occurrence left unsigned.
    Result<store::Transaction> renew_sad(const store::Transaction& transaction,
                                         const std::vector<Bytes>& hashes);
    // All occurrences, for the office's own transactions.
    Result<std::vector<SignedOccurrence>> sign_all(const store::Transaction& transaction);
    // An office transaction whose work is done without signatures (bind).
    Result<void> finish(const store::Transaction& transaction);
    // An approved one that the module will never carry out.
    Result<void> give_up(const store::Transaction& transaction, const std::string& reason);

    Result<std::vector<SignedOccurrence>> signed_occurrences(const std::string& transaction_id);
    Result<std::vector<Bytes>> assertions(const std::string& transaction_id);

    // Ends what waits for a signer who is gone, what was asked by a client that is disabled. Each
    // answers how many.
    Result<std::size_t> end_all_of(const std::string& signer_id);
    Result<std::size_t> end_all_asked_by(const std::string& client_id);
    // Ends what nobody answered or fetched in time. Answers how many.
    Result<std::size_t> sweep();

    // After a start, or after a module came back with another boot counter: waiting transactions
    // whose activation died are opened again with a new challenge; approved ones get what the
    // module still holds for them, or are asked again. What was stored last is acknowledged once
    // more: a crash may have lost the first time, and a module does not release its log before.
    Result<void> resume();

    // Opens the activation of a waiting transaction again, e.g. after `resume` found it dead.
    Result<store::Transaction> ask_again(const store::Transaction& transaction,
                                         const std::string& reason);

    // For a signer who has not finished reading: the whole time to answer once more, with another
    // challenge, up to four times what a request has; unchanged while more than half of it is left.
    // `conflict` when it waits no more, or whoever asked set a time of their own or has waited for
    // as long as that.
    Result<store::Transaction> more_time(const store::Transaction& transaction);

private:
    struct Material;  // what a signature needs beside the transaction

    Result<void> open_activation(store::Transaction& transaction, const Bytes& blob);
    using Beside = decltype(SignatureRequest::beside);
    Result<store::Transaction> insert(store::Transaction transaction,
                                      const Bytes& blob,
                                      Start start,
                                      std::int64_t open_requests,
                                      const Beside& beside = {});
    Result<std::optional<store::Transaction>> join(const SignatureRequest& request,
                                                   const hsm::Digest& request_hash);
    Result<store::Transaction> checked(Result<std::optional<store::Transaction>> found);
    // `also` is done in the same commit.
    using Also = std::function<Result<void>(store::Session&)>;
    Result<store::Transaction> move(const store::Transaction& transaction,
                                    Event event,
                                    const std::string& reason,
                                    const Also& also = {});
    // A page of them at a time, as `table` reads it.
    using PageOf = Result<std::vector<store::Transaction>> (store::TransactionTable::*)(
        const std::string& id, std::uint32_t limit);
    Result<std::size_t> end_each(PageOf page, const std::string& id, const std::string& reason);
    Result<Material> load(const std::string& id);
    Result<std::vector<SignedOccurrence>> sign_positions(const Material& material,
                                                         const std::vector<std::uint32_t>& wanted);
    Result<void> recover(const store::Transaction& transaction, std::uint64_t boot_counter);
    Result<bool> fetch_results(const store::Transaction& transaction);
    Result<void> acknowledge_newest(const std::vector<ModuleInfo>& members);
    Result<std::vector<SignedOccurrence>> sign_chosen(const Material& material,
                                                      const std::vector<std::uint32_t>& chosen);
    Result<store::Transaction> find_by_ticket(std::string_view use, std::string_view presented);
    void changed(const store::Transaction& transaction) const;

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    const Lifetimes lifetimes_;
    const hsm::openssl::HmacKey ticket_key_;
    Changed on_change_;
    Reservations reservations_;
    // By what is asked: as many at once as one portal may have connections.
    static constexpr std::size_t askers_max = 1024;
    Reservations openings_{askers_max};
    RequestLimits limits_;
};

}  // namespace cloudsign::transaction
