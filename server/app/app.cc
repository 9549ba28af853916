#include "server/app/app.h"

#include <algorithm>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cloudsign/base64.h"
#include "cloudsign/pki/chain.h"
#include "cloudsign/random.h"
#include "cloudsign/store/setting_table.h"
#include "server/api/csc/asynchronous.h"
#include "server/api/portal/endpoints.h"
#include "server/api/qd769/calls.h"
#include "server/api/routes.h"
#include "server/app/log.h"
#include "server/app/module_links.h"
#include "server/app/part_settings.h"

namespace server::app {
namespace {

// A hash takes 30 ms: behind so many nobody waits for more than some seconds; more are answered
// 503.
constexpr std::size_t password_threads = 2;
constexpr std::size_t password_queue = 100;
// Signing for portals that do not fetch their signatures: each thread waits for a module.
constexpr std::size_t job_threads = 4;
constexpr std::size_t bodies_max = 256ull * 1024 * 1024;  // of large ones, together
constexpr std::size_t job_queue = 1024;
constexpr rlim_t own_files = 256;  // database, modules, logs, admin socket

using cloudsign::store::Database;

cloudsign::Result<std::unique_ptr<cloudsign::oauth::TokenService>> open_tokens(
    const Config& config,
    cloudsign::oauth::TokenKeyFiles& files,
    const cloudsign::Clock& clock,
    cloudsign::oauth::Revocations& revocations) {
    TRY_ASSIGN(auto key, files.open());
    TRY_ASSIGN(auto retired, files.retired(clock.now_ms()));
    cloudsign::oauth::TokenSettings settings;
    settings.issuer = config.url_of(config.api_host);
    settings.audience = settings.issuer;
    return cloudsign::oauth::TokenService::create(
        std::move(key), std::move(retired), settings, clock, revocations);
}

cloudsign::Result<cloudsign::push::WebhookKey> open_webhook_key(const Config& config) {
    cloudsign::oauth::TokenKeyFiles files(config.data / "webhook-key.pem");
    TRY_ASSIGN(auto key, files.open());
    return cloudsign::push::WebhookKey::from_pem(key.private_pem());
}

// Connections must not take the descriptors that database, modules and logs need.
std::size_t files_for_connections() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return own_files;
    }
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
    static_cast<void>(::getrlimit(RLIMIT_NOFILE, &limit));
    return limit.rlim_cur > 2 * own_files ? limit.rlim_cur - own_files : limit.rlim_cur / 2;
}

std::size_t connections_max() {
    return std::min(net::Listener::Tcp().connections_max, files_for_connections());
}

// A quarter is left for those who come and go: portals, and the phones' own answers.
api::InboxWatch::Limits watch_limits() {
    api::InboxWatch::Limits limits{};
    limits.all = connections_max() / 4 * 3;
    return limits;
}

// The key of handles and SADs is as durable as the transactions that they name.
cloudsign::Result<hsm::Digest> ticket_key(Database& database) {
    return database.write([](cloudsign::store::Session& session) -> cloudsign::Result<hsm::Digest> {
        cloudsign::store::SettingTable settings(session);
        hsm::Digest key{};
        TRY_ASSIGN(auto stored, settings.get("ticket_key"));
        if (stored && cloudsign::from_base64url_into(*stored, key)) {
            return key;
        }
        cloudsign::fill_random(key);
        TRY(settings.put("ticket_key", cloudsign::base64url(key)));
        return key;
    });
}

}  // namespace

hsm::Result<std::unique_ptr<App>, std::string> App::create(const Config& config) {
    const auto say = [](const cloudsign::Error& error) { return error.detail; };
    TRY_ASSIGN(auto links, link_settings(config));
    TRY_ASSIGN(const auto providers, provider_settings(config));
    TRY_ASSIGN(auto mail, mail_server(config));
    auto timestamps = timestamp_authorities(config.timestamp);
    if (!timestamps) {
        return config.timestamp.authorities.string() + ": cannot be read, or is empty";
    }
    const auto verify_authorities = text_of_file(config.verify_authorities);
    if (!verify_authorities) {
        return config.verify_authorities.string() + ": cannot be read, or is empty";
    }
    const auto outside_pem = text_of_file(config.external_ca.authorities);
    if (!outside_pem) {
        return config.external_ca.authorities.string() + ": cannot be read, or is empty";
    }
    auto outside_anchors = cloudsign::pki::certificates_of_pem(*outside_pem);
    if (!config.external_ca.authorities.empty() && outside_anchors.empty()) {
        return config.external_ca.authorities.string() + ": holds no certificate in PEM";
    }
    auto verified = cloudsign::pki::certificates_of_pem(*verify_authorities);
    verified.insert(verified.end(), outside_anchors.begin(), outside_anchors.end());
    TRY_ASSIGN(auto outside, OutsideAuthority::open(config.external_ca, outside_anchors));
    cloudsign::store::DatabaseOptions database_options;
    // The pools, the I/O thread, the housekeeper, the senders of webhooks, hints and mail,
    // who raises documents, and who asks the authority outside.
    database_options.readers = config.pool_threads + password_threads + job_threads + 7;
    database_options.on_fault = [](const std::string& fault) {
        spdlog::error("database: {}", fault);
    };
    auto database = Database::open(config.data / "kyso.db", database_options);
    if (!database) {
        return say(database.error());
    }
    auto key = ticket_key(**database);
    if (!key) {
        return say(key.error());
    }
    auto webhook_key = open_webhook_key(config);
    if (!webhook_key) {
        return say(webhook_key.error());
    }
    auto vapid_keys = cloudsign::push::VapidKeys::open(config.data / "vapid-key.pem");
    if (!vapid_keys) {
        return say(vapid_keys.error());
    }
    auto signing_context = cloudsign::pki::SigningContext::create();
    if (!signing_context) {
        return say(signing_context.error());
    }
    static const cloudsign::SystemClock token_clock;
    auto revocations = cloudsign::oauth::Revocations::open(**database, token_clock);
    if (!revocations) {
        return say(revocations.error());
    }
    cloudsign::oauth::TokenKeyFiles token_keys(config.data / "token-key.pem");
    auto tokens = open_tokens(config, token_keys, token_clock, **revocations);
    if (!tokens) {
        return say(tokens.error());
    }
    std::unique_ptr<App> app(new App(config,
                                     *std::move(database),
                                     *std::move(revocations),
                                     std::move(token_keys),
                                     *std::move(tokens),
                                     *std::move(webhook_key),
                                     *std::move(vapid_keys),
                                     *std::move(signing_context),
                                     std::move(links),
                                     providers,
                                     std::move(mail),
                                     *std::move(timestamps),
                                     std::move(verified),
                                     std::move(outside_anchors),
                                     std::move(outside),
                                     *key));
    if (const auto loaded = app->async_requests_.load(); !loaded) {
        return say(loaded.error());
    }
    // A host that is given up is nobody's to be sent to any more.
    const auto return_to = config.portal_host.empty() ? std::string()
                                                      : config.url_of(config.portal_host) +
                                                            std::string(api::portal::return_path);
    if (const auto kept = app->clients_.keep_portal(return_to); !kept) {
        return say(kept.error());
    }
    TRY(app->listen());
    return app;
}

App::App(const Config& config,
         std::unique_ptr<Database> database,
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
         const hsm::Digest& ticket_key)
    : config_(config),
      database_(std::move(database)),
      modules_(std::move(links), clock_),
      clients_(*database_, clock_),
      signers_(*database_, clock_),
      devices_(*database_, clock_),
      revocations_(std::move(revocations)),
      token_keys_(std::move(token_keys)),
      tokens_(std::move(tokens)),
      codes_(*database_, clock_, *revocations_),
      authorizations_(*database_, clock_),
      sign_ins_(*database_, clock_, {config.login_host, config.url_of(config.login_host)}),
      office_sign_ins_(*database_,
                       clock_,
                       {config.office_host, config.url_of(config.office_host)},
                       cloudsign::store::LoginSite::office),
      office_challenges_(clock_),
      office_users_(*database_, clock_),
      refresh_tokens_(*database_, clock_, *revocations_),
      logins_(clock_),
      application_logins_(*database_, clock_, logins_),
      authenticator_(*database_, clock_, clients_, logins_, assertion_audiences(config)),
      dpop_(clock_),
      authorization_(authenticator_, *tokens_, codes_, refresh_tokens_, *revocations_, dpop_),
      ssl2_(clock_),
      inboxes_(watch_limits()),
      transactions_(*database_,
                    modules_,
                    clock_,
                    {config.answer_time.count() * 1000, config.sign_time.count() * 1000},
                    ticket_key),
      async_requests_(*database_, transactions_, clock_),
      approvals_(*database_, modules_, clock_, transactions_),
      credentials_(*database_, modules_, clock_, transactions_, approvals_, published_at(config)),
      external_ca_(
          *database_, clock_, transactions_, approvals_, credentials_, std::move(outside_anchors)),
      cmp_(*database_, clock_, transactions_, credentials_),
      outside_(std::move(outside)),
      moves_(*database_, modules_, clock_, transactions_, approvals_),
      officer_phones_(*database_, approvals_, clock_),
      resealing_(*database_, clock_, [this](const auto& blob) { return modules_.reseal(blob); }),
      signing_context_(std::move(signing_context)),
      status_(*database_, modules_, clock_, *signing_context_),
      time_stamps_(*database_, modules_, clock_, *signing_context_, config.pki.policy),
      signing_jobs_(*database_, transactions_, clients_, clock_),
      vapid_keys_(std::move(vapid_keys)),
      push_subscriptions_(*database_, clock_, *vapid_keys_, config.push.hosts),
      webhooks_(*database_, clock_, webhook_schedule(config)),
      webhook_key_(std::move(webhook_key)),
      notices_(*database_, clock_),
      raisings_(*database_, clock_, raising_rules(config)),
      preparations_(*database_, clock_, preparation_rules(config)),
      mail_sender_(notices_, clock_, std::move(mail_server)),
      known_secrets_(clock_),
      hub_(providers, outbound_),
      audit_(modules_, config.data / "audit"),
      timestamps_(timestamp_source(std::move(timestamp_authorities))),
      verifier_(verifier_source(std::move(verify_authorities)), clock_),
      context_{clock_,
               *database_,
               modules_,
               clients_,
               signers_,
               application_logins_,
               devices_,
               *tokens_,
               token_keys_,
               dpop_,
               codes_,
               authorizations_,
               sign_ins_,
               office_sign_ins_,
               office_challenges_,
               office_users_,
               authorization_,
               ssl2_,
               transactions_,
               async_requests_,
               approvals_,
               credentials_,
               cmp_,
               moves_,
               officer_phones_,
               status_,
               time_stamps_,
               signing_jobs_,
               push_subscriptions_,
               webhooks_,
               webhook_key_,
               notices_,
               raisings_,
               mail_sender_,
               known_secrets_,
               hub_,
               signals_,
               inboxes_,
               audit_,
               metrics_,
               {config.url_of(config.api_host),
                config.url_of(config.approve_host),
                url_if_any(config, config.mtls_host),
                config.url_of(config.login_host),
                config.url_of(config.office_host),
                url_if_any(config, config.portal_host)},
               config.csc,
               timestamps_,
               patience_,
               authority_fetch(),
               verifier_,
               config.hold_time,
               config.metrics_token,
               [this] { return reload(); },
               preparations_,
               external_ca_},
      host_names_(host_names(config)),
      router_(api::routes(), host_names_),
      fibers_(io_.get_executor(), config.requests_max),
      pool_(config.pool_threads, config.requests_max),
      passwords_(password_threads, password_queue),
      jobs_(job_threads, job_queue),
      bodies_(bodies_max),
      webhook_sender_(webhooks_,
                      *database_,
                      webhook_key_,
                      clock_,
                      outbound_,
                      {config.webhook_deadline, config.webhook_ca.string()}),
      push_sender_(*database_, *vapid_keys_, clock_, outbound_, push_settings(config)),
      document_raiser_(context_),
      service_{router_,
               context_,
               api::check_guard,
               fibers_,
               pool_,
               passwords_,
               bodies_,
               net::Deadlines{},
               [this](const net::AccessRecord& record) {
                   metrics_.count(record);
                   log_access(record);
               },
               trusted_proxies(config_)},
      public_routes_(api::public_routes()),
      public_router_(public_routes_, {}),
      public_service_{public_router_,
                      context_,
                      service_.guard,
                      fibers_,
                      pool_,
                      passwords_,
                      bodies_,
                      service_.deadlines,
                      service_.access_log,
                      service_.trusted_proxies},
      stop_signals_(io_),
      hang_ups_(io_, SIGHUP),
      modules_patience_(io_) {
    transactions_.on_change([this](const cloudsign::store::Transaction& transaction) {
        const std::string& id = transaction.id;
        if (cloudsign::transaction::is_waiting(transaction.state)) {
            signals_.changed(id);
        } else {
            signals_.ended(id);
        }
        inboxes_.changed(transaction);
        async_requests_.changed(id);
        signing_jobs_.changed(id);
        if (certificate_asker_ && transaction.state == cloudsign::transaction::State::signed_ &&
            !transaction.client_id) {
            certificate_asker_->wake();
        }
        if (transaction.state == cloudsign::transaction::State::notified) {
            push_sender_.changed(id);
        }
    });
    credentials_.use(config.synced_passkeys);
    credentials_.on_status_change([this] {
        status_.changed();
        if (certificate_asker_) {
            certificate_asker_->wake();
        }
    });
    if (external_ca_.is_there() && config_.external_ca.new_keys) {
        credentials_.on_bound(
            [this](const cloudsign::store::Credential& credential) -> cloudsign::Result<void> {
                TRY(external_ca_.request({credential.id}));
                return {};
            });
    }
    moves_.on_moved([](const cloudsign::credential::Moved& moved) {
        spdlog::warn("security: a key has another phone, signer {}, credential {}, from {} to {}",
                     moved.signer_id,
                     moved.credential_id,
                     moved.old_device_id,
                     moved.device_id);
    });
    database_->on_touched(cloudsign::store::RowKind::webhook, [this] { webhook_sender_.wake(); });
    raisings_.on_due([this] { document_raiser_.wake(); });
    if (outside_) {
        online_ca_.emplace(
            *database_, clock_, external_ca_, outside_->connector(), external_ca_schedule(config_));
        certificate_asker_.emplace(*online_ca_, clock_);
    }
    signing_jobs_.on_work(
        [this](std::function<void()> work) { return jobs_.submit(std::move(work)); });
    async_requests_.on_ready([this](const std::string& id) { run_async(id); });
    async_requests_.on_finish([this](cloudsign::store::Session& session,
                                     const cloudsign::store::AsyncRequest& request,
                                     std::string_view outcome) -> cloudsign::Result<void> {
        if (!request.response_uri) {
            return {};
        }
        const bool is_hash = request.form == cloudsign::store::AsyncForm::hash;
        TRY(webhooks_.insert(session,
                             {request.client_id,
                              is_hash ? "csc.signHash" : "csc.signDoc",
                              request.id,
                              *request.response_uri,
                              api::csc::notification(request, outcome)}));
        return {};
    });
}

App::~App() {
    {
        const std::lock_guard lock(stopping_mutex_);
        stopping_ = true;
    }
    stopping_changed_.notify_all();
    // First: whoever waits for a module that hangs is told, and the joins below end.
    modules_.stop(hsm::client::after(std::chrono::seconds(2)));
    if (housekeeper_.joinable()) {
        housekeeper_.join();
    }
    pool_.join();
    passwords_.join();
    stop_jobs();
    database_->on_touched(cloudsign::store::RowKind::webhook, {});
}

std::uint16_t App::port() const {
    return tcp_->port();
}

hsm::Result<void, std::string> App::listen() {
    TRY_ASSIGN(tls_,
               net::TlsContext::load(
                   config_.tls_certificate.string(), config_.tls_key.string(), config_.mtls_host));
    net::Listener::Tcp where;
    where.addresses = config_.addresses;
    where.port = config_.port;
    // Who asks for a status stays a moment: a tenth is enough for them.
    const auto in_all = connections_max();
    const auto for_plain = config_.pki.http_port == 0 ? 0 : in_all / 10;
    where.connections_max = in_all - for_plain;
    TRY_ASSIGN(tcp_, net::Listener::open_tcp(io_, where, *tls_, service_));
    if (config_.pki.http_port != 0) {
        where.port = config_.pki.http_port;
        where.connections_max = for_plain;
        TRY_ASSIGN(plain_, net::Listener::open_plain(io_, where, public_service_));
    }
    std::error_code error;
    std::filesystem::create_directories(config_.data / "run", error);
    const net::Listener::Local local{(config_.data / "run" / "admin.sock").string(), ::getuid()};
    TRY_ASSIGN(admin_, net::Listener::open_local(io_, local, service_));
    return {};
}

}  // namespace server::app
