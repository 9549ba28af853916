#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "cloudsign/authority/status_service.h"
#include "cloudsign/authority/timestamp_service.h"
#include "cloudsign/cmp/cmp_authority.h"
#include "cloudsign/credential/resealing.h"
#include "cloudsign/external_ca/external_ca.h"
#include "cloudsign/external_ca/online_ca.h"
#include "server/api/authority_patience.h"
#include "server/api/context.h"
#include "server/api/csc/timestamp.h"
#include "server/api/verify/document_verifier.h"
#include "server/app/audit_keeper.h"
#include "server/app/certificate_asker.h"
#include "server/app/document_raiser.h"
#include "server/app/metrics.h"
#include "server/app/module_group.h"
#include "server/app/outside_authority.h"
#include "server/config/config.h"
#include "server/http/router.h"
#include "server/hub/hub.h"
#include "server/net/listener.h"
#include "server/push/mail_sender.h"
#include "server/push/push_sender.h"
#include "server/push/webhook_sender.h"

namespace server::app {

using config::Config;

// The composition root: owns every service, in start order, and the threads.
class App {
public:
    // The error is one sentence for the operator: a taken port, an unreadable file, a database of a
    // newer version.
    static hsm::Result<std::unique_ptr<App>, std::string> create(const Config& config);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    // Serves until SIGTERM or SIGINT; answers what is in flight, then returns. Reloads at SIGHUP.
    void run();

    // Reads kyso.toml, the certificate and the modules' pre-shared keys again, and cuts no
    // connection. Answers the keys that have changed and take a restart. On an error, a sentence
    // for the operator, nothing has changed. While run() runs; not on the I/O thread.
    hsm::Result<std::vector<std::string>, std::string> reload();

    std::uint16_t port() const;

private:
    App(const Config& config,
        std::unique_ptr<cloudsign::store::Database> database,
        std::unique_ptr<cloudsign::oauth::Revocations> revocations,
        cloudsign::oauth::TokenKeyFiles token_keys,
        std::unique_ptr<cloudsign::oauth::TokenService> tokens,
        cloudsign::push::WebhookKey webhook_key,
        std::unique_ptr<cloudsign::push::VapidKeys> vapid_keys,
        std::unique_ptr<cloudsign::pki::SigningContext> signing_context,
        std::vector<hsm::client::LinkSettings> links,
        const std::vector<hub::ProviderSettings>& providers,
        push::MailServer mail_server,
        std::string timestamp_authorities,
        std::vector<cloudsign::Bytes> verify_authorities,
        std::vector<cloudsign::Bytes> outside_anchors,
        std::unique_ptr<OutsideAuthority> outside,
        const hsm::Digest& ticket_key);

    hsm::Result<void, std::string> listen();
    void begin_stop();
    void await_hang_up();
    void keep_house();
    void start_jobs();
    void stop_jobs();
    void look_at_modules();
    void reseal_keys(const std::vector<cloudsign::ModuleInfo>& members);
    void run_async(const std::string& transaction_id);
    api::TimestampAuthority::Source timestamp_source(std::string authorities);
    cloudsign::evidence::Fetch authority_fetch();
    api::DocumentVerifier::Source verifier_source(std::vector<cloudsign::Bytes> authorities);
    cloudsign::Result<cloudsign::Bytes> post_timestamp_query(const std::string& url,
                                                             const cloudsign::Bytes& query);

    const Config config_;
    cloudsign::SystemClock clock_;
    std::unique_ptr<cloudsign::store::Database> database_;
    ModuleGroup modules_;
    cloudsign::identity::ClientRegistry clients_;
    cloudsign::identity::SignerRegistry signers_;
    cloudsign::identity::DeviceSessions devices_;
    std::unique_ptr<cloudsign::oauth::Revocations> revocations_;
    cloudsign::oauth::TokenKeyFiles token_keys_;
    std::unique_ptr<cloudsign::oauth::TokenService> tokens_;
    cloudsign::oauth::AuthorizationCodes codes_;
    cloudsign::oauth::AuthorizationRequests authorizations_;
    cloudsign::login::LoginService sign_ins_;
    cloudsign::login::LoginService office_sign_ins_;
    cloudsign::login::Challenges office_challenges_;
    cloudsign::identity::OfficeUsers office_users_;
    cloudsign::oauth::RefreshTokens refresh_tokens_;
    cloudsign::identity::LoginGuard logins_;
    cloudsign::identity::ApplicationLogins application_logins_;
    cloudsign::oauth::ClientAuthenticator authenticator_;
    cloudsign::oauth::DpopVerifier dpop_;
    cloudsign::oauth::AuthorizationServer authorization_;
    cloudsign::rssp::Ssl2Verifier ssl2_;
    api::TransactionSignals signals_;
    api::InboxWatch inboxes_;
    cloudsign::transaction::TransactionService transactions_;
    cloudsign::transaction::AsyncRequests async_requests_;
    cloudsign::approval::ApprovalService approvals_;
    cloudsign::credential::CredentialService credentials_;
    cloudsign::external_ca::ExternalCa external_ca_;
    cloudsign::cmp::CmpAuthority cmp_;
    const std::unique_ptr<OutsideAuthority> outside_;  // none where it is not asked over a network
    std::optional<cloudsign::external_ca::OnlineCa> online_ca_;
    cloudsign::credential::PhoneMoves moves_;
    cloudsign::credential::OfficerPhones officer_phones_;
    cloudsign::credential::Resealing resealing_;
    const std::unique_ptr<cloudsign::pki::SigningContext> signing_context_;
    cloudsign::authority::StatusService status_;
    cloudsign::authority::TimestampService time_stamps_;
    cloudsign::transaction::SigningJobs signing_jobs_;
    const std::unique_ptr<cloudsign::push::VapidKeys> vapid_keys_;
    cloudsign::push::Subscriptions push_subscriptions_;
    cloudsign::push::Webhooks webhooks_;
    const cloudsign::push::WebhookKey webhook_key_;
    cloudsign::notice::Notices notices_;
    cloudsign::raising::Raisings raisings_;
    cloudsign::preparation::Preparations preparations_;
    push::MailSender mail_sender_;
    cloudsign::identity::KnownSecrets known_secrets_;
    push::OutboundHttp outbound_;
    hub::Hub hub_;
    AuditKeeper audit_;
    Metrics metrics_;
    api::TimestampAuthority timestamps_;
    api::AuthorityPatience patience_;
    api::DocumentVerifier verifier_;
    api::Context context_;

    const std::vector<http::HostName> host_names_;
    http::Router router_;
    boost::asio::io_context io_{1};
    net::Fibers fibers_;
    net::BlockingPool pool_;
    net::BlockingPool passwords_;
    net::BlockingPool jobs_;
    net::BodyRoom bodies_;
    push::WebhookSender webhook_sender_;
    push::PushSender push_sender_;
    DocumentRaiser document_raiser_;
    std::optional<CertificateAsker> certificate_asker_;
    net::Service service_;
    const std::vector<http::Route> public_routes_;
    http::Router public_router_;
    net::Service public_service_;
    boost::asio::signal_set stop_signals_;
    boost::asio::signal_set hang_ups_;
    boost::asio::steady_timer modules_patience_;
    std::unique_ptr<net::TlsContext> tls_;
    std::unique_ptr<net::Listener> tcp_;
    std::unique_ptr<net::Listener> plain_;  // none where pki.http_port is not set
    std::unique_ptr<net::Listener> admin_;
    unsigned listeners_stopping_ = 0;

    std::map<hsm::Digest, std::uint64_t> boot_counters_;  // the housekeeper's own
    std::mutex reload_mutex_;
    std::mutex stopping_mutex_;
    std::condition_variable stopping_changed_;
    bool stopping_ = false;
    std::thread housekeeper_;  // last: starts when everything else is there
};

}  // namespace server::app
