#include <algorithm>

#include "cloudsign/module_error.h"
#include "cloudsign/store/transaction_table.h"
#include "cloudsign/transaction/transaction_service.h"

// From an approved transaction to signatures: ARCHITECTURE §4, steps 5 and 6.
namespace cloudsign::transaction {
namespace {

using store::Occurrence;
using store::OccurrenceState;
using store::TransactionTable;

Error too_many() {
    return {ErrorKind::busy, "too many requests sign with this approval"};
}

Error not_authorised() {
    return {ErrorKind::hash_not_authorised, "Hash is not authorized by the SAD."};
}

Result<void> check_may_sign(const store::Transaction& transaction) {
    const auto state = transaction.state;
    // Whoever has noticed it first, this request or resume().
    if (is_waiting(state) && transaction.reason == asked_again) {
        return Error{ErrorKind::conflict, asked_again};
    }
    if (state != State::approved && state != State::signing && state != State::signed_) {
        return Error{ErrorKind::conflict, std::string(name(state))};
    }
    return {};
}

// For each wanted hash an occurrence of its own: one that is still authorised if there is one,
// else one that was signed before.
Result<std::vector<std::uint32_t>> choose(const std::vector<Occurrence>& occurrences,
                                          const std::vector<Bytes>& hashes) {
    std::vector<std::uint32_t> chosen;
    std::vector<bool> taken(occurrences.size(), false);
    for (const auto& hash : hashes) {
        auto best = occurrences.size();
        for (std::size_t i = 0; i < occurrences.size(); ++i) {
            const auto& occurrence = occurrences[i];
            if (taken[i] || occurrence.hash != hash || occurrence.state == OccurrenceState::spent) {
                continue;
            }
            if (occurrence.state == OccurrenceState::authorised) {
                best = i;
                break;
            }
            best = std::min(best, i);
        }
        if (best == occurrences.size()) {
            return not_authorised();
        }
        taken[best] = true;
        chosen.push_back(static_cast<std::uint32_t>(best));
    }
    return chosen;
}

std::vector<SignCall> make_calls(const store::Transaction& transaction,
                                 const Plan& plan,
                                 const Bytes& blob,
                                 const std::vector<Bytes>& assertions,
                                 const std::vector<std::uint32_t>& positions) {
    std::vector<SignCall> calls;
    calls.reserve(positions.size());
    for (const auto position : positions) {
        const auto& document = transaction.documents[position];
        SignCall call;
        call.blob = blob;
        call.preimage = transaction.preimage;
        call.mac = transaction.mac;
        call.assertions = assertions;
        call.leaf_index = position;
        call.hash = document.hash;
        call.label_hash = label_hash(document);
        call.path = path_of(plan, position);
        calls.push_back(std::move(call));
    }
    return calls;
}

// Refusals after which the module may nevertheless hold a signature: made by a call whose answer
// was lost, and perhaps before a restart.
bool may_be_signed(hsm::Status status) {
    return outcome_unknown(status) || approval_lost(status) ||
           status == hsm::Status::activation_spent;
}

}  // namespace

struct TransactionService::Material {
    store::Transaction transaction;
    std::vector<Occurrence> occurrences;  // by position
    std::vector<Bytes> assertions;
    std::shared_ptr<const store::Credential> credential;  // with a blob

    std::size_t authorised() const {
        return static_cast<std::size_t>(
            std::ranges::count(occurrences, OccurrenceState::authorised, &Occurrence::state));
    }
};

// All on one snapshot.
Result<TransactionService::Material> TransactionService::load(const std::string& id) {
    TRY_ASSIGN(auto material, database_.read([&](store::Session& session) -> Result<Material> {
        Material found;
        TransactionTable table(session);
        TRY_ASSIGN(found.transaction, checked(table.by_id(id)));
        TRY_ASSIGN(found.occurrences, table.occurrences(id));
        TRY_ASSIGN(auto rows, table.assertions(id));
        for (auto& row : rows) {
            found.assertions.push_back(std::move(row.assertion));
        }
        return found;
    }));
    TRY_ASSIGN(material.credential, database_.credential(material.transaction.credential_id));
    if (!material.credential || !material.credential->blob) {
        return Error{ErrorKind::credential_disabled, "the credential has no key"};
    }
    return material;
}

// Signs the positions that are still authorised, stores the results in one commit, and lets the
// module forget them afterwards: in this order a crash at any point leaves the module or the
// database with the bytes.
Result<std::vector<SignedOccurrence>> TransactionService::sign_positions(
    const Material& material, const std::vector<std::uint32_t>& wanted) {
    const auto& transaction = material.transaction;
    TRY_ASSIGN(auto plan, make_plan(transaction));
    auto answers = modules_.sign(
        transaction.module_id,
        make_calls(transaction, plan, *material.credential->blob, material.assertions, wanted));
    std::vector<SignedOccurrence> fresh;
    hsm::Status refusal = hsm::Status::ok;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (!answers[i] && may_be_signed(answers[i].error())) {
            auto result =
                modules_.get_result(transaction.module_id, transaction.challenge, wanted[i]);
            if (result || result.error() != hsm::Status::no_such_result) {
                answers[i] = std::move(result);
            }
        }
        if (answers[i]) {
            fresh.push_back(
                {wanted[i], std::move(answers[i]->signature), std::move(answers[i]->receipt)});
        } else {
            refusal = answers[i].error();
        }
    }

    auto after = transaction;
    if (!fresh.empty()) {
        TRY(database_.write([&](store::Session& session) -> Result<void> {
            TransactionTable table(session);
            for (const auto& one : fresh) {
                TRY(table.consume(
                    transaction.id, one.position, one.signature, one.receipt, clock_.now_ms()));
            }
            // Nobody else signs meanwhile: what was read behind the guard still holds.
            const auto left = material.authorised() - fresh.size();
            // The office's own transactions end when what they are for is stored.
            const bool ends = left == 0 && transaction.purpose == hsm::protocol::Purpose::sign;
            TRY_ASSIGN(after.state,
                       transition(transaction.state, ends ? Event::finish : Event::take));
            TRY(table.set_state(transaction.id, transaction.state, after.state, ""));
            return {};
        }));
        for (const auto& one : fresh) {
            modules_.acknowledge(transaction.module_id, transaction.challenge, one.position);
        }
        changed(after);
    }
    if (refusal == hsm::Status::ok) {
        return fresh;
    }
    if (approval_lost(refusal)) {
        TRY(ask_again(after, asked_again));
        return Error{ErrorKind::conflict, asked_again};
    }
    if (refusal == hsm::Status::activation_spent) {
        return not_authorised();
    }
    return module_error(refusal);
}

// What is authorised is signed, what was signed before is answered again.
Result<std::vector<SignedOccurrence>> TransactionService::sign_chosen(
    const Material& material, const std::vector<std::uint32_t>& chosen) {
    const auto& occurrences = material.occurrences;
    std::vector<std::uint32_t> wanted;
    for (const auto index : chosen) {
        if (occurrences[index].state == OccurrenceState::authorised) {
            wanted.push_back(occurrences[index].position);
        }
    }
    std::vector<SignedOccurrence> fresh;
    if (!wanted.empty()) {
        TRY_ASSIGN(fresh, sign_positions(material, wanted));
    }
    std::vector<SignedOccurrence> ordered;
    for (const auto index : chosen) {
        const auto& occurrence = occurrences[index];
        const auto made =
            std::ranges::find(fresh, occurrence.position, &SignedOccurrence::position);
        ordered.push_back(made != fresh.end() ? *made
                                              : SignedOccurrence{occurrence.position,
                                                                 *occurrence.signature,
                                                                 *occurrence.receipt});
    }
    return ordered;
}

Result<std::vector<SignedOccurrence>> TransactionService::sign(
    const store::Transaction& transaction, const std::vector<Bytes>& hashes) {
    const auto hold = reservations_.hold(transaction.id);
    if (!hold) {
        return too_many();
    }
    // Read again behind the guard: another request may just have finished.
    TRY_ASSIGN(auto material, load(transaction.id));
    TRY(check_may_sign(material.transaction));
    TRY_ASSIGN(auto chosen, choose(material.occurrences, hashes));
    return sign_chosen(material, chosen);
}

Result<std::vector<SignedOccurrence>> TransactionService::sign_at(
    const store::Transaction& transaction, const std::vector<std::uint32_t>& positions) {
    const auto hold = reservations_.hold(transaction.id);
    if (!hold) {
        return too_many();
    }
    TRY_ASSIGN(auto material, load(transaction.id));
    TRY(check_may_sign(material.transaction));
    const auto& occurrences = material.occurrences;
    std::vector<std::uint32_t> chosen;
    for (const auto position : positions) {
        const auto found = std::ranges::find(occurrences, position, &Occurrence::position);
        if (found == occurrences.end() || found->state == OccurrenceState::spent) {
            return not_authorised();
        }
        chosen.push_back(static_cast<std::uint32_t>(found - occurrences.begin()));
    }
    return sign_chosen(material, chosen);
}

Result<store::Transaction> TransactionService::renew_sad(const store::Transaction& transaction,
                                                         const std::vector<Bytes>& hashes) {
    auto renewed = transaction;
    ++renewed.sad_version;
    TRY(database_.write([&](store::Session& session) -> Result<void> {
        TransactionTable table(session);
        TRY_ASSIGN(auto stored, table.by_id(transaction.id));
        if (!stored || (stored->state != State::approved && stored->state != State::signing)) {
            return Error{ErrorKind::conflict, "the transaction is not approved"};
        }
        TRY_ASSIGN(auto occurrences, table.occurrences(transaction.id));
        std::erase_if(occurrences, [](const Occurrence& occurrence) {
            return occurrence.state != OccurrenceState::authorised;
        });
        TRY(choose(occurrences, hashes));
        TRY_ASSIGN(
            auto moved,
            table.set_sad_version(transaction.id, transaction.sad_version, renewed.sad_version));
        if (!moved) {
            return Error{ErrorKind::conflict, "the SAD has just been renewed"};
        }
        renewed.state = stored->state;
        return {};
    }));
    return renewed;
}

Result<std::vector<SignedOccurrence>> TransactionService::sign_all(
    const store::Transaction& transaction) {
    std::vector<Bytes> hashes;
    for (const auto& document : transaction.documents) {
        hashes.push_back(document.hash);
    }
    return sign(transaction, hashes);
}

}  // namespace cloudsign::transaction
