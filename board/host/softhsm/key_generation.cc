#include "board/host/softhsm/key_generation.h"

#include "board/host/softhsm/mechanisms.h"

namespace board::host::softhsm {

using firmware::engine::SealedKey;
using hsm::Result;
using hsm::Status;
using hsm::protocol::KeyType;

Result<void> generate_wrapped(Session& session,
                              CK_OBJECT_HANDLE kek,
                              KeyType type,
                              SealedKey& out) {
    TRY_ASSIGN(auto pair, generate_session_pair(session, type));
    TRY_ASSIGN(out.spki, read_spki(session, type, pair.public_key.handle()));
    out.wrapped.clear();
    TRY_ASSIGN(
        auto size,
        session.wrap(
            mechanism_aes_key_wrap_pad, kek, pair.private_key.handle(), out.wrapped.spare()));
    out.wrapped.grow(size);
    return {};
}

void KeyGeneration::begin(CK_FUNCTION_LIST& functions,
                          CK_SLOT_ID slot,
                          CK_OBJECT_HANDLE kek,
                          std::uint32_t epoch,
                          KeyType type) {
    CHECK(!begun_);
    begun_ = true;
    epoch_ = epoch;
    type_ = type;
    dropped_ = false;
    done_ = false;
    thread_ = std::thread([this, &functions, slot, kek, type] {
        outcome_ = [&]() -> Result<void> {
            TRY_ASSIGN(auto session, Session::open(functions, slot));
            return generate_wrapped(session, kek, type, made_);
        }();
        done_.store(true, std::memory_order_release);
    });
}

Result<void> KeyGeneration::take(SealedKey& out) {
    if (is_running()) {
        return Status::busy;
    }
    finish();
    begun_ = false;
    TRY(outcome_);
    out = made_;
    return {};
}

void KeyGeneration::drop() {
    dropped_ = true;
    if (!is_running()) {
        finish();
        begun_ = false;
    }
}

void KeyGeneration::finish() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

}  // namespace board::host::softhsm
