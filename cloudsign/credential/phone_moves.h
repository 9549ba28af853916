#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/store/phone_move_table.h"

namespace cloudsign::credential {

// A phone that is to take an old one's place, as it announces itself. Nobody knows whose it is.
struct NewPhone {
    hsm::protocol::ActivationKey key;
    std::string name;
    std::string peer;  // address
};

struct Announced {
    store::PhoneMove move;
    std::string session;  // the new phone's bearer, shown once
};

// How far it has come; `open` before an old phone has taken it up.
enum class MoveState { open, waiting, finishing, done, rejected, expired };
std::string_view name(MoveState state);

struct MoveProgress {
    MoveState state = MoveState::open;
    std::vector<approval::PendingItem> items;  // one for each key that is to change hands
};

// What the old phone has read on the new one's screen: the whole thumbprint of its passkey, or the
// short code.
using MoveMark = std::variant<hsm::Digest, std::string>;

// A key changed hands, durably.
struct Moved {
    std::string signer_id;
    std::string credential_id;
    std::string old_device_id;
    std::string device_id;
};

// A new phone in an old one's place, with the old one in hand: no office, no officer. The module
// asks for both passkeys over one challenge, so that nothing here has to be believed: neither that
// the two phones are one person's, nor which key the new one has. Registers itself with the
// approvals for what follows them.
class PhoneMoves {
public:
    // How many may be announced and taken up by nobody, how many from one address, and how many
    // one signer's phones may take up in an hour.
    static constexpr std::int64_t open_max = 1000;
    static constexpr std::int64_t open_of_peer_max = 20;
    static constexpr std::int64_t taken_max = 10;
    static constexpr std::int64_t open_ms = 10 * 60 * 1000;

    PhoneMoves(store::Database& database,
               ModulePort& modules,
               const Clock& clock,
               transaction::TransactionService& transactions,
               approval::ApprovalService& approvals);

    // Called after each, from whatever thread; more than once where a crash came between.
    void on_moved(std::function<void(const Moved& moved)> call) { moved_ = std::move(call); }

    // `busy` when too many wait.
    Result<Announced> announce(const NewPhone& phone);
    // The move behind a new phone's bearer. `unauthenticated` for one that is unknown, or whose
    // signer's phones were all taken off since.
    Result<std::shared_ptr<const store::PhoneMove>> authenticate(std::string_view session);

    // The old phone has seen the new one: opens the change of each key that it activates, in place
    // of whatever change waited before. Asked again by the same phone it goes on with it.
    // `not_found` when no phone shows this, its time is over, or another has taken it up;
    // `conflict` when this phone activates no key, the signer is frozen, or a change is under way
    // that the modules have begun; `busy` after too many.
    struct Taken {
        store::PhoneMove move;
        std::vector<approval::PendingItem> items;
    };
    Result<Taken> take(const store::Device& old_device, const MoveMark& mark);

    // The new phone's side.
    Result<MoveProgress> progress(const store::PhoneMove& move);
    Result<store::Transaction> approve(const store::PhoneMove& move,
                                       const std::string& transaction_id,
                                       const approval::SentAssertion& assertion);
    Result<void> reject(const store::PhoneMove& move);

private:
    struct Key;

    Result<store::PhoneMove> find(const store::Device& old_device, const MoveMark& mark);
    Result<std::vector<Key>> keys_of(const store::Device& old_device, const store::PhoneMove& move);
    Result<void> withdraw_others(const std::vector<Key>& keys, const store::PhoneMove& move);
    Result<store::PhoneMove> claim(const store::Device& old_device,
                                   const std::vector<Key>& keys,
                                   store::PhoneMove move);
    Result<std::string> open(const store::PhoneMove& move,
                             const Key& key,
                             const std::string& language);
    Result<std::vector<store::Transaction>> transactions_of(const store::PhoneMove& move);
    Result<std::vector<approval::PendingItem>> items_of(
        const store::Device& device, const std::vector<store::Transaction>& transactions);

    // rebinding.cc: what follows both approvals.
    Result<void> complete(const store::Transaction& transaction);
    Result<void> rebind(const store::Transaction& transaction, const store::Credential& credential);
    Result<void> adopt(const store::Transaction& transaction,
                       const store::Credential& before,
                       const Bytes& blob);
    Result<void> refuse(const store::Transaction& transaction, hsm::Status status);
    Result<void> ask_portals_again(const std::string& credential_id);

    store::Database& database_;
    ModulePort& modules_;
    const Clock& clock_;
    transaction::TransactionService& transactions_;
    approval::ApprovalService& approvals_;
    std::function<void(const Moved&)> moved_ = [](const Moved&) {};
};

}  // namespace cloudsign::credential
