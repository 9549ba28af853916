#include "board/host/softhsm/session.h"

#include <utility>

#include "board/host/softhsm/rv_map.h"

namespace board::host::softhsm {

using hsm::Byte;
using hsm::ByteView;
using hsm::MutableBytes;
using hsm::Result;
using hsm::Status;

namespace {

// PKCS#11 has no const for what it only reads.
CK_BYTE* bytes_of(ByteView bytes) {
    return const_cast<Byte*>(bytes.data());
}

}  // namespace

SessionObject& SessionObject::operator=(SessionObject&& other) noexcept {
    if (this != &other) {
        reset();
        take(other);
    }
    return *this;
}

void SessionObject::take(SessionObject& other) {
    functions_ = other.functions_;
    session_ = other.session_;
    handle_ = std::exchange(other.handle_, CK_INVALID_HANDLE);
}

void SessionObject::reset() {
    if (handle_ != CK_INVALID_HANDLE) {
        (void)functions_->C_DestroyObject(session_, std::exchange(handle_, CK_INVALID_HANDLE));
    }
}

Result<Session> Session::open(CK_FUNCTION_LIST& functions, CK_SLOT_ID slot) {
    CK_SESSION_HANDLE handle = CK_INVALID_HANDLE;
    TRY(checked(functions.C_OpenSession(
        slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &handle)));
    return Session(functions, handle);
}

Session::Session(Session&& other) noexcept
    : functions_(other.functions_), handle_(std::exchange(other.handle_, CK_INVALID_HANDLE)) {}

Session::~Session() {
    if (handle_ != CK_INVALID_HANDLE) {
        (void)functions_->C_CloseSession(handle_);
    }
}

Result<void> Session::login(CK_USER_TYPE user, ByteView pin) {
    return checked(functions_->C_Login(handle_, user, bytes_of(pin), pin.size()));
}

Result<void> Session::random(MutableBytes out) {
    return checked(functions_->C_GenerateRandom(handle_, out.data(), out.size()));
}

Result<CK_OBJECT_HANDLE> Session::find(Attributes& attributes) {
    TRY(checked(functions_->C_FindObjectsInit(handle_, attributes.list(), attributes.count())));
    std::array<CK_OBJECT_HANDLE, 2> objects{};
    CK_ULONG count = 0;
    const auto found = functions_->C_FindObjects(handle_, objects.data(), objects.size(), &count);
    TRY(checked(functions_->C_FindObjectsFinal(handle_)));
    TRY(checked(found));
    if (count == 0) {
        return Status::key_missing;
    }
    if (count > 1) {
        return Status::storage_corrupt;
    }
    return objects[0];
}

Result<void> Session::generate_token_key(CK_MECHANISM_TYPE mechanism, Attributes& attributes) {
    CK_MECHANISM parameters = {mechanism, nullptr, 0};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    return checked(functions_->C_GenerateKey(
        handle_, &parameters, attributes.list(), attributes.count(), &key));
}

Result<void> Session::generate_token_key_pair(CK_MECHANISM_TYPE mechanism,
                                              Attributes& public_attributes,
                                              Attributes& private_attributes) {
    CK_MECHANISM parameters = {mechanism, nullptr, 0};
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    return checked(functions_->C_GenerateKeyPair(handle_,
                                                 &parameters,
                                                 public_attributes.list(),
                                                 public_attributes.count(),
                                                 private_attributes.list(),
                                                 private_attributes.count(),
                                                 &public_key,
                                                 &private_key));
}

Result<void> Session::destroy_token_object(CK_OBJECT_HANDLE object) {
    return checked(functions_->C_DestroyObject(handle_, object));
}

Result<SessionObject> Session::create(Attributes& attributes) {
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    TRY(checked(
        functions_->C_CreateObject(handle_, attributes.list(), attributes.count(), &object)));
    return SessionObject(*functions_, handle_, object);
}

Result<SessionKeyPair> Session::generate_key_pair(CK_MECHANISM_TYPE mechanism,
                                                  Attributes& public_attributes,
                                                  Attributes& private_attributes) {
    CK_MECHANISM parameters = {mechanism, nullptr, 0};
    CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
    TRY(checked(functions_->C_GenerateKeyPair(handle_,
                                              &parameters,
                                              public_attributes.list(),
                                              public_attributes.count(),
                                              private_attributes.list(),
                                              private_attributes.count(),
                                              &public_key,
                                              &private_key)));
    return SessionKeyPair{SessionObject(*functions_, handle_, public_key),
                          SessionObject(*functions_, handle_, private_key)};
}

Result<SessionObject> Session::copy_to_session(CK_OBJECT_HANDLE object) {
    Attributes attributes;
    attributes.flag(CKA_TOKEN, false);
    CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
    TRY(checked(
        functions_->C_CopyObject(handle_, object, attributes.list(), attributes.count(), &copy)));
    return SessionObject(*functions_, handle_, copy);
}

Result<std::size_t> Session::wrap(CK_MECHANISM_TYPE mechanism,
                                  CK_OBJECT_HANDLE wrapping_key,
                                  CK_OBJECT_HANDLE key,
                                  MutableBytes out) {
    CK_MECHANISM parameters = {mechanism, nullptr, 0};
    CK_ULONG size = out.size();
    TRY(checked(functions_->C_WrapKey(handle_, &parameters, wrapping_key, key, out.data(), &size)));
    return std::size_t{size};
}

Result<SessionObject> Session::unwrap(CK_MECHANISM_TYPE mechanism,
                                      CK_OBJECT_HANDLE wrapping_key,
                                      ByteView wrapped,
                                      Attributes& attributes) {
    CK_MECHANISM parameters = {mechanism, nullptr, 0};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    TRY(checked(functions_->C_UnwrapKey(handle_,
                                        &parameters,
                                        wrapping_key,
                                        bytes_of(wrapped),
                                        wrapped.size(),
                                        attributes.list(),
                                        attributes.count(),
                                        &key)));
    return SessionObject(*functions_, handle_, key);
}

Result<std::size_t> Session::sign(CK_MECHANISM* mechanism,
                                  CK_OBJECT_HANDLE key,
                                  std::span<const ByteView> parts,
                                  MutableBytes out) {
    TRY(checked(functions_->C_SignInit(handle_, mechanism, key)));
    CK_ULONG size = out.size();
    if (parts.size() == 1) {
        TRY(checked(
            functions_->C_Sign(handle_, bytes_of(parts[0]), parts[0].size(), out.data(), &size)));
        return std::size_t{size};
    }
    for (const auto& part : parts) {
        // A null pointer is CKR_ARGUMENTS_BAD even with length zero.
        if (!part.empty()) {
            TRY(checked(functions_->C_SignUpdate(handle_, bytes_of(part), part.size())));
        }
    }
    TRY(checked(functions_->C_SignFinal(handle_, out.data(), &size)));
    return std::size_t{size};
}

Result<void> Session::verify(CK_MECHANISM* mechanism,
                             CK_OBJECT_HANDLE key,
                             ByteView message,
                             ByteView signature) {
    TRY(checked(functions_->C_VerifyInit(handle_, mechanism, key)));
    return checked(functions_->C_Verify(
        handle_, bytes_of(message), message.size(), bytes_of(signature), signature.size()));
}

Result<std::size_t> Session::attribute(CK_OBJECT_HANDLE object,
                                       CK_ATTRIBUTE_TYPE type,
                                       MutableBytes out) {
    CK_ATTRIBUTE wanted = {type, out.data(), out.size()};
    TRY(checked(functions_->C_GetAttributeValue(handle_, object, &wanted, 1)));
    return std::size_t{wanted.ulValueLen};
}

Result<bool> Session::flag(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    CK_BBOOL value = CK_FALSE;
    CK_ATTRIBUTE wanted = {type, &value, sizeof(value)};
    TRY(checked(functions_->C_GetAttributeValue(handle_, object, &wanted, 1)));
    return value != CK_FALSE;
}

}  // namespace board::host::softhsm
