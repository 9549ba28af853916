#pragma once

#include <utility>

#include "server/cli/data_folder.h"

namespace server::cli {

// DIR/lock: one `kyso up` at a time. Children inherit the descriptor, so that a folder whose
// processes have outlived their `kyso up` stays taken.
class FolderLock {
public:
    // A failure that names the holder. Waits a little for children of a `kyso up` that is gone.
    static Outcome<FolderLock> take(const DataFolder& folder);

    FolderLock(FolderLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FolderLock& operator=(FolderLock&&) = delete;
    ~FolderLock();

    int descriptor() const { return descriptor_; }

private:
    explicit FolderLock(int descriptor) : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace server::cli
