#include <algorithm>

#include "cloudsign/module_error.h"
#include "cloudsign/store/transaction_table.h"
#include "cloudsign/transaction/transaction_service.h"
#include "hsm/protocol/audit_record.h"
#include "hsm/protocol/message.h"

// What happens to transactions when time, a restart of the server or a restart of a module passes
// over them.
namespace cloudsign::transaction {
namespace {

using store::OccurrenceState;
using store::TransactionTable;

constexpr std::uint32_t page_size = 200;

// More than a crash can have lost of what was being acknowledged: two batches of the largest size.
constexpr std::uint32_t acknowledged_again_max = 2 * hsm::protocol::leaf_count_max;

// The transaction may have been opened anew since; the receipt names the challenge that was signed.
std::optional<hsm::Digest> signed_challenge(const store::Occurrence& occurrence) {
    using namespace hsm::protocol;
    if (!occurrence.receipt) {
        return std::nullopt;
    }
    const auto receipt = decode_signed(*occurrence.receipt);
    const auto record = receipt ? decode<AuditRecord>(receipt->statement) : receipt.error();
    const auto details = record ? decode<SignedDetails>(record->details) : record.error();
    return details ? std::optional<hsm::Digest>(details->challenge) : std::nullopt;
}

}  // namespace

Result<std::size_t> TransactionService::end_each(PageOf page,
                                                 const std::string& id,
                                                 const std::string& reason) {
    std::size_t count = 0;
    while (true) {
        TRY_ASSIGN(auto waiting, database_.read([&](store::Session& session) {
            TransactionTable table(session);
            return (table.*page)(id, page_size);
        }));
        if (waiting.empty()) {
            return count;
        }
        for (const auto& transaction : waiting) {
            const auto ended = move(transaction, Event::expire, reason);
            // Answered meanwhile: it waits no more, and the next page is without it.
            if (!ended && ended.error().kind != ErrorKind::conflict) {
                return ended.error();
            }
            count += ended ? 1 : 0;
        }
    }
}

Result<std::size_t> TransactionService::end_all_of(const std::string& signer_id) {
    return end_each(&TransactionTable::waiting_for_signer, signer_id, "the signer is deleted");
}

Result<std::size_t> TransactionService::end_all_asked_by(const std::string& client_id) {
    return end_each(&TransactionTable::waiting_of_client, client_id, "the client is disabled");
}

Result<std::size_t> TransactionService::sweep() {
    TRY_ASSIGN(auto due, database_.read([&](store::Session& session) {
        return TransactionTable(session).due(clock_.now_ms(), page_size);
    }));
    std::vector<store::Transaction> ended;
    for (const auto& id : due) {
        using Moved = std::optional<store::Transaction>;
        TRY_ASSIGN(auto moved, database_.write([&](store::Session& session) -> Result<Moved> {
            TransactionTable table(session);
            TRY_ASSIGN(auto transaction, table.by_id(id));
            if (!transaction) {
                return Moved();
            }
            auto to = transition(transaction->state, Event::expire);
            if (!to) {
                return Moved();
            }
            TRY_ASSIGN(auto done, table.set_state(id, transaction->state, *to, ""));
            transaction->state = *to;
            return done ? std::move(transaction) : Moved();
        }));
        if (moved) {
            ended.push_back(*std::move(moved));
        }
    }
    for (const auto& transaction : ended) {
        changed(transaction);
    }
    return ended.size();
}

// Stores what the module still holds for this transaction. True when every occurrence is settled.
Result<bool> TransactionService::fetch_results(const store::Transaction& transaction) {
    TRY_ASSIGN(auto occurrences, database_.read([&](store::Session& session) {
        return TransactionTable(session).occurrences(transaction.id);
    }));
    bool settled = !occurrences.empty();
    for (const auto& occurrence : occurrences) {
        if (occurrence.state != OccurrenceState::authorised) {
            continue;
        }
        const auto result =
            modules_.get_result(transaction.module_id, transaction.challenge, occurrence.position);
        if (!result && result.error() != hsm::Status::no_such_result) {
            return module_error(result.error());
        }
        if (!result) {
            settled = false;
            continue;
        }
        TRY(database_.write([&](store::Session& session) {
            return TransactionTable(session).consume(transaction.id,
                                                     occurrence.position,
                                                     result->signature,
                                                     result->receipt,
                                                     clock_.now_ms());
        }));
        modules_.acknowledge(transaction.module_id, transaction.challenge, occurrence.position);
    }
    return settled;
}

Result<void> TransactionService::recover(const store::Transaction& transaction,
                                         std::uint64_t boot_counter) {
    const auto preimage =
        hsm::protocol::decode_tagged<hsm::protocol::ChallengePreimage>(transaction.preimage);
    const bool alive = preimage && preimage->boot_counter == boot_counter;
    if (is_waiting(transaction.state)) {
        if (!alive) {
            // Nobody has approved yet: the new challenge replaces the old one silently.
            TRY(ask_again(transaction, transaction.reason));
        }
        return {};
    }
    if (transaction.purpose == hsm::protocol::Purpose::bind ||
        transaction.purpose == hsm::protocol::Purpose::rebind) {
        return {};  // approved and not completed: the approvals do that
    }
    const auto hold = reservations_.try_hold(transaction.id);
    if (!hold) {
        return {};  // a request is signing for it now and settles it
    }
    TRY_ASSIGN(auto settled, fetch_results(transaction));
    if (settled && transaction.purpose == hsm::protocol::Purpose::sign) {
        TRY(move(transaction, Event::finish, ""));
    } else if (!settled && !alive) {
        TRY(ask_again(transaction, asked_again));
    }
    return {};
}

// To every member: which of them signed is not stored, and the others have nothing to forget.
Result<void> TransactionService::acknowledge_newest(const std::vector<ModuleInfo>& members) {
    TRY_ASSIGN(auto newest, database_.read([](store::Session& session) {
        return TransactionTable(session).newest_signed(acknowledged_again_max);
    }));
    for (const auto& occurrence : newest) {
        const auto challenge = signed_challenge(occurrence);
        for (const auto& member : members) {
            if (challenge) {
                modules_.acknowledge(member.module_id, *challenge, occurrence.position);
            }
        }
    }
    return {};
}

Result<void> TransactionService::resume() {
    const auto members = modules_.members();
    TRY_ASSIGN(auto ids, database_.read([&](store::Session& session) {
        return TransactionTable(session).unfinished();
    }));
    for (const auto& id : ids) {
        auto found = find(id);
        if (!found && found.error().kind == ErrorKind::unavailable) {
            return std::move(found).error();
        }
        if (!found) {
            continue;  // a row that cannot be read keeps no other from its recovery
        }
        const auto& transaction = *found;
        const auto member =
            std::ranges::find(members, transaction.module_id, &ModuleInfo::module_id);
        // A member that does not answer now is resumed when it comes back.
        if (member == members.end() || is_final(transaction.state)) {
            continue;
        }
        auto recovered = recover(transaction, member->boot_counter);
        if (!recovered && recovered.error().kind == ErrorKind::unavailable) {
            return std::move(recovered).error();
        }
    }
    return acknowledge_newest(members);
}

}  // namespace cloudsign::transaction
