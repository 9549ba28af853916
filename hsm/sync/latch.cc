#include "hsm/sync/latch.h"

namespace hsm::sync {

Latch::Latch(std::size_t count) : left_(count), waiter_(nullptr) {
    if (count == 0) {
        waiter_ = this;
    }
}

void Latch::count_down() {
    if (left_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        open();
    }
}

// The exchange is the last touch of the latch, and from it on the waiter may be gone too: so it is
// held before.
void Latch::open() {
    std::shared_ptr<Parker> parked;
    void* seen = waiter_.load(std::memory_order_acquire);
    do {
        parked = seen == nullptr ? nullptr : static_cast<Parker*>(seen)->shared_from_this();
    } while (!waiter_.compare_exchange_weak(
        seen, this, std::memory_order_acq_rel, std::memory_order_acquire));
    if (parked) {
        parked->unpark();
    }
}

void Latch::wait() {
    auto& parker = Parker::current();
    void* nobody = nullptr;
    if (!waiter_.compare_exchange_strong(
            nobody, &parker, std::memory_order_acq_rel, std::memory_order_acquire)) {
        return;  // open already
    }
    while (waiter_.load(std::memory_order_acquire) != this) {
        parker.park();
    }
}

}  // namespace hsm::sync
