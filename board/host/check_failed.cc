#include <cstdlib>

#include "board/host/log.h"
#include "board/host/process.h"
#include "hsm/base/check.h"
#include "hsm/base/zeroize.h"

namespace board::host {
namespace {

std::array<hsm::MutableBytes, 4> to_wipe;
std::size_t to_wipe_count = 0;

}  // namespace

void wipe_on_broken_invariant(hsm::MutableBytes memory) {
    CHECK(to_wipe_count < to_wipe.size());
    to_wipe[to_wipe_count++] = memory;
}

}  // namespace board::host

namespace hsm::base {

void check_failed(const char* condition, const char* file, int line) {
    for (const auto& memory : board::host::to_wipe) {
        zeroize(memory);
    }
    board::host::LogLine(board::host::LogLevel::error, "broken invariant")
        .text("condition", condition)
        .text("file", file)
        .number("line", line);
    std::abort();
}

}  // namespace hsm::base
