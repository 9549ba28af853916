#include "board/cortex_m/core_vectors.h"
#include "board/cortex_m/stack_guard.h"

// The loader enables no interrupt: a table of the core's vectors, and no handler of a driver.
namespace board::cortex_m {
namespace {

[[gnu::section(".vectors"), gnu::used]] constexpr CoreVectors vectors = {
    .nmi = fault_handler,
    .systick = unexpected_interrupt,
};

}  // namespace
}  // namespace board::cortex_m
