#include "cloudsign/login/login_service.h"

#include "cloudsign/approval/assertion_check.h"
#include "cloudsign/base64.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/random.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/authorization_table.h"
#include "cloudsign/store/device_table.h"
#include "cloudsign/store/login_table.h"
#include "cloudsign/store/office_user_table.h"
#include "cloudsign/store/signer_table.h"
#include "hsm/base/byte_reader.h"
#include "hsm/protocol/key_blob.h"

namespace cloudsign::login {
namespace {

using store::LoginTable;
using store::Session;

constexpr std::size_t secret_length = 43;  // base64url of 32 bytes
constexpr std::size_t sign_count_at = 33;  // WebAuthn L3 §6.1

Error no_invitation() {
    return {ErrorKind::not_found, "the invitation is unknown, used or expired"};
}

Error refused() {
    return {ErrorKind::assertion_refused, "the sign-in was not accepted"};
}

std::int64_t sign_count_of(const Bytes& authenticator_data) {
    hsm::ByteReader reader(hsm::ByteView(authenticator_data).subspan(sign_count_at));
    const auto count = reader.u32();
    return count ? *count : 0;
}

// Approval passkeys are used for nothing else, also not by an authenticator that gives one key to
// two hosts. An officer's phone is nobody's of the office in particular, so theirs are all looked
// at.
Result<bool> approves(Session& session,
                      store::LoginSite whose,
                      const std::string& owner_id,
                      const hsm::protocol::Point& point) {
    store::DeviceTable table(session);
    TRY_ASSIGN(auto devices,
               whose == store::LoginSite::office
                   ? table.officers()
                   : table.of_owner(store::DeviceOwner::signer, owner_id));
    return std::ranges::find(devices, point, &store::Device::point) != devices.end();
}

// Written once a minute, not at every request.
constexpr std::int64_t seen_every_ms = 60 * 1000;

}  // namespace

Result<std::optional<LoginService::Owner>> LoginService::owner(Session& session,
                                                               const std::string& id) {
    if (whose_ == store::LoginSite::office) {
        TRY_ASSIGN(auto user, store::OfficeUserTable(session).by_id(id));
        return user ? std::optional(Owner{user->name, user->status == store::OfficeStatus::active})
                    : std::nullopt;
    }
    TRY_ASSIGN(auto signer, store::SignerTable(session).by_id(id));
    return signer
               ? std::optional(Owner{signer->name, signer->status == store::SignerStatus::active})
               : std::nullopt;
}

Result<LoginInvited> LoginService::invite(const std::string& owner_id, Keys keys) {
    LoginInvited invited{base64url(random_32()), clock_.now_ms() + invitation_lifetime_ms};
    const store::LoginInvitation row{
        sha256(invited.invitation), whose_, owner_id, std::nullopt, invited.expires_at, {}};
    TRY(database_.write([&](Session& session) -> Result<void> {
        TRY_ASSIGN(auto known, owner(session, owner_id));
        if (!known) {
            const std::string kind =
                whose_ == store::LoginSite::office ? "no such user of the office: " : "no signer ";
            return Error{ErrorKind::not_found, kind + owner_id};
        }
        LoginTable table(session);
        if (keys == Keys::ended) {
            TRY(table.erase_all_of(whose_, owner_id));
        }
        return table.insert(row);
    }));
    return invited;
}

Result<store::LoginInvitation> LoginService::open_invitation(Session& session,
                                                             const hsm::Digest& token_hash) {
    TRY_ASSIGN(auto invitation, LoginTable(session).invitation(token_hash));
    if (!invitation || invitation->site != whose_ || invitation->used_at ||
        invitation->expires_at <= clock_.now_ms()) {
        return no_invitation();
    }
    return *std::move(invitation);
}

Result<RegistrationOffer> LoginService::begin_registration(const std::string& invitation) {
    const auto token_hash = sha256(invitation);
    RegistrationOffer offer;
    offer.challenge = random_32();
    TRY(database_.write([&](Session& session) -> Result<void> {
        TRY_ASSIGN(auto open, open_invitation(session, token_hash));
        TRY_ASSIGN(auto known, owner(session, open.owner_id));
        if (!known) {
            return no_invitation();
        }
        offer.owner_id = open.owner_id;
        offer.owner_name = known->name;
        LoginTable table(session);
        TRY_ASSIGN(auto passkeys, table.passkeys_of(whose_, open.owner_id));
        for (auto& passkey : passkeys) {
            offer.registered.push_back(std::move(passkey.credential_id));
        }
        TRY(table.set_challenge(token_hash, offer.challenge));
        return {};
    }));
    const std::string place = whose_ == store::LoginSite::office ? "kyso/office/" : "kyso/login/";
    offer.user_handle = sha256(place + offer.owner_id);
    return offer;
}

Result<void> LoginService::register_passkey(const std::string& invitation,
                                            hsm::ByteView authenticator_data,
                                            hsm::ByteView client_data_json,
                                            const std::string& name) {
    TRY(identity::check_name("name", name));
    const auto token_hash = sha256(invitation);
    return database_.write([&](Session& session) -> Result<void> {
        TRY_ASSIGN(auto open, open_invitation(session, token_hash));
        if (!open.challenge) {
            return Error{ErrorKind::conflict, "the registration has not begun"};
        }
        TRY_ASSIGN(auto made,
                   read_registration(authenticator_data, client_data_json, site_, *open.challenge));
        store::LoginPasskey row;
        row.credential_hash = sha256(made.credential_id);
        row.credential_id = std::move(made.credential_id);
        row.site = whose_;
        row.owner_id = open.owner_id;
        row.name = name;
        row.point = made.point;
        row.backup_eligible = made.backup_eligible;
        row.sign_count = made.sign_count;
        row.created_at = clock_.now_ms();
        row.last_used_at = row.created_at;
        LoginTable table(session);
        TRY_ASSIGN(auto known, table.passkey(row.credential_hash));
        TRY_ASSIGN(auto approving, approves(session, whose_, open.owner_id, row.point));
        if (known || approving) {
            return Error{ErrorKind::conflict, "the passkey is in use"};
        }
        TRY_ASSIGN(auto used, table.use_invitation(token_hash, row.created_at));
        if (!used) {
            return no_invitation();
        }
        TRY(table.insert(row));
        if (whose_ == store::LoginSite::office) {
            return {};
        }
        return notice::tell(
            session, clock_, row.owner_id, store::NoticeKind::login_added, row.name);
    });
}

Result<store::LoginPasskey> LoginService::check(const hsm::Digest& challenge,
                                                const SentLogin& sent) {
    TRY_ASSIGN(auto passkey, database_.read([&](Session& session) {
        return LoginTable(session).passkey(sha256(sent.credential_id));
    }));
    if (!passkey || passkey->site != whose_) {
        return refused();
    }
    const hsm::protocol::ActivationKey key{passkey->point, passkey->backup_eligible};
    const hsm::protocol::Assertion assertion{hsm::protocol::thumbprint(key.point, sha256),
                                             sent.authenticator_data,
                                             sent.client_data_json,
                                             sent.signature};
    if (!approval::check_assertion(assertion,
                                   key,
                                   site_.rp_id,
                                   site_.origin,
                                   challenge,
                                   hsm::protocol::BackupPolicy::allowed)) {
        return refused();
    }
    // WebAuthn L3 §7.2, step 22: a count that does not grow says that there are two of it.
    const auto count = sign_count_of(sent.authenticator_data);
    if ((count != 0 || passkey->sign_count != 0) && count <= passkey->sign_count) {
        return refused();
    }
    passkey->sign_count = count;
    return *std::move(passkey);
}

Result<std::string> LoginService::sign_in(const store::Authorization& authorization,
                                          const SentLogin& sent) {
    if (!authorization.challenge) {
        return refused();
    }
    return sign_in(*authorization.challenge, sent, [&](Session& session) {
        return store::AuthorizationTable(session).take_challenge(authorization.id_hash,
                                                                 *authorization.challenge);
    });
}

Result<std::string> LoginService::sign_in(const hsm::Digest& challenge,
                                          const SentLogin& sent,
                                          const Take& take) {
    TRY_ASSIGN(auto passkey, check(challenge, sent));
    auto secret = base64url(random_32());
    const auto now = clock_.now_ms();
    const auto lifetime =
        whose_ == store::LoginSite::office ? office_lifetime_ms : session_lifetime_ms;
    const store::LoginSession row{
        sha256(secret), whose_, passkey.owner_id, now, now, now + lifetime};
    TRY(database_.write([&](Session& session) -> Result<void> {
        LoginTable table(session);
        TRY_ASSIGN(auto known, owner(session, passkey.owner_id));
        if (!known || !known->is_active) {
            return refused();
        }
        TRY_ASSIGN(auto taken, take(session));
        if (!taken) {
            return refused();
        }
        TRY(table.use_passkey(passkey.credential_hash, passkey.sign_count, now));
        TRY(table.erase_expired(now));
        return table.insert(row);
    }));
    return secret;
}

bool LoginService::is_over(const store::LoginSession& found, std::int64_t now) const {
    return found.expires_at <= now ||
           (whose_ == store::LoginSite::office && found.seen_at + office_idle_ms <= now);
}

Result<store::LoginSession> LoginService::session(std::string_view secret, Standing standing) {
    const Error unknown{ErrorKind::unauthenticated, "nobody is signed in"};
    if (secret.size() != secret_length) {
        return unknown;
    }
    const auto hash = sha256(secret);
    const auto now = clock_.now_ms();
    std::optional<Owner> known;
    TRY_ASSIGN(auto found,
               database_.read([&](Session& session) -> Result<std::optional<store::LoginSession>> {
                   TRY_ASSIGN(auto stored, LoginTable(session).session(hash));
                   if (stored) {
                       TRY_ASSIGN(known, owner(session, stored->owner_id));
                   }
                   return stored;
               }));
    if (!found || found->site != whose_ || is_over(*found, now) || !known ||
        (standing == Standing::active && !known->is_active)) {
        return unknown;
    }
    if (whose_ == store::LoginSite::office && found->seen_at + seen_every_ms <= now) {
        TRY(database_.write(
            [&](Session& session) { return LoginTable(session).see_session(hash, now); }));
    }
    return *std::move(found);
}

Result<void> LoginService::sign_out(std::string_view secret) {
    TRY(database_.write(
        [&](Session& session) { return LoginTable(session).erase_session(sha256(secret)); }));
    return {};
}

}  // namespace cloudsign::login
