#pragma once

#include <memory>

#include "board/host/config.h"
#include "board/host/file_flash.h"
#include "firmware/storage/log_store.h"

namespace board::host {

// The module's log store in its file, with the working memory that it needs. One process at a time.
class Store {
public:
    // Creates and formats what was never used; never anything else. Does not mount.
    static Setup<std::unique_ptr<Store>> open(const std::filesystem::path& file);

    firmware::storage::LogStore& log_store() { return log_store_; }

private:
    using Memory = firmware::storage::LogStoreMemory<file_flash_geometry.sector_count, 1024, 65536>;

    explicit Store(std::unique_ptr<FileFlash> flash)
        : flash_(std::move(flash)), log_store_(*flash_, memory_.spans()) {}

    std::unique_ptr<FileFlash> flash_;
    Memory memory_;
    firmware::storage::LogStore log_store_;
};

}  // namespace board::host
