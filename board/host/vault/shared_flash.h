#pragma once

#include <string>

#include "firmware/hal/flash.h"

namespace board::host::vault {

// One sector of flash in a file that several processes use: the flash secret of a token. Each
// operation opens the file under a lock of its own (PATH.lock).
class SharedFlash final : public firmware::hal::Flash {
public:
    // The file need not exist yet; its folder must.
    explicit SharedFlash(std::string path) : path_(std::move(path)) {}
    virtual ~SharedFlash() = default;

    firmware::hal::FlashGeometry geometry() const override;
    hsm::Result<void> read(std::uint32_t offset, hsm::MutableBytes into) override;
    hsm::Result<void> program(std::uint32_t offset, hsm::ByteView units) override;
    hsm::Result<void> erase(std::uint32_t sector) override;
    hsm::Result<void> sync() override { return {}; }  // each operation is durable when it returns

private:
    template <class Operation>
    hsm::Result<void> run(const Operation& operation) const;

    std::string path_;
};

}  // namespace board::host::vault
