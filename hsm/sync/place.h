#pragma once

#include <atomic>

namespace hsm::sync {

// Counts one in while it lives: of so many at once, this is the number()-th.
class Place {
public:
    explicit Place(std::atomic<unsigned>& taken) : taken_(taken), number_(++taken) {}
    ~Place() { --taken_; }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    unsigned number() const { return number_; }

private:
    std::atomic<unsigned>& taken_;
    const unsigned number_;
};

}  // namespace hsm::sync
