#include "cloudsign/transaction/transaction_service.h"

#include <algorithm>

#include "cloudsign/base64.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/module_error.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/push_hint_table.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"

namespace cloudsign::transaction {
namespace {

using store::Approver;
using store::TransactionTable;

constexpr std::size_t id_size_max = 64;
constexpr std::string_view typed_code_payload = R"({"code":"typed"})";
constexpr std::int64_t start_token_ms = 2'000;
// A change of phones that one module has carried out and another has not is finished whenever that
// one is there again.
constexpr std::int64_t rebind_ms = 30ll * 24 * 3600 * 1000;
constexpr std::int64_t start_tokens_taken = 6;  // the present one and those just before it

Error not_found() {
    return {ErrorKind::not_found, "no such transaction"};
}

std::string start_use(std::int64_t window) {
    return "start/" + std::to_string(window);
}

// The same request of the same client for the same credential joins; any difference does not.
hsm::Digest hash_request(const store::Transaction& transaction,
                         const Plan& plan,
                         Signs signs = Signs::documents) {
    const std::array<hsm::Byte, 4> algorithm = {
        static_cast<hsm::Byte>(transaction.algorithm.scheme),
        static_cast<hsm::Byte>(transaction.algorithm.digest),
        transaction.algorithm.salt_length,
        static_cast<hsm::Byte>(signs)};
    // Without the last byte where documents themselves are signed: as it always was.
    const hsm::ByteView what = hsm::ByteView(algorithm).first(signs == Signs::documents ? 3 : 4);
    const hsm::ByteView parts[] = {plan.root, plan.context_hash, what};
    return sha256(parts);
}

// The stored state, if the transaction still waits for an answer to the same challenge.
Result<State> still_asked(TransactionTable& table, const store::Transaction& transaction) {
    TRY_ASSIGN(auto stored, table.by_id(transaction.id));
    if (!stored || !is_waiting(stored->state) || stored->challenge != transaction.challenge) {
        return Error{ErrorKind::conflict, "the transaction has just changed"};
    }
    return stored->state;
}

std::vector<hsm::Digest> thumbprints_of(const std::vector<store::AssertionRow>& rows) {
    std::vector<hsm::Digest> thumbprints;
    for (const auto& row : rows) {
        thumbprints.push_back(row.thumbprint);
    }
    return thumbprints;
}

// One occurrence for each hash, but for those that were signed before the signer was asked again.
Result<void> authorise(TransactionTable& table, const store::Transaction& transaction) {
    using hsm::protocol::Purpose;
    if (transaction.purpose == Purpose::bind || transaction.purpose == Purpose::rebind) {
        return {};
    }
    TRY_ASSIGN(auto existing, table.occurrences(transaction.id));
    std::uint32_t position = 0;
    for (const auto& document : transaction.documents) {
        const auto at = position++;
        if (std::ranges::find(existing, at, &store::Occurrence::position) != existing.end()) {
            continue;
        }
        store::Occurrence occurrence;
        occurrence.transaction_id = transaction.id;
        occurrence.position = at;
        occurrence.hash = document.hash;
        TRY(table.insert_occurrence(occurrence));
    }
    return {};
}

}  // namespace

bool is_code_typed(const store::Transaction& transaction) {
    return transaction.purpose == hsm::protocol::Purpose::sign &&
           transaction.payload == typed_code_payload;
}

TransactionService::TransactionService(store::Database& database,
                                       ModulePort& modules,
                                       const Clock& clock,
                                       const Lifetimes& lifetimes,
                                       const hsm::Digest& ticket_key)
    : database_(database),
      modules_(modules),
      clock_(clock),
      lifetimes_(lifetimes),
      ticket_key_(ticket_key),
      limits_(database, clock) {}

void TransactionService::on_change(Changed callback) {
    on_change_ = std::move(callback);
}

void TransactionService::changed(const store::Transaction& transaction) const {
    if (on_change_) {
        on_change_(transaction);
    }
}

std::string TransactionService::ticket(std::string_view use, const std::string& name) const {
    const auto text = std::string(use) + "/" + name;
    return name + "." + base64url(ticket_key_.mac(hsm::view_of(text)));
}

// The id stands in the ticket, so that no other index is needed to find it again.
std::optional<std::string> TransactionService::name_in(std::string_view use,
                                                       std::string_view presented) const {
    const auto dot = presented.rfind('.');
    if (dot > id_size_max) {  // npos too
        return std::nullopt;
    }
    std::string name(presented.substr(0, dot));
    if (!hsm::equal_constant_time(hsm::view_of(ticket(use, name)), hsm::view_of(presented))) {
        return std::nullopt;
    }
    return name;
}

Result<store::Transaction> TransactionService::find_by_ticket(std::string_view use,
                                                              std::string_view presented) {
    const auto name = name_in(use, presented);
    if (!name) {
        return not_found();
    }
    TRY_ASSIGN(auto transaction, find(name->substr(0, name->find('.'))));
    // Genuine, and renewed since.
    if (use == "sad" && sad_of(transaction) != presented) {
        return not_found();
    }
    return transaction;
}

std::string TransactionService::handle_of(const store::Transaction& transaction) const {
    return ticket("handle", transaction.id);
}

std::string TransactionService::sad_of(const store::Transaction& transaction) const {
    return ticket("sad",
                  transaction.sad_version == 0
                      ? transaction.id
                      : transaction.id + "." + std::to_string(transaction.sad_version));
}

std::int64_t TransactionService::seconds_left(const store::Transaction& transaction) const {
    const auto until = is_waiting(transaction.state) ? transaction.answer_by : transaction.sign_by;
    return std::max<std::int64_t>(0, (until - clock_.now_ms()) / 1000);
}

std::string TransactionService::start_token_of(const store::Transaction& transaction) const {
    return ticket(start_use(clock_.now_ms() / start_token_ms), transaction.id);
}

Result<store::Transaction> TransactionService::find_by_start_token(std::string_view token) {
    const auto now = clock_.now_ms() / start_token_ms;
    for (std::int64_t age = 0; age < start_tokens_taken; ++age) {
        if (const auto id = name_in(start_use(now - age), token)) {
            return find(*id);
        }
    }
    return not_found();
}

// ---- opening

Result<void> TransactionService::open_activation(store::Transaction& transaction,
                                                 const Bytes& blob) {
    TRY_ASSIGN(auto plan, make_plan(transaction));
    OpenCall call;
    call.blob = blob;
    call.purpose = transaction.purpose;
    call.algorithm = transaction.algorithm;
    call.leaf_count = static_cast<std::uint32_t>(plan.leaves.size());
    call.root = plan.root;
    call.context_hash = plan.context_hash;
    call.lifetime_ms = static_cast<std::uint64_t>(lifetimes_.answer_ms + lifetimes_.sign_ms);
    auto opened = modules_.open_activation(call);
    if (!opened) {
        return module_error(opened.error());
    }
    transaction.module_id = opened->module_id;
    transaction.preimage = std::move(opened->preimage);
    transaction.mac = opened->mac;
    transaction.challenge = opened->challenge;
    const auto now = clock_.now_ms();
    transaction.answer_by = now + lifetimes_.answer_ms;
    const bool rebinds = transaction.purpose == hsm::protocol::Purpose::rebind;
    transaction.sign_by = now + lifetimes_.answer_ms + (rebinds ? rebind_ms : lifetimes_.sign_ms);
    return {};
}

Result<store::Transaction> TransactionService::insert(store::Transaction transaction,
                                                      const Bytes& blob,
                                                      Start start,
                                                      std::int64_t open_requests,
                                                      const Beside& beside) {
    transaction.id = identity::new_id("tx");
    transaction.created_at = clock_.now_ms();
    const auto wanted_by = transaction.answer_by;
    TRY(open_activation(transaction, blob));
    if (wanted_by > 0) {
        transaction.answer_by = std::min(transaction.answer_by, wanted_by);
    }
    // The approver's device may fetch it from this commit on: the inbox is the notification.
    if (start == Start::inbox) {
        TRY_ASSIGN(transaction.state, transition(State::created, Event::notify));
    }
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TransactionTable table(session);
        if (transaction.client_id) {
            TRY(limits_.check_waiting(
                table, *transaction.client_id, transaction.approver_id, open_requests));
        }
        TRY(table.insert(transaction));
        return beside ? beside(session, transaction.id) : Result<void>();
    }));
    changed(transaction);
    return transaction;
}

// The open one with the same request, if there is one and its time is not over.
Result<std::optional<store::Transaction>> TransactionService::join(
    const SignatureRequest& request, const hsm::Digest& request_hash) {
    TRY_ASSIGN(auto open, database_.read([&](store::Session& session) {
        return TransactionTable(session).open_for(
            request.client_id, request.credential_id, request_hash);
    }));
    const auto now = clock_.now_ms();
    if (!open || (is_waiting(open->state) ? open->answer_by : open->sign_by) <= now) {
        return std::optional<store::Transaction>();
    }
    // One that waits on a screen, asked for again without: the inbox has it from now on.
    if (open->state == State::created && request.start == Start::inbox) {
        TRY_ASSIGN(auto moved, move(*open, Event::notify, open->reason));
        return std::optional<store::Transaction>(std::move(moved));
    }
    return open;
}

Result<store::Transaction> TransactionService::open(const SignatureRequest& request) {
    store::Transaction transaction;
    transaction.purpose = hsm::protocol::Purpose::sign;
    transaction.approver_kind = Approver::signer;
    transaction.approver_id = request.signer_id;
    transaction.credential_id = request.credential_id;
    transaction.client_id = request.client_id;
    transaction.documents = request.documents;
    transaction.algorithm = request.algorithm;
    transaction.portal = request.portal;
    transaction.purpose_text = request.purpose_text;
    transaction.code = request.code;
    transaction.language = request.language;
    if (request.code_use == CodeUse::typed) {
        transaction.payload = typed_code_payload;
    }
    TRY_ASSIGN(auto plan, make_plan(transaction));
    // By the documents: attributes hold the time, so that the same request makes others.
    transaction.request_hash = hash_request(transaction, plan, request.signs);
    // The same once more at this moment waits here, and joins the one that comes of it.
    const auto hold = openings_.hold(request.client_id + "/" + request.credential_id + "/" +
                                     base64url(transaction.request_hash));
    if (!hold) {
        return Error{ErrorKind::busy, "the same request is being opened", 1};
    }
    TRY_ASSIGN(auto joined, join(request, transaction.request_hash));
    if (joined) {
        return *std::move(joined);
    }
    if (request.signs != Signs::documents) {
        // One payload; and who begins with a typed code asks for hashes.
        CHECK(request.attribute_hashes.size() == transaction.documents.size() &&
              request.code_use == CodeUse::shown);
        for (std::size_t i = 0; i < transaction.documents.size(); ++i) {
            transaction.documents[i].hash = request.attribute_hashes[i];
        }
        transaction.payload = request.payload;
    }
    TRY_ASSIGN(auto open_requests, limits_.open_requests(request.client_id));
    if (request.start == Start::screen) {
        open_requests = 0;  // whoever closes the page may begin again: no phone was troubled
    }
    TRY(limits_.check(request.client_id, request.signer_id, open_requests));
    transaction.answer_by = request.answer_ms > 0 ? clock_.now_ms() + request.answer_ms : 0;
    return insert(
        std::move(transaction), request.blob, request.start, open_requests, request.beside);
}

Result<store::Transaction> TransactionService::open_office(const OfficeRequest& request) {
    store::Transaction transaction;
    transaction.purpose = request.purpose;
    transaction.approver_kind = request.approver_kind;
    transaction.approver_id = request.approver_id;
    transaction.credential_id = request.credential_id;
    transaction.documents = request.documents;
    transaction.algorithm = request.algorithm;
    transaction.purpose_text = request.purpose_text;
    transaction.language = request.language;
    transaction.payload = request.payload;
    transaction.portal = request.portal;
    TRY_ASSIGN(auto plan, make_plan(transaction));
    transaction.request_hash = hash_request(transaction, plan);
    constexpr std::int64_t no_limit = 0;
    return insert(std::move(transaction), request.blob, Start::inbox, no_limit, request.beside);
}

Result<store::Transaction> TransactionService::ask_again(const store::Transaction& transaction,
                                                         const std::string& reason) {
    auto again = transaction;
    if (!is_waiting(transaction.state)) {
        TRY_ASSIGN(again.state, transition(transaction.state, Event::ask_again));
    }
    TRY_ASSIGN(auto credential, database_.credential(transaction.credential_id));
    if (!credential || !credential->blob) {
        return Error{ErrorKind::credential_disabled, "the credential has no key"};
    }
    TRY(open_activation(again, *credential->blob));
    again.reason = reason;
    again.approved_at.reset();
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TransactionTable table(session);
        TRY_ASSIGN(auto moved, table.update(again, transaction.state));
        if (!moved) {
            return Error{ErrorKind::conflict, "the transaction has just changed"};
        }
        if (!is_waiting(transaction.state)) {
            TRY(store::PushHintTable(session).erase_of(again.id));  // the phones are told anew
        }
        TRY(table.erase_assertions(again.id));
        return table.erase_authorised(again.id);
    }));
    changed(again);
    return again;
}

Result<store::Transaction> TransactionService::more_time(const store::Transaction& transaction) {
    constexpr std::int64_t times_max = 4;
    const auto now = clock_.now_ms();
    const auto given = transaction.answer_by - transaction.created_at;
    const auto most = times_max * lifetimes_.answer_ms;
    if (!is_waiting(transaction.state) || transaction.answer_by <= now) {
        return Error{ErrorKind::conflict, "the transaction waits no more"};
    }
    if (transaction.answer_by - now > lifetimes_.answer_ms / 2) {
        return transaction;
    }
    if (given < lifetimes_.answer_ms ||
        now + lifetimes_.answer_ms > transaction.created_at + most) {
        return Error{ErrorKind::conflict, "no more time can be given"};
    }
    return ask_again(transaction, transaction.reason);
}

// ---- finding

Result<store::Transaction> TransactionService::checked(
    Result<std::optional<store::Transaction>> found) {
    // Not TRY_ASSIGN: inlined here, it makes g++ 12 warn of an error that is never read.
    if (!found) {
        return found.error();
    }
    auto& transaction = *found;
    if (!transaction) {
        return not_found();
    }
    const auto now = clock_.now_ms();
    const bool late = is_waiting(transaction->state)
                          ? transaction->answer_by <= now
                          : !is_final(transaction->state) && transaction->sign_by <= now;
    if (late) {
        // The sweep will write it; whoever looks first already sees it.
        transaction->state = State::expired;
    }
    return *std::move(transaction);
}

Result<store::Transaction> TransactionService::find(const std::string& id) {
    return checked(database_.read(
        [&](store::Session& session) { return TransactionTable(session).by_id(id); }));
}

Result<store::Transaction> TransactionService::find_by_handle(const std::string& handle) {
    return find_by_ticket("handle", handle);
}

Result<store::Transaction> TransactionService::find_by_sad(const std::string& sad) {
    return find_by_ticket("sad", sad);
}

Result<std::vector<SignedOccurrence>> TransactionService::signed_occurrences(
    const std::string& transaction_id) {
    TRY_ASSIGN(auto occurrences, database_.read([&](store::Session& session) {
        return TransactionTable(session).occurrences(transaction_id);
    }));
    std::vector<SignedOccurrence> all;
    for (auto& occurrence : occurrences) {
        if (occurrence.signature && occurrence.receipt) {
            all.push_back({occurrence.position,
                           *std::move(occurrence.signature),
                           *std::move(occurrence.receipt)});
        }
    }
    return all;
}

Result<std::vector<Bytes>> TransactionService::assertions(const std::string& transaction_id) {
    TRY_ASSIGN(auto rows, database_.read([&](store::Session& session) {
        return TransactionTable(session).assertions(transaction_id);
    }));
    std::vector<Bytes> assertions;
    for (auto& row : rows) {
        assertions.push_back(std::move(row.assertion));
    }
    return assertions;
}

// ---- answering

// What was read a moment ago may have moved since: then the event meets the state that is stored.
Result<store::Transaction> TransactionService::move(const store::Transaction& transaction,
                                                    Event event,
                                                    const std::string& reason,
                                                    const Also& also) {
    auto moved = transaction;
    TRY_ASSIGN(const auto expected, transition(transaction.state, event));
    TRY_ASSIGN(moved.state, database_.write([&](store::Session& session) -> Result<State> {
        TransactionTable table(session);
        TRY_ASSIGN(auto done, table.set_state(transaction.id, transaction.state, expected, reason));
        if (done) {
            TRY(also ? also(session) : Result<void>());
            return expected;
        }
        TRY_ASSIGN(auto stored, table.by_id(transaction.id));
        if (!stored) {
            return not_found();
        }
        TRY_ASSIGN(auto to, transition(stored->state, event));
        TRY(table.set_state(transaction.id, stored->state, to, reason));
        TRY(also ? also(session) : Result<void>());
        return to;
    }));
    moved.reason = reason;
    changed(moved);
    return moved;
}

Result<void> TransactionService::see(const store::Transaction& transaction) {
    if (transaction.state == State::seen || !is_waiting(transaction.state)) {
        return {};
    }
    const auto seen = move(transaction, Event::see, transaction.reason);
    if (!seen && seen.error().kind != ErrorKind::conflict) {
        return seen.error();
    }
    return {};
}

Result<store::Transaction> TransactionService::refuse(const store::Transaction& transaction,
                                                      Refusal refusal) {
    const auto& signer_id = transaction.approver_id;
    const bool alone = transaction.approver_kind == Approver::signer;
    if (alone && refusal == Refusal::not_mine) {
        return move(transaction, Event::disown, "", [&](store::Session& session) -> Result<void> {
            TRY(store::SignerTable(session).set_status(signer_id, store::SignerStatus::frozen));
            return notice::tell(session, clock_, signer_id, store::NoticeKind::frozen);
        });
    }
    if (!alone || !transaction.client_id) {
        return move(transaction, refusal == Refusal::not_mine ? Event::disown : Event::reject, "");
    }
    const auto& client_id = *transaction.client_id;
    const std::string reason(refusal == Refusal::wrong_code ? wrong_code_reason : "");
    TRY_ASSIGN(auto seconds, limits_.cool_down_seconds(client_id));
    return move(transaction, Event::reject, reason, [&](store::Session& session) {
        TransactionTable table(session);
        return limits_.note_rejection(table, client_id, signer_id, seconds);
    });
}

Result<store::Transaction> TransactionService::approve(const store::Transaction& transaction,
                                                       const store::AssertionRow& assertion,
                                                       const Enough& enough) {
    auto approved = transaction;
    TRY_ASSIGN(approved.state, transition(transaction.state, Event::approve));
    approved.approved_at = clock_.now_ms();
    // Two approvers may come at once: what counts is looked at where they are one after the other.
    TRY_ASSIGN(approved.state, database_.write([&](store::Session& session) -> Result<State> {
        TransactionTable table(session);
        TRY(table.insert_assertion(assertion));
        if (enough) {
            TRY_ASSIGN(auto rows, table.assertions(transaction.id));
            if (!enough(thumbprints_of(rows))) {
                return still_asked(table, transaction);
            }
        }
        const auto at = *approved.approved_at;
        TRY_ASSIGN(auto moved, table.set_approved(transaction.id, transaction.state, at));
        if (!moved) {
            TRY_ASSIGN(auto stored, still_asked(table, transaction));
            TRY(table.set_approved(transaction.id, stored, at));
        }
        TRY(authorise(table, transaction));
        return State::approved;
    }));
    changed(approved);
    return approved;
}

Result<void> TransactionService::finish(const store::Transaction& transaction) {
    // Signing its leaves has moved it on since the caller read it.
    TRY_ASSIGN(auto current, find(transaction.id));
    TRY(move(current, Event::finish, ""));
    return {};
}

Result<void> TransactionService::give_up(const store::Transaction& transaction,
                                         const std::string& reason) {
    TRY(move(transaction, Event::expire, reason));
    return {};
}

}  // namespace cloudsign::transaction
