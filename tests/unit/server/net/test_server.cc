#include "tests/unit/server/net/test_server.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <stdexcept>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "hsm/base/check.h"

namespace server::net {
namespace {

using api::Context;
using http::Execution;
using http::Guard;
using http::Host;
using http::Method;
using http::Outcome;
using http::PathParameters;
using http::Request;
using http::Response;

Outcome health(Context&, const Request&, const PathParameters&) {
    return http::json_text(200, R"({"status":"ok"})");
}

Outcome echo(Context&, const Request& request, const PathParameters&) {
    Response response;
    response.content_type = "text/plain";
    response.body = request.body;
    return response;
}

Outcome thing(Context&, const Request& request, const PathParameters& parameters) {
    const std::string who = request.principal ? request.principal->name : "nobody";
    return http::json_text(
        200, R"({"id":")" + std::string(parameters.id) + R"(","who":")" + who + R"("})");
}

Outcome throws(Context&, const Request&, const PathParameters&) {
    throw std::runtime_error("thrown by a test");
}

Outcome splits(Context&, const Request& request, const PathParameters&) {
    return http::no_content().with("Location", request.query + "\r\nInjected: yes");
}

Outcome slow(Context& context, const Request&, const PathParameters&) {
    ++context.in_slow;
    eventually([&] { return context.release_slow.load(); });
    --context.in_slow;
    return http::json_text(200, R"({"slow":true})");
}

Outcome parks(Context& context, const Request&, const PathParameters&) {
    ++context.parked;
    context.unpark.wait();
    return http::json_text(200, R"({"parked":true})");
}

Outcome held(Context& context, const Request&, const PathParameters&) {
    const std::uint64_t seen = context.signal->generation();
    http::Hold hold;
    hold.signal = context.signal;
    hold.seen = seen;
    hold.deadline = std::chrono::steady_clock::now() + context.hold_limit;
    hold.resume = [&context](http::Wake wake) -> Outcome {
        ++context.resumed;
        constexpr std::array<const char*, 3> names{"notified", "deadline", "stopping"};
        return http::json_text(200, names.at(static_cast<std::size_t>(wake)));
    };
    ++context.held;
    return hold;
}

Outcome continues(Context& context, const Request& request, const PathParameters&) {
    const auto here = std::this_thread::get_id();
    return http::Continue{[&context, &request, here]() -> Outcome {
        if (request.body == "throw") {
            throw std::runtime_error("thrown by a test, later on");
        }
        if (request.body == "hold") {
            return held(context, request, {});
        }
        const bool elsewhere = std::this_thread::get_id() != here;
        return http::json_text(200, elsewhere ? "elsewhere" : "here");
    }};
}

Outcome big(Context&, const Request&, const PathParameters&) {
    Response response;
    response.content_type = "text/plain";
    response.body.assign(3'000'000, 'x');
    return response;
}

Outcome held_twice(Context& context, const Request& request, const PathParameters& parameters) {
    Outcome outcome = held(context, request, parameters);
    auto& hold = std::get<http::Hold>(outcome);
    hold.resume = [&context, request, parameters](http::Wake) {
        return held(context, request, parameters);
    };
    return outcome;
}

// Counts itself out when the stream lets go of its signal.
Outcome events(Context& context, const Request&, const PathParameters&) {
    struct Counted {
        explicit Counted(Context& where) : owner(where), signal(where.signal) { ++owner.streams; }
        ~Counted() { --owner.streams; }
        Context& owner;
        std::shared_ptr<http::Signal> signal;
    };
    auto counted = std::make_shared<Counted>(context);
    http::EventStream stream;
    stream.signal = std::shared_ptr<http::Signal>(counted, counted->signal.get());
    stream.event = context.event;
    stream.revoked = context.revoked;
    stream.until = std::chrono::steady_clock::now() + context.hold_limit;
    return stream;
}

constexpr std::array<http::Route, 18> routes{{
    {Method::get, Host::any, "/healthz", Guard::open, 0, Execution::inline_, health},
    {Method::post, Host::api, "/echo", Guard::open, 100'000, Execution::pool, echo},
    {Method::post, Host::api, "/large", Guard::open, 4 * 1024 * 1024, Execution::pool, echo},
    {Method::post, Host::api, "/guarded", Guard::client, 4 * 1024 * 1024, Execution::pool, echo},
    {Method::post, Host::api, "/echo-inline", Guard::open, 100'000, Execution::inline_, echo},
    {Method::get, Host::api, "/things/{id}", Guard::client, 0, Execution::fiber, thing},
    {Method::get, Host::api, "/throws", Guard::open, 0, Execution::fiber, throws},
    {Method::get, Host::api, "/splits", Guard::open, 0, Execution::inline_, splits},
    {Method::get, Host::api, "/slow", Guard::open, 0, Execution::pool, slow},
    {Method::get, Host::api, "/parks", Guard::open, 0, Execution::fiber, parks},
    {Method::post, Host::api, "/continues", Guard::open, 1000, Execution::held, continues},
    {Method::get, Host::api, "/big", Guard::open, 0, Execution::pool, big},
    {Method::post, Host::api, "/held", Guard::open, 1000, Execution::held, held},
    {Method::post, Host::api, "/held-twice", Guard::open, 1000, Execution::held, held_twice},
    {Method::get, Host::api, "/undeclared-hold", Guard::open, 0, Execution::pool, held},
    {Method::get, Host::api, "/events", Guard::open, 0, Execution::held, events},
    {Method::get, Host::api, "/undeclared-events", Guard::open, 0, Execution::fiber, events},
    {Method::get, Host::any, "/local", Guard::local, 0, Execution::pool, health},
}};

const std::array<http::HostName, 1> hosts{{{"api.localhost", Host::api}}};

std::optional<Response> check(Context& context, Guard guard, Request& request) {
    ++context.guard_calls;
    if (guard != Guard::client) {
        return std::nullopt;
    }
    if (const auto token = request.bearer()) {
        request.principal =
            std::make_shared<const api::Principal>(api::Principal{std::string(*token)});
        return std::nullopt;
    }
    return http::error(401, "invalid_token", "no token").with("WWW-Authenticate", "Bearer");
}

std::string make_folder() {
    const char* parent = std::filesystem::is_directory("/dev/shm") ? "/dev/shm" : "/tmp";
    std::string name = std::string(parent) + "/kyso-net-XXXXXX";
    CHECK(::mkdtemp(name.data()) != nullptr);
    return name;
}

}  // namespace

TestFolder::TestFolder() : root_(make_folder()) {}

TestFolder::~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

void write_certificate(const std::string& certificate_path,
                       const std::string& key_path,
                       const std::string& common_name) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name,
                               "CN",
                               MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()),
                               -1,
                               -1,
                               0);
    X509_set_issuer_name(certificate, name);
    CHECK(X509_sign(certificate, key, EVP_sha256()) > 0);
    std::FILE* file = std::fopen(certificate_path.c_str(), "w");
    CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1);
    std::fclose(file);
    file = std::fopen(key_path.c_str(), "w");
    CHECK(file != nullptr &&
          PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

TestServer::TestServer(const Options& options)
    : work_(io_.get_executor()),
      fibers_(io_.get_executor(), options.fibers_max),
      pool_(options.pool_threads, options.pool_queue),
      bodies_(options.bodies_max),
      router_(routes, hosts),
      service_{router_,
               context,
               check,
               fibers_,
               pool_,
               pool_,
               bodies_,
               options.deadlines,
               {},
               options.trusted_proxies} {
    service_.access_log = [this](const AccessRecord& record) {
        log_.push_back(
            {std::string(record.path), record.status, record.route, std::string(record.peer)});
    };
    write_certificate(certificate_path(), key_path(), "first");
    auto loaded = TlsContext::load(certificate_path(), key_path());
    CHECK(loaded.has_value());
    tls = *std::move(loaded);
    Listener::Tcp where;
    where.connections_max = options.connections_max;
    auto tcp = Listener::open_tcp(io_, where, *tls, service_);
    CHECK(tcp.has_value());
    tcp_ = *std::move(tcp);
    Listener::Local local_where{local_path(), ::geteuid()};
    auto local = Listener::open_local(io_, local_where, service_);
    CHECK(local.has_value());
    local_ = *std::move(local);
    tcp_->start();
    local_->start();
    thread_ = std::thread([this] { io_.run(); });
}

TestServer::~TestServer() {
    context.release_slow = true;
    if (stopped_.load() == 0) {
        stop();
    }
    eventually([&] { return stopped(); });
    pool_.join();
    work_.reset();
    io_.stop();
    thread_.join();
}

void TestServer::on_io(const std::function<void()>& work) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
        work();
        done.set_value();
    });
    done.get_future().wait();
}

void TestServer::stop() {
    on_io([this] {
        tcp_->stop([this] { ++stopped_; });
        local_->stop([this] { ++stopped_; });
    });
}

std::vector<Logged> TestServer::logged(std::size_t count) {
    std::vector<Logged> copy;
    eventually([&] {
        on_io([&] { copy = log_; });
        return copy.size() >= count;
    });
    return copy;
}

Listener::Counters TestServer::counters() {
    Listener::Counters copy;
    on_io([&] { copy = tcp_->counters(); });
    return copy;
}

bool eventually(const std::function<bool()>& condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

}  // namespace server::net
