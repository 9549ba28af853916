#include "board/host/store.h"

#include <sys/random.h>

namespace board::host {

using firmware::storage::LogStore;

Setup<std::unique_ptr<Store>> Store::open(const std::filesystem::path& file) {
    const auto fault = [&](std::string_view what) {
        return SetupError{file.string() + ": " + std::string(what)};
    };
    auto flash = FileFlash::open(file.string(), file_flash_geometry);
    if (!flash) {
        switch (flash.error()) {
            case hsm::Status::busy:
                return fault("another process uses this store");
            case hsm::Status::configuration_wrong:
                return fault("is no store of this program");
            default:
                return fault("cannot be opened or created");
        }
    }
    std::unique_ptr<Store> store(new Store(*std::move(flash)));
    const auto unformatted = LogStore::is_unformatted(*store->flash_);
    if (!unformatted) {
        return fault("cannot be read");
    }
    if (*unformatted) {
        std::uint64_t salt = 0;
        if (::getrandom(&salt, sizeof(salt), 0) != sizeof(salt) ||
            !store->log_store_.format(salt)) {
            return fault("cannot be formatted");
        }
    }
    return store;
}

}  // namespace board::host
