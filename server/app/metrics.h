#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "cloudsign/store/preparation_table.h"
#include "cloudsign/store/raising_table.h"
#include "server/net/access_record.h"

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
}  // namespace prometheus

namespace server::app {

// What /metrics shows (Prometheus text format 0.0.4).
class Metrics {
public:
    Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;
    ~Metrics();

    // I/O thread only.
    void count(const net::AccessRecord& record);

    // Any thread.
    void set_modules(std::size_t configured, std::size_t operational);
    // How many documents are kept to be raised to their level, and how old the oldest of them is.
    void set_raising(const cloudsign::store::RaisingStock& stock, std::int64_t now_ms);
    // How many documents wait for the signature that they were prepared for.
    void set_preparations(const cloudsign::store::PreparationStock& stock);
    std::size_t modules_configured() const { return modules_configured_; }
    std::size_t modules_operational() const { return modules_operational_; }
    std::string text() const;

private:
    void set_gauge(const char* name, const char* help, double value);

    std::shared_ptr<prometheus::Registry> registry_;
    std::atomic<std::size_t> modules_configured_{0};
    std::atomic<std::size_t> modules_operational_{0};
    std::map<std::pair<const http::Route*, unsigned>, prometheus::Counter*> requests_;
    std::map<const http::Route*, prometheus::Histogram*> durations_;
};

}  // namespace server::app
