#include <csignal>
#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>

#include "cloudsign/store/enclosure_table.h"
#include "cloudsign/store/setting_table.h"
#include "server/api/qd769/calls.h"
#include "server/app/app.h"

// What the parts do while they run: start, work beside the requests, stop.
namespace server::app {

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
    if (plain_) {
        plain_->start();
    }
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

void App::start_jobs() {
    webhook_sender_.start([this](const cloudsign::store::Webhook& webhook) {
        return api::qd769::webhook_body(context_, webhook);
    });
    push_sender_.start();
    mail_sender_.start();
    document_raiser_.start();
    if (certificate_asker_) {
        certificate_asker_->start();
    }
    if (const auto resumed = signing_jobs_.resume(); !resumed) {
        spdlog::error("signing jobs: {}", resumed.error().detail);
    }
}

// What is cut off here is taken up by the next start.
void App::stop_jobs() {
    jobs_.join();
    outbound_.stop();
    webhook_sender_.stop();
    push_sender_.stop();
    mail_sender_.stop();
    document_raiser_.stop();
    if (outside_) {
        outside_->stop();
        certificate_asker_->stop();
    }
}

// On a fiber, as a portal's own signHash would; from whatever thread.
void App::run_async(const std::string& transaction_id) {
    boost::asio::post(io_, [this, transaction_id] {
        // Too much at once: run_due() comes back to it.
        static_cast<void>(
            fibers_.start([this, transaction_id] { async_requests_.run(transaction_id); }));
    });
}

void App::begin_stop() {
    spdlog::info("stopping: requests in flight are answered");
    hang_ups_.cancel();
    listeners_stopping_ = plain_ ? 3 : 2;
    const auto one_less = [this] {
        if (--listeners_stopping_ == 0) {
            io_.stop();
        }
    };
    tcp_->stop(one_less);
    if (plain_) {
        plain_->stop(one_less);
    }
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
        if (const auto kept = status_.keep(); !kept) {
            spdlog::warn("revocation list and status answers: {}", kept.error().detail);
        }
        if (turn++ % export_every == 0) {
            if (const auto stock = raisings_.stock()) {
                metrics_.set_raising(*stock, clock_.now_ms());
            }
            if (const auto stock = preparations_.stock()) {
                metrics_.set_preparations(*stock);
            }
            approvals_.retry();
            if (const auto kept = audit_.keep(); !kept) {
                spdlog::warn("audit export: {}", kept.error().detail);
            }
        }
        if (turn % forget_every == 0) {
            if (const auto forgotten = revocations_->sweep(); !forgotten) {
                spdlog::warn("expired tokens: {}", forgotten.error().detail);
            }
        }
        if (turn % forget_every == 0) {
            const auto erased = database_->write([](cloudsign::store::Session& session) {
                return cloudsign::store::EnclosureTable(session).erase_finished();
            });
            if (!erased) {
                spdlog::warn("documents of what is over: {}", erased.error().detail);
            }
            if (const auto reminded = credentials_.remind(); !reminded) {
                spdlog::warn("reminders of certificates that end: {}", reminded.error().detail);
            }
            if (const auto swept = raisings_.sweep(); !swept) {
                spdlog::warn("documents that were raised: {}", swept.error().detail);
            }
            if (const auto swept = preparations_.sweep(); !swept) {
                spdlog::warn("documents that were prepared: {}", swept.error().detail);
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
    reseal_keys(members);
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

// Once all of the group hold the same KEK: a key that is sealed anew opens at no other member
// before.
void App::reseal_keys(const std::vector<cloudsign::ModuleInfo>& members) {
    constexpr std::chrono::milliseconds at_once{2000};
    const auto epoch = cloudsign::credential::agreed_epoch(members, modules_.size());
    if (epoch == 0) {
        return;
    }
    if (const auto resealed = resealing_.run_due(epoch, at_once); !resealed) {
        spdlog::warn("keys under the KEK of epoch {}: {}", epoch, resealed.error().detail);
    }
}

}  // namespace server::app
