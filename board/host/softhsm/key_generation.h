#pragma once

#include <atomic>
#include <optional>
#include <thread>

#include "board/host/softhsm/key_objects.h"
#include "firmware/engine/engine.h"

namespace board::host::softhsm {

// Makes a key pair in a session of its own and wraps it, before it is handed out.
hsm::Result<void> generate_wrapped(Session& session,
                                   CK_OBJECT_HANDLE kek,
                                   hsm::protocol::KeyType type,
                                   firmware::engine::SealedKey& out);

// One pair at a time on a thread of its own: C_GenerateKeyPair takes seconds for RSA and cannot be
// interrupted. PKCS#11 lets threads share a library and a login, not a session.
class KeyGeneration {
public:
    KeyGeneration() = default;
    KeyGeneration(const KeyGeneration&) = delete;
    KeyGeneration& operator=(const KeyGeneration&) = delete;
    ~KeyGeneration() { finish(); }

    // Nothing is under way. The library stays initialised and the KEK where it is until finish().
    void begin(CK_FUNCTION_LIST& functions,
               CK_SLOT_ID slot,
               CK_OBJECT_HANDLE kek,
               std::uint32_t epoch,
               hsm::protocol::KeyType type);

    // Until it is taken, or has ended after drop().
    bool is_begun() const { return begun_; }
    bool is_running() const { return begun_ && !done_.load(std::memory_order_acquire); }
    bool is_for(std::uint32_t epoch, hsm::protocol::KeyType type) const {
        return !dropped_ && epoch_ == epoch && type_ == type;
    }
    // What came of it, once; `busy` while it is not done. The caller has begun it.
    hsm::Result<void> take(firmware::engine::SealedKey& out);

    // Nobody wants it any more. It cannot be stopped: call this again to see whether it has ended.
    void drop();
    bool is_dropped() const { return dropped_; }
    // Waits for the thread's end, which may take seconds; what it made can still be taken.
    void finish();

private:
    std::thread thread_;
    std::atomic<bool> done_ = false;
    bool begun_ = false;
    bool dropped_ = false;
    std::uint32_t epoch_ = 0;
    hsm::protocol::KeyType type_{};
    // The thread's until it is done.
    firmware::engine::SealedKey made_;
    hsm::Result<void> outcome_;
};

}  // namespace board::host::softhsm
