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
// two hosts.
Result<bool> approves(Session& session,
                      const std::string& signer_id,
                      const hsm::protocol::Point& point) {
    TRY_ASSIGN(auto devices,
               store::DeviceTable(session).of_owner(store::DeviceOwner::signer, signer_id));
    return std::ranges::find(devices, point, &store::Device::point) != devices.end();
}

}  // namespace

Result<LoginInvited> LoginService::invite(const std::string& signer_id) {
    LoginInvited invited{base64url(random_32()), clock_.now_ms() + invitation_lifetime_ms};
    const store::LoginInvitation row{
        sha256(invited.invitation), signer_id, std::nullopt, invited.expires_at, std::nullopt};
    TRY(database_.write([&](Session& session) -> Result<void> {
        TRY_ASSIGN(auto signer, store::SignerTable(session).by_id(signer_id));
        if (!signer) {
            return Error{ErrorKind::not_found, "no signer " + signer_id};
        }
        return LoginTable(session).insert(row);
    }));
    return invited;
}

Result<store::LoginInvitation> LoginService::open_invitation(Session& session,
                                                             const hsm::Digest& token_hash) {
    TRY_ASSIGN(auto invitation, LoginTable(session).invitation(token_hash));
    if (!invitation || invitation->used_at || invitation->expires_at <= clock_.now_ms()) {
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
        TRY_ASSIGN(auto signer, store::SignerTable(session).by_id(open.signer_id));
        if (!signer) {
            return no_invitation();
        }
        offer.signer = *std::move(signer);
        LoginTable table(session);
        TRY_ASSIGN(auto passkeys, table.passkeys_of(open.signer_id));
        for (auto& passkey : passkeys) {
            offer.registered.push_back(std::move(passkey.credential_id));
        }
        TRY(table.set_challenge(token_hash, offer.challenge));
        return {};
    }));
    offer.user_handle = sha256("kyso/login/" + offer.signer.id);
    return offer;
}

Result<void> LoginService::register_passkey(const std::string& invitation,
                                            hsm::ByteView authenticator_data,
                                            hsm::ByteView client_data_json,
                                            const std::string& name) {
    TRY(identity::check_text("name", name, identity::TextUse::required, 255));
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
        row.signer_id = open.signer_id;
        row.name = name;
        row.point = made.point;
        row.backup_eligible = made.backup_eligible;
        row.sign_count = made.sign_count;
        row.created_at = clock_.now_ms();
        row.last_used_at = row.created_at;
        LoginTable table(session);
        TRY_ASSIGN(auto known, table.passkey(row.credential_hash));
        TRY_ASSIGN(auto approving, approves(session, open.signer_id, row.point));
        if (known || approving) {
            return Error{ErrorKind::conflict, "the passkey is in use"};
        }
        TRY_ASSIGN(auto used, table.use_invitation(token_hash, row.created_at));
        if (!used) {
            return no_invitation();
        }
        TRY(table.insert(row));
        return notice::tell(
            session, clock_, row.signer_id, store::NoticeKind::login_added, row.name);
    });
}

Result<store::LoginPasskey> LoginService::check(const store::Authorization& authorization,
                                                const SentLogin& sent) {
    TRY_ASSIGN(auto passkey, database_.read([&](Session& session) {
        return LoginTable(session).passkey(sha256(sent.credential_id));
    }));
    if (!passkey || !authorization.challenge) {
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
                                   *authorization.challenge,
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
    TRY_ASSIGN(auto passkey, check(authorization, sent));
    TRY_ASSIGN(auto signer, database_.signer(passkey.signer_id));
    if (!signer || signer->status != store::SignerStatus::active) {
        return refused();
    }
    auto secret = base64url(random_32());
    const auto now = clock_.now_ms();
    const store::LoginSession row{
        sha256(secret), passkey.signer_id, now, now + session_lifetime_ms};
    TRY(database_.write([&](Session& session) -> Result<void> {
        LoginTable table(session);
        TRY_ASSIGN(auto taken,
                   store::AuthorizationTable(session).take_challenge(authorization.id_hash,
                                                                     *authorization.challenge));
        if (!taken) {
            return refused();
        }
        TRY(table.use_passkey(passkey.credential_hash, passkey.sign_count, now));
        TRY(table.erase_expired(now));
        return table.insert(row);
    }));
    return secret;
}

Result<store::LoginSession> LoginService::session(std::string_view secret, Standing standing) {
    const Error unknown{ErrorKind::unauthenticated, "nobody is signed in"};
    if (secret.size() != secret_length) {
        return unknown;
    }
    TRY_ASSIGN(auto found, database_.read([&](Session& session) {
        return LoginTable(session).session(sha256(secret));
    }));
    if (!found || found->expires_at <= clock_.now_ms()) {
        return unknown;
    }
    TRY_ASSIGN(auto signer, database_.signer(found->signer_id));
    if (!signer ||
        (standing == Standing::active && signer->status != store::SignerStatus::active)) {
        return unknown;
    }
    return *std::move(found);
}

Result<void> LoginService::sign_out(std::string_view secret) {
    TRY(database_.write(
        [&](Session& session) { return LoginTable(session).erase_session(sha256(secret)); }));
    return {};
}

}  // namespace cloudsign::login
