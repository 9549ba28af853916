#include "server/app/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace server::app {
namespace {

// From the cheapest answer to a request that is held for the phone.
const prometheus::Histogram::BucketBoundaries seconds = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15, 60};

// Routes that no row matched share one label, so that a caller cannot make up series.
std::string label_of(const http::Route* route) {
    return route == nullptr ? "none" : std::string(route->path);
}

}  // namespace

Metrics::Metrics() : registry_(std::make_shared<prometheus::Registry>()) {}
Metrics::~Metrics() = default;

void Metrics::count(const net::AccessRecord& record) {
    auto& counter = requests_[{record.route, record.status}];
    if (counter == nullptr) {
        counter = &prometheus::BuildCounter()
                       .Name("kyso_http_requests_total")
                       .Help("Answered requests")
                       .Register(*registry_)
                       .Add({{"route", label_of(record.route)},
                             {"status", std::to_string(record.status)}});
    }
    counter->Increment();
    auto& duration = durations_[record.route];
    if (duration == nullptr) {
        duration = &prometheus::BuildHistogram()
                        .Name("kyso_http_request_seconds")
                        .Help("From the end of the header to the end of the answer")
                        .Register(*registry_)
                        .Add({{"route", label_of(record.route)}}, seconds);
    }
    duration->Observe(static_cast<double>(record.duration.count()) / 1e6);
}

void Metrics::set_modules(std::size_t configured, std::size_t operational) {
    modules_configured_ = configured;
    modules_operational_ = operational;
    auto& family = prometheus::BuildGauge()
                       .Name("kyso_modules")
                       .Help("Modules of the group")
                       .Register(*registry_);
    family.Add({{"state", "configured"}}).Set(static_cast<double>(configured));
    family.Add({{"state", "operational"}}).Set(static_cast<double>(operational));
}

void Metrics::set_gauge(const char* name, const char* help, double value) {
    prometheus::BuildGauge().Name(name).Help(help).Register(*registry_).Add({}).Set(value);
}

void Metrics::set_raising(const cloudsign::store::RaisingStock& stock, std::int64_t now_ms) {
    constexpr double second = 1000;
    set_gauge("kyso_raising_documents",
              "Signed documents below the level that was asked for",
              static_cast<double>(stock.raising));
    set_gauge("kyso_raising_oldest_seconds",
              "How long the oldest of them has waited",
              stock.oldest_since ? static_cast<double>(now_ms - *stock.oldest_since) / second : 0);
    set_gauge("kyso_raising_kept_bytes",
              "Size of all documents that are kept, those that wait to be fetched among them",
              static_cast<double>(stock.bytes));
}

void Metrics::set_preparations(const cloudsign::store::PreparationStock& stock) {
    set_gauge("kyso_prepared_documents",
              "Documents that wait for the signature that they were prepared for",
              static_cast<double>(stock.open));
    set_gauge("kyso_prepared_kept_bytes",
              "Size of all documents that are kept, those that were just signed among them",
              static_cast<double>(stock.bytes));
}

std::string Metrics::text() const {
    return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace server::app
