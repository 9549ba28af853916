#include "firmware/engine/spki.h"

#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"

namespace firmware::engine {

using hsm::Byte;
using hsm::Status;

namespace {

constexpr std::array<Byte, 10> oid_prime256v1 = {
    0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<Byte, 7> oid_secp384r1 = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<Byte, 9> oid_ec_public_key = {
    0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
// rsaEncryption and its NULL, with the SEQUENCE around them.
constexpr std::array<Byte, 15> rsa_algorithm = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};

constexpr Byte no_unused_bits = 0;
constexpr Byte uncompressed = 4;

bool is_point_of(KeyType type, ByteView point) {
    return !is_rsa(type) && point.size() == 2 * key_bytes(type) + 1 && point[0] == uncompressed;
}

bool is_modulus_of(KeyType type, ByteView modulus) {
    return is_rsa(type) && modulus.size() == key_bytes(type) && (modulus[0] & 0x80) != 0;
}

// Puts BIT STRING header, AlgorithmIdentifier and outer SEQUENCE before the key's bits.
void enclose(DerWriter& writer, KeyType type) {
    writer.byte(no_unused_bits);
    writer.header(der_bit_string, writer.size());
    if (is_rsa(type)) {
        writer.bytes(rsa_algorithm);
    } else {
        const auto oid = curve_oid(type);
        writer.bytes(oid);
        writer.bytes(oid_ec_public_key);
        writer.header(der_sequence, oid.size() + oid_ec_public_key.size());
    }
    writer.header(der_sequence, writer.size());
}

Result<Spki> finish(const DerWriter& writer) {
    Spki spki;
    if (!writer.ok() || !spki.assign(writer.written())) {
        return Status::engine_failed;
    }
    return spki;
}

Result<ByteView> key_bits_of(KeyType type, ByteView spki) {
    DerReader outer(spki);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    TRY(outer.end());
    DerReader inner(contents);
    if (is_rsa(type)) {
        TRY(inner.literal(rsa_algorithm));
    } else {
        TRY_ASSIGN(auto algorithm, inner.element(der_sequence));
        DerReader identifiers(algorithm);
        TRY(identifiers.literal(oid_ec_public_key));
        TRY(identifiers.literal(curve_oid(type)));
        TRY(identifiers.end());
    }
    TRY_ASSIGN(auto bits, inner.element(der_bit_string));
    TRY(inner.end());
    if (bits.empty() || bits[0] != no_unused_bits) {
        return Status::malformed;
    }
    return bits.subspan(1);
}

Result<ByteView> modulus_of(KeyType type, ByteView spki) {
    TRY_ASSIGN(auto bits, key_bits_of(type, spki));
    DerReader outer(bits);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    TRY(outer.end());
    DerReader inner(contents);
    TRY_ASSIGN(auto modulus, inner.positive_integer());
    TRY_ASSIGN(auto exponent, inner.positive_integer());
    TRY(inner.end());
    if (!is_modulus_of(type, modulus) || !hsm::equal(exponent, rsa_exponent)) {
        return Status::malformed;
    }
    return modulus;
}

}  // namespace

ByteView curve_oid(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return oid_prime256v1;
        case KeyType::p384:
            return oid_secp384r1;
        default:
            return {};
    }
}

Result<Spki> ec_spki(KeyType type, ByteView point) {
    if (!is_point_of(type, point)) {
        return Status::engine_failed;
    }
    std::array<Byte, hsm::protocol::spki_size_max> buffer;
    DerWriter writer(buffer);
    writer.bytes(point);
    enclose(writer, type);
    return finish(writer);
}

Result<Spki> rsa_spki(KeyType type, ByteView modulus) {
    if (!is_modulus_of(type, modulus)) {
        return Status::engine_failed;
    }
    std::array<Byte, hsm::protocol::spki_size_max> buffer;
    DerWriter writer(buffer);
    writer.positive_integer(rsa_exponent);
    writer.positive_integer(modulus);
    writer.header(der_sequence, writer.size());
    enclose(writer, type);
    return finish(writer);
}

Result<ByteView> ec_point(KeyType type, ByteView spki) {
    auto bits = key_bits_of(type, spki);
    if (!bits || !is_point_of(type, *bits)) {
        return Status::blob_malformed;
    }
    return bits;
}

Result<ByteView> rsa_modulus(KeyType type, ByteView spki) {
    auto modulus = modulus_of(type, spki);
    if (!modulus) {
        return Status::blob_malformed;
    }
    return modulus;
}

}  // namespace firmware::engine
