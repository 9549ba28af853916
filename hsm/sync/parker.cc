#include "hsm/sync/parker.h"

#include <condition_variable>
#include <mutex>

namespace hsm::sync {
namespace {

// Not a std::binary_semaphore: libstdc++ 12 yields the processor many times before it sleeps.
class ThreadParker final : public Parker {
public:
    void park() override {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return permitted_; });
        permitted_ = false;
    }

    void unpark() override {
        {
            const std::lock_guard lock(mutex_);
            permitted_ = true;
        }
        changed_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool permitted_ = false;
};

thread_local Parker* running_fiber = nullptr;

}  // namespace

Parker& Parker::current() {
    if (running_fiber != nullptr) {
        return *running_fiber;
    }
    // Shared, because whoever unparks may come a moment after this thread has ended.
    thread_local const auto own = std::make_shared<ThreadParker>();
    return *own;
}

CurrentParker::CurrentParker(Parker& parker) : before_(running_fiber) {
    running_fiber = &parker;
}

CurrentParker::~CurrentParker() {
    running_fiber = before_;
}

}  // namespace hsm::sync
