#pragma once

#include <memory>

namespace hsm::sync {

// Who waits: a thread, or a fiber that shares its thread with others. A call that must wait for
// another thread parks its caller and need not know which of the two that is.
class Parker : public std::enable_shared_from_this<Parker> {
public:
    Parker() = default;
    Parker(const Parker&) = delete;
    Parker& operator=(const Parker&) = delete;
    virtual ~Parker() = default;

    // Returns after an unpark() that no earlier park() has used up, or for no reason at all: the
    // caller looks again at what it waits for. Called by the one who parks only.
    virtual void park() = 0;

    // Any thread. Does not block.
    virtual void unpark() = 0;

    // The fiber that runs on this thread, else the thread itself.
    static Parker& current();
};

// Makes `parker` the current one of this thread as long as it lives: for a scheduler of fibers,
// around each stretch that a fiber runs.
class CurrentParker {
public:
    explicit CurrentParker(Parker& parker);
    ~CurrentParker();
    CurrentParker(const CurrentParker&) = delete;
    CurrentParker& operator=(const CurrentParker&) = delete;

private:
    Parker* before_;
};

}  // namespace hsm::sync
