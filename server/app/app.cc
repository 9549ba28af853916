#include "server/app/app.h"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <future>
#include <spdlog/spdlog.h>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/post.hpp>

#include "cloudsign/base64.h"
#include "cloudsign/random.h"
#include "cloudsign/store/setting_table.h"
#include "hsm/client/psk.h"
#include "hsm/client/session.h"
#include "server/api/csc/asynchronous.h"
#include "server/api/qd769/calls.h"
#include "server/api/routes.h"
#include "server/app/log.h"

namespace server::app {
namespace {

// A hash takes 30 ms: behind so many nobody waits for more than some seconds; more are answered
// 503.
constexpr std::size_t password_threads = 2;
constexpr std::size_t password_queue = 100;
// Signing for portals that do not fetch their signatures: each thread waits for a module.
constexpr std::size_t job_threads = 4;
constexpr std::size_t job_queue = 1024;
constexpr rlim_t own_files = 256;  // database, modules, logs, admin socket

using cloudsign::store::Database;

std::vector<http::HostName> host_names(const Config& config) {
    std::vector<http::HostName> names{{config.api_host, http::Host::api},
                                      {config.login_host, http::Host::login},
                                      {config.approve_host, http::Host::approve},
                                      {config.office_host, http::Host::office}};
    if (!config.mtls_host.empty()) {
        names.push_back({config.mtls_host, http::Host::api});
    }
    return names;
}

std::string mtls_url(const Config& config) {
    return config.mtls_host.empty() ? "" : config.url_of(config.mtls_host);
}

// What a client may call us when it says for whom its assertion is (RFC 7523 §3).
std::vector<std::string> assertion_audiences(const Config& config) {
    const auto issuer = config.url_of(config.api_host);
    std::vector<std::string> audiences{issuer};
    for (const auto* path : {"/oauth2/token", "/oauth2/pushed_authorize"}) {
        audiences.push_back(issuer + path);
        if (!config.mtls_host.empty()) {
            audiences.push_back(mtls_url(config) + path);
        }
    }
    return audiences;
}

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

hsm::Result<std::vector<hub::ProviderSettings>, std::string> provider_settings(
    const Config& config) {
    std::vector<hub::ProviderSettings> settings;
    for (const auto& one : config.providers) {
        hub::ProviderSettings provider;
        provider.name = one.name;
        provider.dialect = one.dialect;
        provider.url = one.url;
        provider.token_url = one.token_url;
        provider.client_id = one.client_id;
        std::ifstream in(one.secret_file);
        if (!std::getline(in, provider.secret) || provider.secret.empty()) {
            return one.secret_file.string() + ": holds no secret for provider " + one.name;
        }
        provider.ca_file = one.ca.string();
        provider.private_addresses = one.private_addresses;
        settings.push_back(std::move(provider));
    }
    return settings;
}

cloudsign::push::Schedule webhook_schedule(const Config& config) {
    cloudsign::push::Schedule schedule;
    schedule.first_retry_ms = config.webhook_retry.count() * 1000;
    schedule.give_up_ms = config.webhook_give_up.count() * 1000;
    return schedule;
}

hsm::Result<std::vector<hsm::client::LinkSettings>, std::string> link_settings(
    const Config& config) {
    std::vector<hsm::client::LinkSettings> links;
    for (const auto& module : config.modules) {
        auto psk = hsm::client::load_psk(module.psk);
        if (!psk) {
            return module.psk.string() + ": no usable pre-shared key (" +
                   std::string(hsm::base::status_name(psk.error())) + ")";
        }
        hsm::client::LinkSettings settings;
        settings.endpoint = module.endpoint;
        settings.psk = *std::move(psk);
        links.push_back(std::move(settings));
    }
    return links;
}

// Whether the module lets such a host in; one that cannot be asked is taken to.
bool takes(const hsm::client::Endpoint& endpoint, const hsm::client::Psk& psk) {
    constexpr std::chrono::seconds patience{5};
    // On a serial line a second visitor would push out the first.
    if (!hsm::client::is_socket(endpoint)) {
        return true;
    }
    const auto session = hsm::client::Session::connect(endpoint, psk, hsm::client::after(patience));
    return session || session.error() != hsm::Status::handshake_failed;
}

// The certificates that the time-stamping authority's may end in; empty when none is named, nothing
// when they cannot be read.
std::optional<std::string> timestamp_authorities(const Config::Timestamp& settings) {
    std::ostringstream text;
    if (!settings.url.empty()) {
        std::ifstream file(settings.authorities, std::ios::binary);
        if (!file || !(text << file.rdbuf())) {
            return std::nullopt;
        }
    }
    return text.str();
}

}  // namespace

hsm::Result<std::unique_ptr<App>, std::string> App::create(const Config& config) {
    const auto say = [](const cloudsign::Error& error) { return error.detail; };
    TRY_ASSIGN(auto links, link_settings(config));
    TRY_ASSIGN(auto providers, provider_settings(config));
    auto timestamps = timestamp_authorities(config.timestamp);
    if (!timestamps) {
        return config.timestamp.authorities.string() + ": cannot be read, or is empty";
    }
    cloudsign::store::DatabaseOptions database_options;
    // The pools, the I/O thread, the housekeeper and the sender of webhooks.
    database_options.readers = config.pool_threads + password_threads + job_threads + 3;
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
                                     std::move(links),
                                     std::move(providers),
                                     *std::move(timestamps),
                                     *key));
    if (const auto loaded = app->async_requests_.load(); !loaded) {
        return say(loaded.error());
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
         std::vector<hsm::client::LinkSettings> links,
         const std::vector<hub::ProviderSettings>& providers,
         std::string timestamp_authorities,
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
      refresh_tokens_(*database_, clock_, *revocations_),
      logins_(clock_),
      application_logins_(*database_, clock_, logins_),
      authenticator_(*database_, clock_, clients_, logins_, assertion_audiences(config)),
      dpop_(clock_),
      authorization_(authenticator_, *tokens_, codes_, refresh_tokens_, *revocations_, dpop_),
      ssl2_(clock_),
      transactions_(*database_,
                    modules_,
                    clock_,
                    {config.answer_time.count() * 1000, config.sign_time.count() * 1000},
                    ticket_key),
      async_requests_(*database_, transactions_, clock_),
      approvals_(*database_, modules_, clock_, transactions_),
      credentials_(*database_, modules_, clock_, transactions_, approvals_),
      signing_jobs_(*database_, transactions_, clients_, clock_),
      webhooks_(*database_, clock_, webhook_schedule(config)),
      webhook_key_(std::move(webhook_key)),
      known_secrets_(clock_),
      hub_(providers, outbound_),
      audit_(modules_, config.data / "audit"),
      timestamps_(config.timestamp.url.empty()
                      ? nullptr
                      : std::make_unique<api::TimestampAuthority>(
                            config.timestamp.url,
                            std::move(timestamp_authorities),
                            [this](const std::string& url, const cloudsign::Bytes& query) {
                                return post_timestamp_query(url, query);
                            })),
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
               authorization_,
               ssl2_,
               transactions_,
               async_requests_,
               approvals_,
               credentials_,
               signing_jobs_,
               webhooks_,
               webhook_key_,
               known_secrets_,
               hub_,
               signals_,
               audit_,
               metrics_,
               {config.url_of(config.api_host),
                config.url_of(config.approve_host),
                mtls_url(config),
                config.url_of(config.login_host)},
               config.csc,
               timestamps_.get(),
               config.hold_time,
               [this] { return reload(); }},
      host_names_(host_names(config)),
      router_(api::routes(), host_names_),
      fibers_(io_.get_executor(), config.requests_max),
      pool_(config.pool_threads, config.requests_max),
      passwords_(password_threads, password_queue),
      jobs_(job_threads, job_queue),
      webhook_sender_(webhooks_,
                      *database_,
                      webhook_key_,
                      clock_,
                      outbound_,
                      {config.webhook_deadline, config.webhook_ca.string()}),
      service_{router_,
               context_,
               api::check_guard,
               fibers_,
               pool_,
               passwords_,
               net::Deadlines{},
               [this](const net::AccessRecord& record) {
                   metrics_.count(record);
                   log_access(record);
               }},
      stop_signals_(io_),
      hang_ups_(io_, SIGHUP),
      modules_patience_(io_) {
    transactions_.on_change([this](const std::string& id) {
        signals_.changed(id);
        async_requests_.changed(id);
        signing_jobs_.changed(id);
        webhooks_.wake();
    });
    webhooks_.on_due([this] { webhook_sender_.wake(); });
    signing_jobs_.on_work(
        [this](std::function<void()> work) { return jobs_.submit(std::move(work)); });
    async_requests_.on_ready([this](const std::string& id) { run_async(id); });
    async_requests_.on_finish(
        [this](cloudsign::store::Session& session,
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
        },
        [this] { webhooks_.wake(); });
}

// The operator named the authority: its answers are signed, and it may be a neighbour.
hsm::Result<cloudsign::Bytes, std::string> App::post_timestamp_query(
    const std::string& url, const cloudsign::Bytes& query) {
    push::OutboundRequest request;
    request.url = url;
    request.headers = {"Content-Type: application/timestamp-query"};
    request.body = std::string(hsm::text_of(query));
    request.private_addresses = true;
    request.plain_http = true;
    TRY_ASSIGN(auto answer, outbound_.call(std::move(request)));
    constexpr unsigned ok = 200;
    if (answer.status != ok) {
        return "the time-stamping authority answered HTTP " + std::to_string(answer.status);
    }
    const auto body = hsm::view_of(answer.body);
    return cloudsign::Bytes(body.begin(), body.end());
}

// On a fiber, as a portal's own signHash would; from whatever thread.
void App::run_async(const std::string& transaction_id) {
    boost::asio::post(io_, [this, transaction_id] {
        // Too much at once: run_due() comes back to it.
        static_cast<void>(
            fibers_.start([this, transaction_id] { async_requests_.run(transaction_id); }));
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
}

void App::start_jobs() {
    webhook_sender_.start([this](const cloudsign::store::Webhook& webhook) {
        return api::qd769::webhook_body(context_, webhook);
    });
    if (const auto resumed = signing_jobs_.resume(); !resumed) {
        spdlog::error("signing jobs: {}", resumed.error().detail);
    }
}

// What is cut off here is taken up by the next start.
void App::stop_jobs() {
    jobs_.join();
    outbound_.stop();
    webhook_sender_.stop();
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
    where.connections_max = std::min(where.connections_max, files_for_connections());
    TRY_ASSIGN(tcp_, net::Listener::open_tcp(io_, where, *tls_, service_));
    std::error_code error;
    std::filesystem::create_directories(config_.data / "run", error);
    const net::Listener::Local local{(config_.data / "run" / "admin.sock").string(), ::getuid()};
    TRY_ASSIGN(admin_, net::Listener::open_local(io_, local, service_));
    return {};
}

void App::run() {
    stop_signals_.add(SIGTERM);
    stop_signals_.add(SIGINT);
    stop_signals_.async_wait([this](const boost::system::error_code& error, int) {
        if (!error) {
            begin_stop();
        }
    });
    await_hang_up();
    start_jobs();
    housekeeper_ = std::thread([this] { keep_house(); });
    tcp_->start();
    admin_->start();
    spdlog::info("serving on port {}", port());
    io_.run();
    // Handlers whose peer was cut off finish for nobody.
    while (fibers_.running() > 0) {
        io_.restart();
        io_.run_one();
    }
    spdlog::info("stopped");
}

void App::await_hang_up() {
    hang_ups_.async_wait([this](const boost::system::error_code& error, int) {
        if (error) {
            return;
        }
        const bool taken = pool_.submit([this] {
            if (const auto reloaded = reload(); !reloaded) {
                spdlog::error("nothing reloaded: {}", reloaded.error());
            }
        });
        if (!taken) {
            spdlog::error("nothing reloaded: too much at once; send SIGHUP again");
        }
        await_hang_up();
    });
}

hsm::Result<void, std::string> App::reload_tls(const Config& config) {
    std::promise<hsm::Result<void, std::string>> done;
    boost::asio::post(io_, [&] {
        done.set_value(tls_->reload(config.tls_certificate.string(), config.tls_key.string()));
    });
    return done.get_future().get();
}

hsm::Result<std::vector<std::string>, std::string> App::reload() {
    const std::lock_guard lock(reload_mutex_);
    TRY_ASSIGN(auto fresh, config::load_config(config_.data));
    auto later = config::changes_for_restart(config_, fresh);
    TRY_ASSIGN(auto links, link_settings(fresh));
    const bool same_modules = links.size() == modules_.size();
    for (std::size_t i = 0; same_modules && i < links.size(); ++i) {
        if (!takes(config_.modules[i].endpoint, links[i].psk)) {
            return hsm::client::text_of(config_.modules[i].endpoint) + " does not take the key " +
                   fresh.modules[i].psk.string() + "; tell the module first";
        }
    }
    TRY(reload_tls(fresh));
    for (std::size_t i = 0; same_modules && i < links.size(); ++i) {
        modules_.use(i, std::move(links[i].psk));
    }
    for (const auto& key : later) {
        spdlog::warn("{} has changed, and takes effect at the next start", key);
    }
    spdlog::info("certificate and pre-shared keys are read again");
    return later;
}

void App::begin_stop() {
    spdlog::info("stopping: requests in flight are answered");
    hang_ups_.cancel();
    listeners_stopping_ = 2;
    const auto one_less = [this] {
        if (--listeners_stopping_ == 0) {
            io_.stop();
        }
    };
    tcp_->stop(one_less);
    admin_->stop(one_less);
    // What a module has not answered by then is refused, so that every request has its answer
    // before the sessions are cut (Deadlines::drain).
    modules_patience_.expires_after(net::Deadlines{}.drain / 2);
    modules_patience_.async_wait([this](const boost::system::error_code& error) {
        if (!error) {
            outbound_.stop();
            static_cast<void>(pool_.submit([this] { modules_.stop(hsm::client::after({})); }));
        }
    });
}

// Once a second: ends what has run out of time, sees modules come back, keeps their logs exported.
void App::keep_house() {
    unsigned turn = 0;
    constexpr unsigned export_every = 5;
    constexpr unsigned forget_every = 60;
    while (true) {
        look_at_modules();
        if (database_->counters().failing) {
            // Nobody writes while /healthz sends them elsewhere: this finds out when it is over.
            static_cast<void>(database_->write([](cloudsign::store::Session& session) {
                return cloudsign::store::SettingTable(session).put("last_probe", "");
            }));
        }
        if (const auto swept = transactions_.sweep(); !swept) {
            spdlog::warn("expiry: {}", swept.error().detail);
        }
        signing_jobs_.retry();
        if (const auto ran = async_requests_.run_due(); !ran) {
            spdlog::warn("asynchronous requests: {}", ran.error().detail);
        }
        if (turn++ % export_every == 0) {
            if (const auto kept = audit_.keep(); !kept) {
                spdlog::warn("audit export: {}", kept.error().detail);
            }
        }
        if (turn % forget_every == 0) {
            if (const auto forgotten = revocations_->sweep(); !forgotten) {
                spdlog::warn("expired tokens: {}", forgotten.error().detail);
            }
        }
        std::unique_lock lock(stopping_mutex_);
        if (stopping_changed_.wait_for(lock, std::chrono::seconds(1), [&] { return stopping_; })) {
            return;
        }
    }
}

// A module that answers with another boot counter has forgotten every open activation.
void App::look_at_modules() {
    const auto members = modules_.members();
    metrics_.set_modules(modules_.size(), modules_.operational());
    bool restarted = false;
    for (const auto& member : members) {
        if (member.state != hsm::protocol::State::operational) {
            continue;
        }
        auto& known = boot_counters_[member.module_id];
        restarted = restarted || known != member.boot_counter;
        known = member.boot_counter;
    }
    if (!restarted) {
        return;
    }
    spdlog::info("a module has started: open transactions are looked at");
    const auto resumed = transactions_.resume();
    const auto completed = approvals_.resume();
    if (!resumed || !completed) {
        boot_counters_.clear();  // again in a second
        spdlog::warn("resume: {}", (resumed ? completed.error() : resumed.error()).detail);
    }
}

}  // namespace server::app
