#include "hsm/base/zeroize.h"

namespace hsm::base {

void zeroize(MutableBytes bytes) {
    volatile Byte* at = bytes.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        at[i] = 0;
    }
    // The stores are volatile, so they happen; the fence keeps later reads behind them.
    __asm__ __volatile__("" : : "r"(bytes.data()) : "memory");
}

}  // namespace hsm::base
