#include "firmware/engine/psa/pkcs8.h"

#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"

namespace firmware::engine::psa {

using hsm::Byte;
using hsm::Status;

namespace {

// Version and AlgorithmIdentifier.
constexpr std::array<Byte, 24> p256_preamble = {0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a,
                                                0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08,
                                                0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
constexpr std::array<Byte, 21> p384_preamble = {0x02, 0x01, 0x00, 0x30, 0x10, 0x06, 0x07,
                                                0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                                                0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22};
constexpr std::array<Byte, 18> rsa_preamble = {0x02,
                                               0x01,
                                               0x00,
                                               0x30,
                                               0x0d,
                                               0x06,
                                               0x09,
                                               0x2a,
                                               0x86,
                                               0x48,
                                               0x86,
                                               0xf7,
                                               0x0d,
                                               0x01,
                                               0x01,
                                               0x01,
                                               0x05,
                                               0x00};
constexpr std::size_t semiblock_size = 8;
constexpr std::array<Byte, 3> ec_private_key_version = {0x02, 0x01, 0x01};

ByteView preamble(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return p256_preamble;
        case KeyType::p384:
            return p384_preamble;
        default:
            return rsa_preamble;
    }
}

Result<ByteView> scalar_in(KeyType type, ByteView ec_private_key) {
    DerReader outer(ec_private_key);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    TRY(outer.end());
    DerReader inner(contents);
    TRY(inner.literal(ec_private_key_version));
    TRY_ASSIGN(auto scalar, inner.element(der_octet_string));
    TRY(inner.end());
    if (scalar.size() != key_bytes(type)) {
        return Status::malformed;
    }
    return scalar;
}

Result<ByteView> parse(KeyType type, ByteView pkcs8) {
    DerReader outer(pkcs8);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    const auto padding = outer.rest();
    if (pkcs8.size() % semiblock_size != 0 || padding.size() >= semiblock_size ||
        !std::ranges::all_of(padding, [](Byte byte) { return byte == 0; })) {
        return Status::malformed;
    }
    DerReader inner(contents);
    TRY(inner.literal(preamble(type)));
    TRY_ASSIGN(auto key, inner.element(der_octet_string));
    TRY(inner.end());
    if (is_rsa(type)) {
        return key;
    }
    return scalar_in(type, key);
}

}  // namespace

Result<void> enclose_pkcs8(KeyType type, PrivateKey& key) {
    DerWriter writer(key.storage());
    writer.bytes(key.reveal());
    if (!is_rsa(type)) {
        writer.header(der_octet_string, writer.size());
        writer.bytes(ec_private_key_version);
        writer.header(der_sequence, writer.size());
    }
    writer.header(der_octet_string, writer.size());
    writer.bytes(preamble(type));
    writer.header(der_sequence, writer.size());
    const auto written = writer.written();
    if (!writer.ok() || written.size() > PrivateKey::size_max - semiblock_size) {
        return Status::engine_failed;
    }
    std::memmove(key.storage().data(), written.data(), written.size());
    const auto size = (written.size() + semiblock_size - 1) / semiblock_size * semiblock_size;
    std::memset(key.storage().data() + written.size(), 0, size - written.size());
    key.resize(size);
    return {};
}

Result<ByteView> private_key_in(KeyType type, ByteView pkcs8) {
    auto key = parse(type, pkcs8);
    if (!key) {
        return Status::blob_malformed;
    }
    return key;
}

}  // namespace firmware::engine::psa
