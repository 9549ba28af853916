#include "server/net/fibers.h"

#include <atomic>
#include <exception>
#include <spdlog/spdlog.h>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/context/fiber.hpp>
#include <boost/context/preallocated.hpp>
#include <boost/context/protected_fixedsize_stack.hpp>

#include "hsm/base/check.h"
#include "hsm/sync/parker.h"
#include "server/net/stack_switch.h"

namespace server::net {
namespace {

namespace asio = boost::asio;
namespace context = boost::context;

// Address space; what is resident is what was touched, some 24 KB. Below lies a guard page.
constexpr std::size_t stack_size = 256 * 1024;
constexpr std::size_t idle_max = 64;

void run_and_log(std::function<void()>& work) {
    try {
        work();
    } catch (const std::exception& error) {
        spdlog::error("work on a fiber threw: {}", error.what());
    } catch (...) {
        spdlog::error("work on a fiber threw something unknown");
    }
    work = nullptr;
}

class Stack {
public:
    Stack() : memory_(allocator_.allocate()) {}

    const void* bottom() const { return static_cast<const char*>(memory_.sp) - memory_.size; }
    std::size_t size() const { return memory_.size; }
    // The fiber frees the memory.
    template <class Body>
    context::fiber run(Body body) {
        const context::preallocated place(memory_.sp, memory_.size, memory_);
        return {std::allocator_arg, place, allocator_, std::move(body)};
    }

private:
    context::protected_fixedsize_stack allocator_{stack_size};
    context::stack_context memory_;
};

}  // namespace

class Fibers::Fiber final : public hsm::sync::Parker {
public:
    explicit Fiber(Fibers& owner) : owner_(owner), switch_(stack_.bottom(), stack_.size()) {
        fiber_ = stack_.run([this](context::fiber&& caller) { return live(std::move(caller)); });
    }
    // Ends the loop on its own stack, so that what stands there is destroyed.
    ~Fiber() override {
        ending_ = true;
        resume();
    }

    void begin(std::function<void()> work) {
        work_ = std::move(work);
        alive_ = std::static_pointer_cast<Fiber>(shared_from_this());
    }
    bool ended() const { return !work_; }
    std::shared_ptr<Fiber> end() { return std::exchange(alive_, nullptr); }

    // Until it ends or parks.
    void resume() {
        const hsm::sync::CurrentParker current(*this);
        away_ = false;
        switch_.before_fiber();
        fiber_ = std::move(fiber_).resume();
        switch_.in_caller();
    }

    void park() override {
        if (!permitted_.exchange(false)) {
            leave();
            // Exchanged, to see what was written before each unpark() that it uses up.
            permitted_.exchange(false);
        }
    }

    void unpark() override {
        if (!permitted_.exchange(true)) {
            owner_.wake(std::static_pointer_cast<Fiber>(shared_from_this()));
        }
    }

    // Else it did not have to park after all.
    bool is_to_go_on() const { return away_ && permitted_ && !ended(); }

private:
    context::fiber live(context::fiber&& caller) {
        caller_ = std::move(caller);
        switch_.in_fiber();
        while (!ending_) {
            run_and_log(work_);
            leave();
        }
        switch_.before_caller(StackSwitch::Leave::for_good);
        return std::move(caller_);
    }

    // Back to whoever resumed it; returns when it is resumed again.
    void leave() {
        away_ = true;
        switch_.before_caller(StackSwitch::Leave::to_return);
        caller_ = std::move(caller_).resume();
        switch_.in_fiber();
    }

    Fibers& owner_;
    std::function<void()> work_;
    std::shared_ptr<Fiber> alive_;  // itself, until the work has ended
    Stack stack_;
    StackSwitch switch_;
    context::fiber caller_;
    context::fiber fiber_;
    bool away_ = false;  // its stack is not the one that runs
    bool ending_ = false;
    std::atomic<bool> permitted_{false};
};

Fibers::Fibers(Executor executor, std::size_t running_max)
    : executor_(std::move(executor)), running_max_(running_max) {}

Fibers::~Fibers() {
    CHECK(running_ == 0);
}

bool Fibers::start(std::function<void()> work) {
    if (running_ >= running_max_) {
        return false;
    }
    ++running_;
    std::shared_ptr<Fiber> fiber;
    if (idle_.empty()) {
        fiber = std::make_shared<Fiber>(*this);
    } else {
        fiber = std::move(idle_.back());
        idle_.pop_back();
    }
    fiber->begin(std::move(work));
    run(*fiber);
    return true;
}

void Fibers::wake(std::shared_ptr<Fiber> fiber) {
    bool first = false;
    {
        const std::lock_guard lock(woken_mutex_);
        first = woken_.empty();
        woken_.push_back(std::move(fiber));
    }
    if (first) {
        asio::post(executor_, [this] { run_woken(); });
    }
}

void Fibers::run_woken() {
    {
        const std::lock_guard lock(woken_mutex_);
        being_run_.swap(woken_);
    }
    for (const auto& fiber : being_run_) {
        if (fiber->is_to_go_on()) {
            run(*fiber);
        }
    }
    being_run_.clear();
}

void Fibers::run(Fiber& fiber) {
    fiber.resume();
    if (!fiber.ended()) {
        return;
    }
    --running_;
    auto ended = fiber.end();
    if (idle_.size() < idle_max) {
        idle_.push_back(std::move(ended));
    }
}

}  // namespace server::net
