#include <atomic>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/module_process.h"

namespace {

using hsm::client::Link;
using hsm::client::LinkSettings;
using hsm::protocol::GetInfoRequest;
using hsm::protocol::Role;
using namespace std::chrono_literals;

double own_cpu_us() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

double cpu_us_of(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/schedstat");
    double nanoseconds = 0;
    in >> nanoseconds;
    return nanoseconds / 1000;
}

TEST(LinkBench, CpuOfARoundTrip) {
    tests::support::ScratchFolder folder;
    tests::support::ProcessGroup group(folder.path(), tests::support::TokenKind::psa);
    auto& module = group[0];
    LinkSettings settings;
    settings.endpoint = module.endpoint();
    settings.psk = module.psk(Role::server);
    settings.queue_size_max = 100'000;
    Link link(std::move(settings));
    ASSERT_TRUE(link.call(GetInfoRequest{}, hsm::client::after(10s)));
    constexpr int calls = 20'000;

    std::atomic<int> done = 0;
    const auto host_start = own_cpu_us();
    const auto module_start = cpu_us_of(module.pid());
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) {
        link.submit(GetInfoRequest{}, hsm::client::after(60s), [&](auto reply) {
            ASSERT_TRUE(reply);
            ++done;
            done.notify_one();
        });
    }
    for (int seen = done; seen < calls; seen = done) {
        done.wait(seen);
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    const auto host = (own_cpu_us() - host_start) / calls;
    const auto module_cpu = (cpu_us_of(module.pid()) - module_start) / calls;
    std::printf("pipelined: %.1f us CPU a call (host %.1f, module %.1f), %.1f us wall\n",
                host + module_cpu,
                host,
                module_cpu,
                took.count() / calls);

    constexpr int single = 2'000;
    const auto single_start = std::chrono::steady_clock::now();
    const auto single_cpu = own_cpu_us() + cpu_us_of(module.pid());
    for (int i = 0; i < single; ++i) {
        ASSERT_TRUE(link.call(GetInfoRequest{}, hsm::client::after(10s)));
    }
    const std::chrono::duration<double, std::micro> single_took =
        std::chrono::steady_clock::now() - single_start;
    std::printf("one by one: %.1f us CPU a call, %.1f us wall\n",
                (own_cpu_us() + cpu_us_of(module.pid()) - single_cpu) / single,
                single_took.count() / single);
    // Far above what any build without sanitizers takes; ci/bench judges the figures.
    EXPECT_LT(host + module_cpu, 2000);
}

}  // namespace
