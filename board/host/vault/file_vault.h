#pragma once

#include <optional>
#include <string>
#include <vector>

#include "board/host/vault/file_lock.h"
#include "firmware/engine/psa/key_vault.h"

namespace board::host::vault {

// The key vault in one file, which the modules of a group share. The file is replaced as a whole
// (written beside, fsync, rename) under a lock, so that a reader or a power cut sees the old file
// or the new one. Format: "kysovlt1", then per record: name size (u8), record size (u16,
// big-endian), name, record. No checksum: every record is sealed with an integrity check.
class FileVault final : public firmware::engine::psa::KeyVault {
public:
    // The file need not exist yet; its folder must. PATH.lock and PATH.hold are created beside
    // it.
    explicit FileVault(std::string path) : path_(std::move(path)) {}

    hsm::Result<std::size_t> load(std::string_view name, hsm::MutableBytes out) override;
    hsm::Result<firmware::engine::psa::Creation> create(std::string_view name,
                                                        hsm::ByteView record) override;
    hsm::Result<void> remove(std::string_view name) override;
    hsm::Result<void> hold() override;
    void release() override { held_.reset(); }

private:
    using Contents = std::vector<hsm::Byte>;

    hsm::Result<Contents> read_file() const;
    hsm::Result<void> replace_file(const Contents& contents) const;

    std::string path_;
    std::optional<FileLock> held_;
};

}  // namespace board::host::vault
