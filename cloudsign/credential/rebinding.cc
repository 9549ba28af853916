#include <algorithm>

#include "cloudsign/approval/rebind_payload.h"
#include "cloudsign/credential/phone_moves.h"
#include "cloudsign/module_error.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/store/credential_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/transaction_table.h"

// What follows the approval of both phones: the modules change the key's phone, and what this
// server knows changes with it. Every step may be repeated.
namespace cloudsign::credential {
namespace {

using hsm::Status;
using store::CredentialTable;
using store::Session;

Result<hsm::protocol::ChallengePreimage> activation_of(const store::Transaction& transaction) {
    const auto activation =
        hsm::protocol::decode_tagged<hsm::protocol::ChallengePreimage>(transaction.preimage);
    if (!activation) {
        return Error{ErrorKind::internal, "the activation in the database cannot be read"};
    }
    return *activation;
}

// Refused before the old version died in any module: it never will.
bool is_final_refusal(Status status) {
    constexpr Status statuses[] = {Status::activation_expired,
                                   Status::activation_key_mismatch,
                                   Status::blob_revoked,
                                   Status::policy_invalid,
                                   Status::rebind_unchanged,
                                   Status::leaf_path_wrong};
    return module_error(status).kind == ErrorKind::assertion_refused ||
           std::ranges::find(statuses, status) != std::end(statuses);
}

Result<bool> opens_something(Session& session, const store::Device& device) {
    TRY_ASSIGN(const auto credentials, CredentialTable(session).of_signer(device.owner_id));
    for (const auto& credential : credentials) {
        if (!credential.blob || credential.status == store::CredentialStatus::deleted) {
            continue;
        }
        const auto blob = hsm::protocol::decode_blob(*credential.blob);
        const auto policy = blob ? hsm::protocol::decode<hsm::protocol::Policy>(blob->header.policy)
                                 : hsm::Result<hsm::protocol::Policy>(Status::malformed);
        if (policy && std::ranges::find(policy->points, device.point) != policy->points.end()) {
            return true;
        }
    }
    return false;
}

// The new phone is a device from now on, in place of what the same phone was before, and the old
// one is none once no key of the person's is its to activate: its session ends, and what its
// browser was to be told.
Result<void> exchange_devices(Session& session, const Clock& clock, const store::PhoneMove& move) {
    store::DeviceTable devices(session);
    TRY_ASSIGN(const auto admitted, devices.admit(*move.device_id));
    if (admitted) {  // with the first of several keys
        TRY(notice::tell(
            session, clock, *move.signer_id, store::NoticeKind::phone_replaced, move.name));
    }
    TRY_ASSIGN(const auto active, devices.of_owner(store::DeviceOwner::signer, *move.signer_id));
    for (const auto& device : active) {
        const bool former = device.id != *move.device_id && device.thumbprint == move.thumbprint;
        bool spent = former;
        if (device.id == *move.old_device_id) {
            TRY_ASSIGN(const auto opens, opens_something(session, device));
            spent = spent || !opens;
        }
        if (spent) {
            TRY(devices.set_status(device.id, store::DeviceStatus::removed));
        }
    }
    return {};
}

}  // namespace

Result<void> PhoneMoves::complete(const store::Transaction& transaction) {
    TRY_ASSIGN(const auto activation, activation_of(transaction));
    TRY_ASSIGN(const auto credential, database_.read([&](Session& session) {
        return CredentialTable(session).by_id(transaction.credential_id);
    }));
    // Deleted meanwhile, it is finished all the same while its blob is here: the officers could
    // not end a key that is half changed.
    if (credential && credential->blob && credential->version == activation.blob_version) {
        TRY(rebind(transaction, *credential));
    }
    TRY(ask_portals_again(transaction.credential_id));
    TRY(transactions_.finish(transaction));
    TRY_ASSIGN(const auto move, database_.read([&](Session& session) {
        return store::PhoneMoveTable(session).of_transaction(transaction.id);
    }));
    if (move && move->signer_id) {
        moved_({*move->signer_id,
                transaction.credential_id,
                move->old_device_id.value_or(""),
                move->device_id.value_or("")});
    }
    return {};
}

Result<void> PhoneMoves::rebind(const store::Transaction& transaction,
                                const store::Credential& credential) {
    TRY_ASSIGN(const auto payload, approval::read_rebind(transaction.payload));
    TRY_ASSIGN(const auto assertions, transactions_.assertions(transaction.id));
    const auto rebound = modules_.rebind(transaction.module_id,
                                         *credential.blob,
                                         transaction.preimage,
                                         transaction.mac,
                                         assertions,
                                         payload.policy);
    if (!rebound) {
        return refuse(transaction, rebound.error());
    }
    return adopt(transaction, credential, *rebound);
}

Result<void> PhoneMoves::refuse(const store::Transaction& transaction, Status status) {
    // Spent and not carried out: its record could not be written.
    if (approval_lost(status) || status == Status::activation_spent) {
        TRY(transactions_.ask_again(transaction, transaction::asked_again));
        return Error{ErrorKind::conflict, transaction::asked_again};
    }
    auto error = module_error(status);
    if (is_final_refusal(status)) {
        TRY(transactions_.give_up(transaction, error.detail));
        return error;
    }
    // Whatever it is, a module may have begun: the approvals come back to it until it is done.
    error.kind = ErrorKind::unavailable;
    return error;
}

Result<void> PhoneMoves::adopt(const store::Transaction& transaction,
                               const store::Credential& before,
                               const Bytes& blob) {
    const auto decoded = hsm::protocol::decode_blob(blob);
    if (!decoded) {
        return Error{ErrorKind::internal, "the module's key blob cannot be read"};
    }
    const auto version = decoded->header.version;
    return database_.write([&](Session& session) -> Result<void> {
        CredentialTable table(session);
        // Suspended, revoked or deleted meanwhile, it stays that.
        TRY_ASSIGN(auto row, table.by_id(before.id));
        if (!row || !row->blob || row->version != before.version) {
            return {};
        }
        row->blob = blob;
        row->version = version;
        TRY(table.update(*row, row->status));
        TRY_ASSIGN(const auto move, store::PhoneMoveTable(session).of_transaction(transaction.id));
        if (!move || !move->signer_id || !move->old_device_id || !move->device_id) {
            return Error{ErrorKind::internal, "a change of phones without its phones"};
        }
        return exchange_devices(session, clock_, *move);
    });
}

// What was asked before is about a version that no module takes any more, whoever approved it.
Result<void> PhoneMoves::ask_portals_again(const std::string& credential_id) {
    TRY_ASSIGN(const auto credential, database_.read([&](Session& session) {
        return CredentialTable(session).by_id(credential_id);
    }));
    TRY_ASSIGN(const auto requests, database_.read([&](Session& session) {
        return store::TransactionTable(session).unfinished_requests(credential_id);
    }));
    for (const auto& request : requests) {
        TRY_ASSIGN(const auto activation, activation_of(request));
        if (!credential || !credential->blob || activation.blob_version == credential->version) {
            continue;
        }
        const bool waits = transaction::is_waiting(request.state);
        const auto again =
            transactions_.ask_again(request, waits ? request.reason : transaction::asked_again);
        // It may have ended at this moment.
        if (!again && again.error().kind != ErrorKind::conflict) {
            return again.error();
        }
    }
    return {};
}

}  // namespace cloudsign::credential
