#include "cloudsign/identity/client_registry.h"

#include <algorithm>

#include "cloudsign/identity/client_secret.h"
#include "cloudsign/identity/id.h"
#include "cloudsign/identity/text.h"
#include "cloudsign/push/target.h"
#include "cloudsign/sha256.h"
#include "cloudsign/store/client_table.h"
#include "cloudsign/store/redirect_uri.h"
#include "cloudsign/store/signer_table.h"

namespace cloudsign::identity {
namespace {

using store::ClientTable;
using store::Session;

Error no_such_client() {
    return {ErrorKind::not_found, "no such client"};
}

// A client that is to authenticate with what it has none of is locked out. Of a public one its
// address and PKCE are all that there is to know (RFC 9700 §2.1).
Result<void> check_can_authenticate(const store::ClientSettings& settings) {
    if (settings.token_auth == store::TokenAuth::private_key_jwt && settings.jwks.empty()) {
        return Error{ErrorKind::invalid, "oauth.token_auth=private_key_jwt needs oauth.jwks"};
    }
    if (settings.token_auth == store::TokenAuth::tls_client_auth &&
        settings.certificates_sha256.empty()) {
        return Error{ErrorKind::invalid,
                     "oauth.token_auth=tls_client_auth needs oauth.certificate_sha256"};
    }
    if (settings.token_auth == store::TokenAuth::none && settings.redirect_uris.empty()) {
        return Error{ErrorKind::invalid, "oauth.token_auth=none needs oauth.redirect_uris"};
    }
    if (settings.token_auth == store::TokenAuth::none && settings.pkce_optional) {
        return Error{ErrorKind::invalid, "oauth.token_auth=none needs profile.pkce_optional=off"};
    }
    return {};
}

bool is_about_webhooks(const ClientRegistry::Change& change) {
    return change.name.starts_with("webhook.");
}

bool is_about_oauth(const ClientRegistry::Change& change) {
    return change.name.starts_with("oauth.");
}

}  // namespace

Result<NewClient> ClientRegistry::add_for_all(const std::string& name) {
    return add(name, Reach::all_signers, {});
}

Result<NewClient> ClientRegistry::add_for(const std::string& name,
                                          const std::vector<std::string>& signers) {
    return add(name, Reach::named_signers, signers);
}

Result<NewClient> ClientRegistry::add(const std::string& name,
                                      Reach reach,
                                      const std::vector<std::string>& signers) {
    TRY(check_name("name", name));
    const NewClient created{new_id("client"), new_client_secret()};
    store::Client client;
    client.id = created.client_id;
    client.name = name;
    client.secret_hash = hash_client_secret(created.client_secret);
    client.account_token_key = sha256(created.client_secret);
    client.all_signers = reach == Reach::all_signers;
    client.created_at = clock_.now_ms();
    TRY(database_.write([&](Session& session) -> Result<void> {
        ClientTable clients(session);
        store::SignerTable known(session);
        TRY(clients.insert(client));
        for (const auto& signer_id : signers) {
            TRY_ASSIGN(auto signer, known.by_id(signer_id));
            if (!signer) {
                return Error{ErrorKind::not_found, "no such signer: " + signer_id};
            }
            TRY(clients.allow(client.id, signer_id));
        }
        return {};
    }));
    return created;
}

Result<void> ClientRegistry::keep_portal(const std::string& redirect_uri) {
    constexpr std::string_view name = "Cổng ký số";  // as phones name whoever asks
    if (!redirect_uri.empty() && !store::is_redirect_uri(redirect_uri)) {
        return Error{ErrorKind::invalid, "no address to return to: " + redirect_uri};
    }
    const std::string id(portal_client_id);
    const auto addresses =
        redirect_uri.empty() ? std::vector<std::string>() : std::vector{redirect_uri};
    // Nobody has been told it, and no way to authenticate asks for it.
    const auto secret_hash = hash_client_secret(new_client_secret());
    return database_.write([&](Session& session) -> Result<void> {
        ClientTable clients(session);
        TRY_ASSIGN(auto known, clients.by_id(id));
        if (known) {
            known->settings.token_auth = store::TokenAuth::none;
            known->settings.redirect_uris = addresses;
            TRY(clients.set_settings(id, known->settings));
        }
        if (known || addresses.empty()) {
            return {};
        }
        store::Client portal;
        portal.id = id;
        portal.name = name;
        portal.secret_hash = secret_hash;
        portal.all_signers = true;
        portal.created_at = clock_.now_ms();
        portal.settings.token_auth = store::TokenAuth::none;
        portal.settings.redirect_uris = addresses;
        return clients.insert(portal);
    });
}

Result<store::Client> ClientRegistry::authenticate(const std::string& client_id,
                                                   std::string_view secret) {
    TRY_ASSIGN(auto client, database_.read([&](Session& session) {
        return ClientTable(session).by_id(client_id);
    }));
    const auto check =
        check_client_secret(secret, client ? client->secret_hash : decoy_secret_hash());
    if (!client || client->status != store::ClientStatus::active || check != SecretCheck::right) {
        return Error{ErrorKind::unauthenticated, "unknown client or wrong secret"};
    }
    return *std::move(client);
}

Result<ClientRegistry::Pointer> ClientRegistry::find(const std::string& client_id) {
    TRY_ASSIGN(auto client, database_.client(client_id));
    if (!client) {
        return no_such_client();
    }
    return client;
}

Result<void> ClientRegistry::set_status(const std::string& client_id, store::ClientStatus status) {
    TRY_ASSIGN(auto known, database_.write([&](Session& session) {
        return ClientTable(session).set_status(client_id, status);
    }));
    if (!known) {
        return no_such_client();
    }
    return {};
}

Result<store::ClientSettings> ClientRegistry::change_settings(const std::string& client_id,
                                                              const std::vector<Change>& changes) {
    return database_.write([&](Session& session) -> Result<store::ClientSettings> {
        ClientTable clients(session);
        TRY_ASSIGN(auto client, clients.by_id(client_id));
        if (!client) {
            return no_such_client();
        }
        if (client_id == portal_client_id && std::ranges::any_of(changes, is_about_oauth)) {
            return Error{
                ErrorKind::invalid,
                "oauth.* of the signing portal's own client follows hosts.portal: set that"};
        }
        const auto token_auth = client->settings.token_auth;
        const bool could_authenticate = check_can_authenticate(client->settings).has_value();
        for (const auto& change : changes) {
            TRY(store::set_client_setting(client->settings, change.name, change.value));
        }
        if (std::ranges::any_of(changes, is_about_webhooks)) {
            TRY(push::check_targets(client->settings));
        }
        if (could_authenticate) {
            TRY(check_can_authenticate(client->settings));
        }
        if (client->settings.token_auth != token_auth) {
            TRY(clients.end_proof(client_id));
        }
        TRY(clients.set_settings(client_id, client->settings));
        return client->settings;
    });
}

Result<std::vector<store::Client>> ClientRegistry::all() {
    return database_.read([](Session& session) { return ClientTable(session).all(); });
}

Result<std::string> ClientRegistry::renew_secret(const std::string& client_id) {
    auto secret = new_client_secret();
    const auto hash = hash_client_secret(secret);
    TRY_ASSIGN(auto known, database_.write([&](Session& session) {
        return ClientTable(session).set_secret(client_id, hash, sha256(secret));
    }));
    if (!known) {
        return no_such_client();
    }
    return secret;
}

Result<void> ClientRegistry::check_may_ask(const std::string& client_id,
                                           const std::string& signer_id) {
    const Error may_not{ErrorKind::forbidden, "the client may not ask this signer"};
    TRY_ASSIGN(auto client, database_.client(client_id));
    TRY_ASSIGN(auto signer, database_.signer(signer_id));
    if (!client || client->status != store::ClientStatus::active || !signer) {
        return may_not;
    }
    if (!client->all_signers) {
        TRY_ASSIGN(auto named, database_.read([&](Session& session) {
            return ClientTable(session).is_allowed(client_id, signer_id);
        }));
        if (!named) {
            return may_not;
        }
    }
    if (signer->status != store::SignerStatus::active) {
        return Error{ErrorKind::credential_locked, "the signer is frozen"};
    }
    return {};
}

}  // namespace cloudsign::identity
