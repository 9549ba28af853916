#pragma once

#include <p11-kit/pkcs11.h>

#include "board/host/softhsm/attributes.h"
#include "hsm/base/result.h"

namespace board::host::softhsm {

// Owns a session object: destroyed in the token's memory with this. Must not outlive its session.
class SessionObject {
public:
    SessionObject() = default;
    SessionObject(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle)
        : functions_(&functions), session_(session), handle_(handle) {}
    SessionObject(SessionObject&& other) noexcept { take(other); }
    SessionObject& operator=(SessionObject&& other) noexcept;
    SessionObject(const SessionObject&) = delete;
    SessionObject& operator=(const SessionObject&) = delete;
    ~SessionObject() { reset(); }

    CK_OBJECT_HANDLE handle() const { return handle_; }
    void reset();

private:
    void take(SessionObject& other);

    CK_FUNCTION_LIST* functions_ = nullptr;
    CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE handle_ = CK_INVALID_HANDLE;
};

struct SessionKeyPair {
    SessionObject public_key;
    SessionObject private_key;
};

// One read-write session. Errors are rv_map's.
class Session {
public:
    static hsm::Result<Session> open(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot);

    Session(Session&& other) noexcept;
    Session& operator=(Session&&) = delete;
    Session(const Session&) = delete;
    ~Session();

    hsm::Result<void> login(CK_USER_TYPE user, hsm::ByteView pin);
    hsm::Result<void> random(hsm::MutableBytes out);

    // The object that matches; `key_missing` when there is none, `storage_corrupt` when there are
    // several: then somebody else has written to the token.
    hsm::Result<CK_OBJECT_HANDLE> find(Attributes& attributes);
    // Token objects: their handles own nothing.
    hsm::Result<void> generate_token_key(CK_MECHANISM_TYPE mechanism, Attributes& attributes);
    hsm::Result<void> generate_token_key_pair(CK_MECHANISM_TYPE mechanism,
                                              Attributes& public_attributes,
                                              Attributes& private_attributes);
    hsm::Result<void> destroy_token_object(CK_OBJECT_HANDLE object);

    hsm::Result<SessionObject> create(Attributes& attributes);
    hsm::Result<SessionKeyPair> generate_key_pair(CK_MECHANISM_TYPE mechanism,
                                                  Attributes& public_attributes,
                                                  Attributes& private_attributes);
    // The same key, with the same protection, as an object of this session.
    hsm::Result<SessionObject> copy_to_session(CK_OBJECT_HANDLE object);
    hsm::Result<std::size_t> wrap(CK_MECHANISM_TYPE mechanism,
                                  CK_OBJECT_HANDLE wrapping_key,
                                  CK_OBJECT_HANDLE key,
                                  hsm::MutableBytes out);
    hsm::Result<SessionObject> unwrap(CK_MECHANISM_TYPE mechanism,
                                      CK_OBJECT_HANDLE wrapping_key,
                                      hsm::ByteView wrapped,
                                      Attributes& attributes);

    // The number of bytes written.
    hsm::Result<std::size_t> sign(CK_MECHANISM* mechanism,
                                  CK_OBJECT_HANDLE key,
                                  std::span<const hsm::ByteView> parts,
                                  hsm::MutableBytes out);
    hsm::Result<void> verify(CK_MECHANISM* mechanism,
                             CK_OBJECT_HANDLE key,
                             hsm::ByteView message,
                             hsm::ByteView signature);
    hsm::Result<std::size_t> attribute(CK_OBJECT_HANDLE object,
                                       CK_ATTRIBUTE_TYPE type,
                                       hsm::MutableBytes out);
    hsm::Result<bool> flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type);

    CK_SESSION_HANDLE handle() const { return handle_; }

private:
    Session(CK_FUNCTION_LIST& functions, CK_SESSION_HANDLE handle)
        : functions_(&functions), handle_(handle) {}

    CK_FUNCTION_LIST* functions_;
    CK_SESSION_HANDLE handle_;
};

}  // namespace board::host::softhsm
