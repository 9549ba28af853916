#pragma once

#include <filesystem>
#include <memory>
#include <mutex>

#include "cloudsign/push/vapid_key.h"

namespace cloudsign::push {

// FILE holds the key that new subscriptions are made with, and FILE.former the one before it, for
// those that were made then. Any thread.
class VapidKeys {
public:
    using Pointer = std::shared_ptr<const VapidKey>;

    // Makes the key and its file (mode 0600) at the first start. `unavailable` when a file cannot
    // be read or made, `internal` when it holds no P-256 key.
    static Result<std::unique_ptr<VapidKeys>> open(std::filesystem::path file);

    Pointer current() const;
    // The current or the former one; null for any other.
    Pointer named(std::string_view public_key) const;

    // A fresh key. The one so far becomes the former, and the former is gone: whoever has stolen a
    // key is shut out by the second change. A crash between the two leaves the key so far as the
    // former, and open() makes the fresh one.
    Result<Pointer> rotate();

private:
    VapidKeys(std::filesystem::path file, Pointer current, Pointer former)
        : file_(std::move(file)), current_(std::move(current)), former_(std::move(former)) {}

    const std::filesystem::path file_;
    std::mutex rotating_;       // held over files
    mutable std::mutex mutex_;  // of the pointers
    Pointer current_;
    Pointer former_;
};

}  // namespace cloudsign::push
