#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "firmware/hal/flash.h"

namespace board::host {

using firmware::hal::FlashGeometry;
using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

constexpr FlashGeometry file_flash_geometry = {
    .sector_size = 65536, .sector_count = 4096, .program_unit = 16};

// Flash in a Linux file of sector_count × sector_size bytes. Each byte is stored inverted, so that
// a hole of a sparse file, which reads as zeros, is erased flash: a new file of any size costs no
// disk. The file is locked against a second opening while this object lives.
class FileFlash final : public firmware::hal::Flash {
public:
    // Opens `path`, or creates it erased and readable to its owner only. `busy` when another
    // process holds it, `configuration_wrong` when its size is another, else `storage_failed`.
    static Result<std::unique_ptr<FileFlash>> open(const std::string& path,
                                                   const FlashGeometry& geometry);

    FileFlash(const FileFlash&) = delete;
    FileFlash& operator=(const FileFlash&) = delete;
    virtual ~FileFlash();

    FlashGeometry geometry() const override { return geometry_; }
    Result<void> read(std::uint32_t offset, MutableBytes into) override;
    Result<void> program(std::uint32_t offset, ByteView units) override;

    // Writes zeros instead of punching a hole: blocks that exist make each later sync cheaper.
    Result<void> erase(std::uint32_t sector) override;

    Result<void> sync() override;

private:
    FileFlash(int file, const FlashGeometry& geometry);

    Result<void> load(std::uint32_t sector);

    int file_;
    FlashGeometry geometry_;
    std::vector<Byte> inverted_;  // what goes into the file next
    // The sector read last, as flash shows it: a scan costs one read of the file for each sector.
    std::vector<Byte> cached_;
    std::optional<std::uint32_t> cached_sector_;
    // What an earlier process wrote may still be in the page cache only.
    bool unsynced_ = true;
};

}  // namespace board::host
