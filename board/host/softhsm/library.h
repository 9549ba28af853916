#pragma once

#include <p11-kit/pkcs11.h>
#include <string>
#include <string_view>

#include "hsm/base/result.h"

namespace board::host::softhsm {

// libsofthsm2.so loaded, and initialised while wanted: PKCS#11 state is one per process, so there
// is at most one Library at a time.
class Library {
public:
    // `configuration` becomes SOFTHSM2_CONF of this process; an empty one leaves it as it is.
    // `engine_failed` when the library cannot be loaded.
    static hsm::Result<Library> load(const std::string& path, const std::string& configuration);

    Library(Library&& other) noexcept;
    Library& operator=(Library&&) = delete;
    Library(const Library&) = delete;
    ~Library();

    hsm::Result<void> initialize();
    // Every session and object is gone with it, and all the memory that SoftHSM has kept.
    void finalize();
    bool is_initialized() const { return initialized_; }

    // The slot of the token with this label; `key_missing` when there is none.
    hsm::Result<CK_SLOT_ID> slot_of(std::string_view token_label) const;
    // Some slot that holds no initialised token.
    hsm::Result<CK_SLOT_ID> free_slot() const;

    CK_FUNCTION_LIST& functions() const { return *functions_; }

private:
    Library(void* module, CK_FUNCTION_LIST* functions) : module_(module), functions_(functions) {}

    template <class Wanted>
    hsm::Result<CK_SLOT_ID> find_slot(Wanted wanted) const;

    void* module_;
    CK_FUNCTION_LIST* functions_;
    bool initialized_ = false;
};

}  // namespace board::host::softhsm
