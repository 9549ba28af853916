#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace server::net {

// Tells the sanitizers that a thread goes over to another stack, which they would take for an
// overflow or a race. Does nothing in a build without them. For one fiber; each call stands on the
// side of the switch that it names.
class StackSwitch {
public:
    StackSwitch(const void* bottom, std::size_t size) : bottom_(bottom), size_(size) {
#if defined(__SANITIZE_THREAD__)
        fiber_ = __tsan_create_fiber(0);
#endif
    }
    StackSwitch(const StackSwitch&) = delete;
    StackSwitch& operator=(const StackSwitch&) = delete;
    ~StackSwitch() {
#if defined(__SANITIZE_THREAD__)
        __tsan_destroy_fiber(fiber_);
#endif
    }

    void before_fiber() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(&caller_frames_, bottom_, size_);
#endif
#if defined(__SANITIZE_THREAD__)
        caller_ = __tsan_get_current_fiber();
        __tsan_switch_to_fiber(fiber_, 0);
#endif
    }

    void in_fiber() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(fiber_frames_, &caller_bottom_, &caller_size_);
#endif
    }

    enum class Leave { to_return, for_good };
    void before_caller([[maybe_unused]] Leave leave) {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(
            leave == Leave::for_good ? nullptr : &fiber_frames_, caller_bottom_, caller_size_);
#endif
#if defined(__SANITIZE_THREAD__)
        __tsan_switch_to_fiber(caller_, 0);
#endif
    }

    void in_caller() {
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_finish_switch_fiber(caller_frames_, nullptr, nullptr);
#endif
    }

private:
    [[maybe_unused]] const void* const bottom_;
    [[maybe_unused]] const std::size_t size_;
#if defined(__SANITIZE_ADDRESS__)
    void* caller_frames_ = nullptr;
    void* fiber_frames_ = nullptr;
    const void* caller_bottom_ = nullptr;
    std::size_t caller_size_ = 0;
#endif
#if defined(__SANITIZE_THREAD__)
    void* fiber_ = nullptr;
    void* caller_ = nullptr;
#endif
};

}  // namespace server::net
