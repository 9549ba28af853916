#include "board/host/softhsm/library.h"

#include <array>
#include <cstdlib>
#include <dlfcn.h>
#include <utility>

#include "board/host/softhsm/rv_map.h"
#include "board/host/softhsm/token_label.h"

namespace board::host::softhsm {

using hsm::Result;
using hsm::Status;

namespace {
constexpr CK_ULONG slots_max = 64;
}

Result<Library> Library::load(const std::string& path, const std::string& configuration) {
    if (!configuration.empty() && setenv("SOFTHSM2_CONF", configuration.c_str(), 1) != 0) {
        return Status::engine_failed;
    }
    void* module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (module == nullptr) {
        return Status::engine_failed;
    }
    const auto get_functions =
        reinterpret_cast<CK_C_GetFunctionList>(dlsym(module, "C_GetFunctionList"));
    CK_FUNCTION_LIST* functions = nullptr;
    if (get_functions == nullptr || get_functions(&functions) != CKR_OK || functions == nullptr) {
        dlclose(module);
        return Status::engine_failed;
    }
    return Library(module, functions);
}

Library::Library(Library&& other) noexcept
    : module_(std::exchange(other.module_, nullptr)),
      functions_(std::exchange(other.functions_, nullptr)),
      initialized_(std::exchange(other.initialized_, false)) {}

Library::~Library() {
    if (module_ != nullptr) {
        finalize();
        dlclose(module_);
    }
}

Result<void> Library::initialize() {
    // A key pair is made on another thread (key_generation.h).
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    TRY(checked(functions_->C_Initialize(&arguments)));
    initialized_ = true;
    return {};
}

void Library::finalize() {
    if (std::exchange(initialized_, false)) {
        (void)functions_->C_Finalize(nullptr);
    }
}

template <class Wanted>
Result<CK_SLOT_ID> Library::find_slot(Wanted wanted) const {
    std::array<CK_SLOT_ID, slots_max> slots;
    CK_ULONG count = slots.size();
    TRY(checked(functions_->C_GetSlotList(CK_TRUE, slots.data(), &count)));
    for (CK_ULONG i = 0; i < count; ++i) {
        CK_TOKEN_INFO token{};
        if (functions_->C_GetTokenInfo(slots[i], &token) == CKR_OK && wanted(token)) {
            return slots[i];
        }
    }
    return Status::key_missing;
}

Result<CK_SLOT_ID> Library::slot_of(std::string_view token_label) const {
    const auto label = padded_label(token_label);
    return find_slot([&label](const CK_TOKEN_INFO& token) {
        return (token.flags & CKF_TOKEN_INITIALIZED) != 0 &&
               std::memcmp(token.label, label.data(), label.size()) == 0;
    });
}

Result<CK_SLOT_ID> Library::free_slot() const {
    return find_slot(
        [](const CK_TOKEN_INFO& token) { return (token.flags & CKF_TOKEN_INITIALIZED) == 0; });
}

}  // namespace board::host::softhsm
