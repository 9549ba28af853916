#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cloudsign/approval/approval_service.h"
#include "cloudsign/credential/credential_service.h"
#include "cloudsign/credential/officer_phones.h"
#include "cloudsign/credential/phone_moves.h"
#include "cloudsign/evidence/fetch.h"
#include "cloudsign/identity/application_logins.h"
#include "cloudsign/identity/client_registry.h"
#include "cloudsign/identity/device_sessions.h"
#include "cloudsign/identity/known_secrets.h"
#include "cloudsign/identity/office_users.h"
#include "cloudsign/identity/signer_registry.h"
#include "cloudsign/login/challenges.h"
#include "cloudsign/login/login_service.h"
#include "cloudsign/notice/notices.h"
#include "cloudsign/oauth/authorization_codes.h"
#include "cloudsign/oauth/authorization_requests.h"
#include "cloudsign/oauth/authorization_server.h"
#include "cloudsign/oauth/token_service.h"
#include "cloudsign/preparation/preparations.h"
#include "cloudsign/push/subscriptions.h"
#include "cloudsign/push/webhook_key.h"
#include "cloudsign/push/webhooks.h"
#include "cloudsign/raising/raisings.h"
#include "cloudsign/rssp/ssl2.h"
#include "cloudsign/transaction/async_requests.h"
#include "cloudsign/transaction/signing_jobs.h"
#include "cloudsign/transaction/transaction_service.h"
#include "server/api/csc_settings.h"
#include "server/api/inbox_watch.h"
#include "server/api/transaction_signals.h"

namespace cloudsign::authority {
class StatusService;
class TimestampService;
}  // namespace cloudsign::authority

namespace cloudsign::cmp {
class CmpAuthority;
}

namespace cloudsign::external_ca {
class ExternalCa;
}

namespace server::app {
class AuditKeeper;
class Metrics;
}  // namespace server::app

namespace server::push {
class MailSender;
}

namespace server::hub {
class Hub;
}  // namespace server::hub

namespace server::api {

// Who is behind a request, as its guard found out.
struct Principal {
    cloudsign::identity::ClientRegistry::Pointer client;  // Guard::client
    std::optional<std::string> signer_id;  // of a token that speaks for one signer alone
    cloudsign::identity::DeviceSessions::Pointer device;        // Guard::device
    cloudsign::oauth::ClientClaims token{};                     // what the access token says
    std::shared_ptr<const cloudsign::store::PhoneMove> move{};  // Guard::newcomer
    std::optional<cloudsign::store::OfficeUser> office_user{};  // Guard::office and its roles
};

// What the server is called from outside.
struct PublicUrls {
    std::string api;      // https://api.localhost:8443
    std::string approve;  // https://approve.localhost:8443
    std::string mtls;     // https://mtls.localhost:8443; empty: there is none
    std::string login;    // https://login.localhost:8443
    std::string office;   // https://office.localhost:8443
    std::string portal;   // https://portal.localhost:8443; empty: there is none
};

class DocumentVerifier;
class AuthorityPatience;
class TimestampAuthority;

// What handlers reach the product through. Everything is owned by app::App and outlives the
// sessions; every member may be called from any pool thread.
struct Context {
    const cloudsign::Clock& clock;
    cloudsign::store::Database& database;
    cloudsign::ModulePort& modules;
    cloudsign::identity::ClientRegistry& clients;
    cloudsign::identity::SignerRegistry& signers;
    cloudsign::identity::ApplicationLogins& application_logins;
    cloudsign::identity::DeviceSessions& devices;
    cloudsign::oauth::TokenService& tokens;
    cloudsign::oauth::TokenKeyFiles& token_keys;
    cloudsign::oauth::DpopVerifier& dpop;
    cloudsign::oauth::AuthorizationCodes& codes;
    cloudsign::oauth::AuthorizationRequests& authorizations;
    cloudsign::login::LoginService& logins;
    cloudsign::login::LoginService& office_logins;
    cloudsign::login::Challenges& office_challenges;
    cloudsign::identity::OfficeUsers& office_users;
    cloudsign::oauth::AuthorizationServer& authorization;
    cloudsign::rssp::Ssl2Verifier& ssl2;
    cloudsign::transaction::TransactionService& transactions;
    cloudsign::transaction::AsyncRequests& async_requests;
    cloudsign::approval::ApprovalService& approvals;
    cloudsign::credential::CredentialService& credentials;
    cloudsign::cmp::CmpAuthority& cmp;
    cloudsign::credential::PhoneMoves& moves;
    cloudsign::credential::OfficerPhones& officer_phones;
    cloudsign::authority::StatusService& status;
    cloudsign::authority::TimestampService& time_stamps;
    cloudsign::transaction::SigningJobs& signing_jobs;
    cloudsign::push::Subscriptions& push_subscriptions;
    cloudsign::push::Webhooks& webhooks;
    const cloudsign::push::WebhookKey& webhook_key;
    cloudsign::notice::Notices& notices;
    cloudsign::raising::Raisings& raisings;
    push::MailSender& mail;
    cloudsign::identity::KnownSecrets& known_secrets;
    hub::Hub& hub;
    TransactionSignals& signals;
    InboxWatch& inboxes;
    app::AuditKeeper& audit;
    app::Metrics& metrics;
    PublicUrls urls;
    CscSettings csc;
    TimestampAuthority& timestamps;
    AuthorityPatience& patience;
    // Asks responders and holders of lists, ours without a detour over HTTP. From pool threads.
    cloudsign::evidence::Fetch ask_authority;
    DocumentVerifier& verifier;
    // How long a CSC v1 authorize is held at most: below the 60 s after which many clients give up.
    std::chrono::seconds hold_time{55};
    std::filesystem::path metrics_token;  // the file that holds it
    // Reads kyso.toml again (app::App); answers what takes a restart, or why nothing was taken.
    std::function<hsm::Result<std::vector<std::string>, std::string>()> reload;
    cloudsign::preparation::Preparations& preparations;
    cloudsign::external_ca::ExternalCa& external_ca;
};

}  // namespace server::api
