#include "cloudsign/credential/phone_moves.h"

#include <algorithm>

#include "cloudsign/approval/rebind_payload.h"
#include "cloudsign/base64.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/signer_table.h"
#include "cloudsign/store/transaction_table.h"
#include "hsm/protocol/short_code.h"

namespace cloudsign::credential {
namespace {

using hsm::protocol::Policy;
using hsm::protocol::Purpose;
using store::CredentialStatus;
using store::PhoneMoveTable;
using store::Session;

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::size_t session_length = 43;  // base64url of 32 bytes

Error conflict(std::string detail) {
    return {ErrorKind::conflict, std::move(detail)};
}

Error nobody_shows_it() {
    return {ErrorKind::not_found, "no phone shows this code, or its time is over"};
}

std::string short_code_of(const hsm::Digest& thumbprint) {
    const auto code = hsm::protocol::short_code(thumbprint);
    return {code.begin(), code.end()};
}

bool is_usable(const store::Credential& credential) {
    return credential.blob && credential.version > 0 &&
           (credential.status == CredentialStatus::bound ||
            credential.status == CredentialStatus::enabled ||
            credential.status == CredentialStatus::disabled);
}

// The same list with the new passkey where the old one stood.
Result<Bytes> successor_of(const Policy& policy,
                           const hsm::protocol::Point& old_point,
                           const hsm::protocol::ActivationKey& key) {
    auto successor = policy;
    successor.points = {};
    successor.backup_eligible = {};
    for (std::size_t i = 0; i < policy.activation_key_count(); ++i) {
        const auto kept = policy.activation_key(i);
        const auto& one = kept.point == old_point ? key : kept;
        CHECK(successor.points.push_back(one.point));
        CHECK(successor.backup_eligible.push_back(one.backup_eligible ? 1 : 0));
    }
    Bytes buffer(hsm::protocol::policy_size_max);
    const auto encoded = hsm::protocol::encode(successor, buffer);
    if (!encoded) {
        return Error{ErrorKind::internal, "the key's policy cannot be written"};
    }
    buffer.resize(encoded->size());
    return buffer;
}

// As the approvals know a device; theirs is to look at whose passkey has signed.
store::Device device_of(const store::PhoneMove& move) {
    store::Device device;
    device.id = *move.device_id;
    device.owner_kind = store::DeviceOwner::signer;
    device.owner_id = *move.signer_id;
    device.name = move.name;
    device.session_hash = move.session_hash;
    device.point = move.point;
    device.thumbprint = move.thumbprint;
    device.backup_eligible = move.backup_eligible;
    device.status = store::DeviceStatus::joining;
    device.created_at = move.created_at;
    device.last_used_at = move.created_at;
    return device;
}

}  // namespace

// One key of the old phone, and what its policy is to become.
struct PhoneMoves::Key {
    store::Credential credential;
    Bytes policy;
};

std::string_view name(MoveState state) {
    switch (state) {
        case MoveState::open:
            return "open";
        case MoveState::waiting:
            return "waiting";
        case MoveState::finishing:
            return "finishing";
        case MoveState::done:
            return "done";
        case MoveState::rejected:
            return "rejected";
        case MoveState::expired:
            break;
    }
    return "expired";
}

PhoneMoves::PhoneMoves(store::Database& database,
                       ModulePort& modules,
                       const Clock& clock,
                       transaction::TransactionService& transactions,
                       approval::ApprovalService& approvals)
    : database_(database),
      modules_(modules),
      clock_(clock),
      transactions_(transactions),
      approvals_(approvals) {
    approvals_.on_approved(Purpose::rebind, [this](const store::Transaction& transaction) {
        return complete(transaction);
    });
}

// ---- the new phone

Result<Announced> PhoneMoves::announce(const NewPhone& phone) {
    TRY(identity::check_name("device_name", phone.name));
    const auto now = clock_.now_ms();
    Announced announced;
    announced.session = base64url(random_32());
    auto& move = announced.move;
    move.id = identity::new_id("move");
    move.session_hash = sha256(announced.session);
    move.point = phone.key.point;
    move.thumbprint = hsm::protocol::thumbprint(phone.key.point, sha256);
    move.short_code = short_code_of(move.thumbprint);
    move.backup_eligible = phone.key.backup_eligible;
    move.name = phone.name;
    move.peer = phone.peer;
    move.created_at = now;
    move.expires_at = now + open_ms;
    const auto check_room = [&](Session& session) -> Result<void> {
        PhoneMoveTable table(session);
        TRY_ASSIGN(const auto all, table.open_count(now));
        TRY_ASSIGN(const auto from_there, table.open_count_of(move.peer, now));
        if (all >= open_max || from_there >= open_of_peer_max) {
            return Error{ErrorKind::busy, "too many new phones wait for their old ones", 60};
        }
        return {};
    };
    TRY(database_.read(check_room));  // a flood costs the writer nothing
    TRY(database_.write([&](Session& session) -> Result<void> {
        TRY(check_room(session));
        PhoneMoveTable table(session);
        // A while longer than they count, so that the phone is told what became of it.
        TRY(table.erase_untaken(now - open_ms));
        return table.insert(move);
    }));
    return announced;
}

Result<std::shared_ptr<const store::PhoneMove>> PhoneMoves::authenticate(std::string_view session) {
    const Error unknown{ErrorKind::unauthenticated, "unknown session"};
    if (session.size() != session_length) {
        return unknown;
    }
    const auto hash = sha256(session);
    return database_.read([&](Session& reading) -> Result<std::shared_ptr<const store::PhoneMove>> {
        TRY_ASSIGN(auto move, PhoneMoveTable(reading).by_session_hash(hash));
        if (!move) {
            return unknown;
        }
        if (move->device_id) {
            TRY_ASSIGN(auto device, store::DeviceTable(reading).by_id(*move->device_id));
            if (!device || device->status == store::DeviceStatus::removed) {
                return unknown;
            }
        }
        return std::make_shared<const store::PhoneMove>(*std::move(move));
    });
}

Result<std::vector<store::Transaction>> PhoneMoves::transactions_of(const store::PhoneMove& move) {
    TRY_ASSIGN(auto ids, database_.read([&](Session& session) {
        return PhoneMoveTable(session).transactions(move.id);
    }));
    std::vector<store::Transaction> all;
    for (const auto& id : ids) {
        TRY_ASSIGN(auto transaction, transactions_.find(id));
        all.push_back(std::move(transaction));
    }
    return all;
}

Result<std::vector<approval::PendingItem>> PhoneMoves::items_of(
    const store::Device& device, const std::vector<store::Transaction>& transactions) {
    std::vector<approval::PendingItem> items;
    for (const auto& transaction : transactions) {
        if (transaction::is_waiting(transaction.state)) {
            TRY_ASSIGN(auto item, approvals_.item(device, transaction.id));
            items.push_back(std::move(item));
        }
    }
    return items;
}

Result<MoveProgress> PhoneMoves::progress(const store::PhoneMove& move) {
    using transaction::State;
    MoveProgress progress;
    TRY_ASSIGN(const auto transactions, transactions_of(move));
    if (transactions.empty()) {
        progress.state = move.expires_at <= clock_.now_ms() ? MoveState::expired : MoveState::open;
        return progress;
    }
    const auto any = [&](auto is) {
        return std::ranges::any_of(transactions, is, &store::Transaction::state);
    };
    if (any(transaction::is_waiting)) {
        progress.state = MoveState::waiting;
        TRY_ASSIGN(progress.items, items_of(device_of(move), transactions));
    } else if (any([](State state) { return !transaction::is_final(state); })) {
        progress.state = MoveState::finishing;
    } else if (any([](State state) { return state == State::signed_; })) {
        progress.state = MoveState::done;
    } else {
        const bool refused =
            any([](State state) { return state == State::rejected || state == State::not_mine; });
        progress.state = refused ? MoveState::rejected : MoveState::expired;
    }
    return progress;
}

Result<store::Transaction> PhoneMoves::approve(const store::PhoneMove& move,
                                               const std::string& transaction_id,
                                               const approval::SentAssertion& assertion) {
    TRY_ASSIGN(const auto own, database_.read([&](Session& session) {
        return PhoneMoveTable(session).of_transaction(transaction_id);
    }));
    if (!own || own->id != move.id) {
        return Error{ErrorKind::not_found, "no such transaction"};
    }
    return approvals_.approve(device_of(move), transaction_id, assertion);
}

Result<void> PhoneMoves::reject(const store::PhoneMove& move) {
    TRY_ASSIGN(const auto transactions, transactions_of(move));
    for (const auto& transaction : transactions) {
        if (transaction::is_waiting(transaction.state)) {
            TRY(transactions_.refuse(transaction,
                                     transaction::TransactionService::Refusal::reject));
        }
    }
    return {};
}

// ---- the old phone

Result<store::PhoneMove> PhoneMoves::find(const store::Device& old_device, const MoveMark& mark) {
    const auto now = clock_.now_ms();
    TRY_ASSIGN(auto move, database_.read([&](Session& session) {
        PhoneMoveTable table(session);
        const auto* thumbprint = std::get_if<hsm::Digest>(&mark);
        return thumbprint != nullptr ? table.by_thumbprint(*thumbprint, now)
                                     : table.by_short_code(std::get<std::string>(mark), now);
    }));
    if (!move || (move->old_device_id && *move->old_device_id != old_device.id)) {
        return nobody_shows_it();
    }
    return *std::move(move);
}

Result<std::vector<PhoneMoves::Key>> PhoneMoves::keys_of(const store::Device& old_device,
                                                         const store::PhoneMove& move) {
    TRY_ASSIGN(auto credentials, database_.read([&](Session& session) {
        return store::CredentialTable(session).of_signer(old_device.owner_id);
    }));
    std::vector<Key> keys;
    for (auto& credential : credentials) {
        if (!is_usable(credential)) {
            continue;
        }
        const auto blob = hsm::protocol::decode_blob(*credential.blob);
        const auto policy = blob ? hsm::protocol::decode<Policy>(blob->header.policy)
                                 : hsm::Result<Policy>(hsm::Status::malformed);
        if (!policy) {
            return Error{ErrorKind::internal, "the key blob in the database cannot be read"};
        }
        const auto has = [&](const hsm::protocol::Point& point) {
            return std::ranges::find(policy->points, point) != policy->points.end();
        };
        if (!has(old_device.point) || has(move.point)) {
            continue;
        }
        if (move.backup_eligible && policy->backup == hsm::protocol::BackupPolicy::refused) {
            return conflict("synced passkeys are not accepted here");
        }
        TRY_ASSIGN(auto successor,
                   successor_of(*policy, old_device.point, {move.point, move.backup_eligible}));
        keys.push_back({std::move(credential), std::move(successor)});
    }
    if (keys.empty()) {
        return conflict("no key is activated by this phone");
    }
    return keys;
}

// A change that still waits gives way to the newer one; one that the modules may have begun has to
// be finished first, since only its own two phones can.
Result<void> PhoneMoves::withdraw_others(const std::vector<Key>& keys,
                                         const store::PhoneMove& move) {
    TRY_ASSIGN(const auto own, transactions_of(move));
    for (const auto& key : keys) {
        TRY_ASSIGN(const auto unfinished, database_.read([&](Session& session) {
            return store::TransactionTable(session).unfinished_about(key.credential.id,
                                                                     Purpose::rebind);
        }));
        for (const auto& transaction : unfinished) {
            const bool is_own =
                std::ranges::find(own, transaction.id, &store::Transaction::id) != own.end();
            if (!is_own && transaction::is_waiting(transaction.state)) {
                TRY(transactions_.refuse(transaction,
                                         transaction::TransactionService::Refusal::reject));
            }
        }
    }
    return {};
}

// In one commit: this move is this signer's, the new phone a device that may do nothing yet, and no
// other waits to become one.
Result<store::PhoneMove> PhoneMoves::claim(const store::Device& old_device,
                                           const std::vector<Key>& keys,
                                           store::PhoneMove move) {
    if (move.signer_id) {
        return move;  // by this phone, which asks again
    }
    const auto now = clock_.now_ms();
    move.signer_id = old_device.owner_id;
    move.old_device_id = old_device.id;
    move.device_id = identity::new_id("dev");
    TRY(database_.write([&](Session& session) -> Result<void> {
        PhoneMoveTable table(session);
        TRY_ASSIGN(const auto taken, table.taken_count(*move.signer_id, now - hour_ms));
        if (taken >= taken_max) {
            return Error{ErrorKind::busy,
                         "this person has begun too many changes of phones",
                         hour_ms / 1000};
        }
        for (const auto& key : keys) {
            TRY_ASSIGN(const auto unfinished,
                       store::TransactionTable(session).unfinished_about(key.credential.id,
                                                                         Purpose::rebind));
            if (!unfinished.empty()) {
                return conflict("a change of phones is being finished; try again later");
            }
        }
        store::DeviceTable devices(session);
        TRY(devices.remove_joining(*move.signer_id));
        TRY(devices.insert(device_of(move)));
        TRY_ASSIGN(const auto done, table.take(move, now));
        return done ? Result<void>() : nobody_shows_it();
    }));
    return move;
}

Result<std::string> PhoneMoves::open(const store::PhoneMove& move,
                                     const Key& key,
                                     const std::string& language) {
    const hsm::protocol::RebindStatement statement{
        *key.credential.key_id, key.credential.version, key.policy};
    Bytes buffer(hsm::protocol::tagged_size_max<hsm::protocol::RebindStatement>());
    const auto encoded = hsm::protocol::encode_tagged(statement, buffer);
    CHECK(encoded.has_value());
    transaction::OfficeRequest request;
    request.purpose = Purpose::rebind;
    request.approver_kind = store::Approver::signer;
    request.approver_id = *move.signer_id;
    request.credential_id = key.credential.id;
    request.blob = *key.credential.blob;
    request.documents = {
        {bytes_of(sha256(*encoded)), std::string(hsm::protocol::RebindStatement::tag)}};
    request.language = language;
    request.payload =
        approval::write_rebind({key.policy, {move.point, move.backup_eligible}, move.name});
    request.beside = [&](Session& session, const std::string& transaction_id) {
        return PhoneMoveTable(session).link(transaction_id, move.id);
    };
    TRY_ASSIGN(auto opened, transactions_.open_office(request));
    return opened.id;
}

Result<PhoneMoves::Taken> PhoneMoves::take(const store::Device& old_device, const MoveMark& mark) {
    if (old_device.owner_kind != store::DeviceOwner::signer) {
        return Error{ErrorKind::forbidden, "an officer's phone is changed by a ceremony"};
    }
    TRY_ASSIGN(const auto signer, database_.signer(old_device.owner_id));
    if (!signer || signer->status != store::SignerStatus::active) {
        return conflict("signing is suspended; the registration office resumes it");
    }
    Taken taken;
    TRY_ASSIGN(taken.move, find(old_device, mark));
    TRY_ASSIGN(const auto keys, keys_of(old_device, taken.move));
    TRY(withdraw_others(keys, taken.move));
    TRY_ASSIGN(taken.move, claim(old_device, keys, taken.move));
    TRY_ASSIGN(auto transactions, transactions_of(taken.move));
    for (const auto& key : keys) {
        const bool is_open =
            std::ranges::find(transactions,
                              key.credential.id,
                              &store::Transaction::credential_id) != transactions.end();
        if (!is_open) {  // as it is when the phone asks again
            TRY(open(taken.move, key, signer->language));
        }
    }
    TRY_ASSIGN(transactions, transactions_of(taken.move));
    TRY_ASSIGN(taken.items, items_of(old_device, transactions));
    return taken;
}

}  // namespace cloudsign::credential
