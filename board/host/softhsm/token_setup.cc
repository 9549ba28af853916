#include "board/host/softhsm/token_setup.h"

#include "board/host/softhsm/library.h"
#include "board/host/softhsm/rv_map.h"
#include "board/host/softhsm/session.h"
#include "board/host/softhsm/token_copy.h"
#include "board/host/softhsm/token_label.h"
#include "board/host/vault/file_lock.h"

namespace board::host::softhsm {

using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;

Result<void> ensure_token(const TokenConfig& config, ByteView officer_pin, ByteView user_pin) {
    TRY_ASSIGN(const auto lock, vault::FileLock::acquire(config.lock_file));
    TRY(restore_token(config));
    TRY_ASSIGN(auto library, Library::load(config.library, config.configuration));
    TRY(library.initialize());
    if (library.slot_of(config.label)) {
        return {};
    }
    TRY_ASSIGN(auto empty_slot, library.free_slot());
    auto& functions = library.functions();
    auto label = padded_label(config.label);
    TRY(checked(functions.C_InitToken(
        empty_slot, const_cast<Byte*>(officer_pin.data()), officer_pin.size(), label.data())));
    // SoftHSM gives an initialised token a new slot number.
    TRY_ASSIGN(auto slot, library.slot_of(config.label));
    TRY_ASSIGN(auto session, Session::open(functions, slot));
    TRY(session.login(CKU_SO, officer_pin));
    TRY(checked(functions.C_InitPIN(
        session.handle(), const_cast<Byte*>(user_pin.data()), user_pin.size())));
    return keep_token_copy(config);
}

}  // namespace board::host::softhsm
