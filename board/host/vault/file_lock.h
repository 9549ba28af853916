#pragma once

#include <string>

#include "hsm/base/result.h"

namespace board::host::vault {

// An exclusive lock among processes, held while the object lives; made with a file of its own
// (flock(2)), so that it survives neither the process nor a reboot.
class FileLock {
public:
    // Waits for whoever holds it. `storage_failed` when the file cannot be opened.
    static hsm::Result<FileLock> acquire(const std::string& path);

    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&&) = delete;
    FileLock(const FileLock&) = delete;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace board::host::vault
