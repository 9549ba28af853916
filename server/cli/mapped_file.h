#pragma once

#include <filesystem>

#include "hsm/base/bytes.h"
#include "server/cli/failure.h"

namespace server::cli {

// A file as memory, read from the disk as it is looked at: a large one costs no memory of its own.
// Nobody may shorten it meanwhile.
class MappedFile {
public:
    // A usage failure that names it when it cannot be read.
    static Outcome<MappedFile> open(const std::filesystem::path& file);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile();

    hsm::ByteView bytes() const { return bytes_; }

private:
    explicit MappedFile(hsm::ByteView bytes) : bytes_(bytes) {}

    hsm::ByteView bytes_;
};

}  // namespace server::cli
