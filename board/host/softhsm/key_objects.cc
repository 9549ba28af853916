#include "board/host/softhsm/key_objects.h"

#include "board/host/softhsm/mechanisms.h"
#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"

namespace board::host::softhsm {

using firmware::engine::curve_oid;
using firmware::engine::is_rsa;
using firmware::engine::key_bits;
using firmware::engine::Spki;
using hsm::Byte;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;
using hsm::protocol::KeyType;

// CKA_EC_POINT is an OCTET STRING around the SEC 1 point (PKCS#11 v2.40 §2.3.3).
Result<Spki> read_ec_spki(Session& session, KeyType type, CK_OBJECT_HANDLE public_key) {
    std::array<Byte, hsm::protocol::spki_size_max> buffer;
    TRY_ASSIGN(auto size, session.attribute(public_key, CKA_EC_POINT, buffer));
    firmware::engine::DerReader reader(ByteView(buffer).first(size));
    TRY_ASSIGN(auto point, reader.element(firmware::engine::der_octet_string));
    return firmware::engine::ec_spki(type, point);
}

Result<Spki> read_spki(Session& session, KeyType type, CK_OBJECT_HANDLE public_key) {
    if (!is_rsa(type)) {
        return read_ec_spki(session, type, public_key);
    }
    std::array<Byte, hsm::protocol::spki_size_max> modulus;
    TRY_ASSIGN(auto size, session.attribute(public_key, CKA_MODULUS, modulus));
    return firmware::engine::rsa_spki(type, ByteView(modulus).first(size));
}

Result<SessionObject> create_ec_public_key(Session& session, KeyType type, ByteView point) {
    std::array<Byte, 128> buffer;
    firmware::engine::DerWriter encoded(buffer);
    encoded.bytes(point);
    encoded.header(firmware::engine::der_octet_string, point.size());
    Attributes key;
    key.number(CKA_CLASS, CKO_PUBLIC_KEY)
        .number(CKA_KEY_TYPE, CKK_EC)
        .flag(CKA_TOKEN, false)
        .flag(CKA_PRIVATE, false)
        .flag(CKA_VERIFY, true)
        .bytes(CKA_EC_PARAMS, curve_oid(type))
        .bytes(CKA_EC_POINT, encoded.written());
    return session.create(key);
}

Result<SessionObject> create_public_key(Session& session, KeyType type, ByteView spki) {
    if (!is_rsa(type)) {
        TRY_ASSIGN(auto point, firmware::engine::ec_point(type, spki));
        return create_ec_public_key(session, type, point);
    }
    TRY_ASSIGN(auto modulus, firmware::engine::rsa_modulus(type, spki));
    Attributes key;
    key.number(CKA_CLASS, CKO_PUBLIC_KEY)
        .number(CKA_KEY_TYPE, CKK_RSA)
        .flag(CKA_TOKEN, false)
        .flag(CKA_PRIVATE, false)
        .flag(CKA_VERIFY, true)
        .bytes(CKA_MODULUS, modulus)
        .bytes(CKA_PUBLIC_EXPONENT, firmware::engine::rsa_exponent);
    return session.create(key);
}

Result<SessionKeyPair> generate_session_pair(Session& session, KeyType type) {
    Attributes public_key;
    public_key.flag(CKA_TOKEN, false).flag(CKA_PRIVATE, false).flag(CKA_VERIFY, true);
    if (is_rsa(type)) {
        public_key.number(CKA_MODULUS_BITS, key_bits(type))
            .bytes(CKA_PUBLIC_EXPONENT, firmware::engine::rsa_exponent);
    } else {
        public_key.bytes(CKA_EC_PARAMS, curve_oid(type));
    }
    Attributes private_key;
    private_key.flag(CKA_TOKEN, false)
        .flag(CKA_PRIVATE, true)
        .flag(CKA_SENSITIVE, true)
        .flag(CKA_EXTRACTABLE, true)  // to be wrapped, at once
        .flag(CKA_SIGN, false);
    return session.generate_key_pair(
        is_rsa(type) ? CKM_RSA_PKCS_KEY_PAIR_GEN : CKM_EC_KEY_PAIR_GEN, public_key, private_key);
}

Result<SessionObject> unwrap(Session& session,
                             CK_OBJECT_HANDLE kek,
                             KeyType type,
                             ByteView wrapped) {
    Attributes key;
    key.number(CKA_CLASS, CKO_PRIVATE_KEY)
        .number(CKA_KEY_TYPE, is_rsa(type) ? CKK_RSA : CKK_EC)
        .flag(CKA_PRIVATE, true)
        .flag(CKA_SIGN, true);
    for (auto flag : unwrapped_key_flags) {
        key.flag(flag.type, flag.value);
    }
    auto object = session.unwrap(mechanism_aes_key_wrap_pad, kek, wrapped, key);
    // SoftHSM says CKR_GENERAL_ERROR for a wrapped key that does not authenticate.
    if (!object && object.error() == Status::engine_failed) {
        return Status::blob_malformed;
    }
    return object;
}

}  // namespace board::host::softhsm
