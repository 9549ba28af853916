#include "hsm/protocol/key_blob.h"

namespace hsm::protocol {
namespace {

// [.., .., mac]: an array of three, then the MAC as a byte string of 32.
constexpr std::size_t mac_item_size = 2 + digest_size;

}  // namespace

Result<KeyBlob> decode_blob(ByteView blob) {
    const auto parse = [&]() -> Result<KeyBlob> {
        KeyBlob decoded;
        CborReader reader(blob);
        TRY_ASSIGN(auto count, reader.array());
        if (count != 3) {
            return Status::malformed;
        }
        TRY_ASSIGN(decoded.header_bytes, reader.bytes(header_size_max));
        TRY_ASSIGN(decoded.wrapped, reader.bytes(wrapped_size_max));
        TRY_ASSIGN(auto mac, reader.bytes(digest_size));
        if (mac.size() != digest_size) {
            return Status::malformed;
        }
        std::ranges::copy(mac, decoded.mac.begin());
        TRY(reader.end());
        TRY(reader.finish());
        decoded.authenticated = blob.first(blob.size() - mac_item_size);
        TRY_ASSIGN(decoded.header, decode<KeyHeader>(decoded.header_bytes));
        return decoded;
    };
    if (blob.size() > blob_size_max) {
        return Status::blob_malformed;
    }
    auto decoded = parse();
    if (!decoded) {
        return Status::blob_malformed;
    }
    return decoded;
}

Result<ByteView> encode_blob_authenticated(ByteView header, ByteView wrapped, MutableBytes buffer) {
    // The array announces three items; the third follows in encode_blob_finish(). CborWriter
    // closes containers, so a placeholder stands in for the MAC and is cut off again.
    const Digest placeholder{};
    CborWriter writer(buffer);
    writer.require(header.size() <= header_size_max && wrapped.size() <= wrapped_size_max);
    writer.array(3);
    writer.bytes(header);
    writer.bytes(wrapped);
    writer.bytes(placeholder);
    writer.end();
    TRY_ASSIGN(auto written, writer.finish());
    return written.first(written.size() - mac_item_size);
}

Result<ByteView> encode_blob_finish(std::size_t authenticated_size,
                                    const Digest& mac,
                                    MutableBytes buffer) {
    if (buffer.size() < authenticated_size || buffer.size() - authenticated_size < mac_item_size) {
        return Status::message_too_large;
    }
    auto item = buffer.subspan(authenticated_size, mac_item_size);
    item[0] = 0x58;  // byte string, one byte of length
    item[1] = digest_size;
    std::ranges::copy(mac, item.begin() + 2);
    return ByteView(buffer.first(authenticated_size + mac_item_size));
}

std::array<Byte, p256_spki_size> p256_spki(const Point& point) {
    // SEQUENCE { SEQUENCE { id-ecPublicKey, prime256v1 }, BIT STRING }: RFC 5480 §2.
    constexpr std::array<Byte, p256_spki_size - point_size> prefix = {
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
        0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
    std::array<Byte, p256_spki_size> spki{};
    std::ranges::copy(prefix, spki.begin());
    std::ranges::copy(point, spki.begin() + prefix.size());
    return spki;
}

Digest thumbprint(const Point& point, Sha256 sha256) {
    const auto spki = p256_spki(point);
    const std::array<ByteView, 1> parts = {spki};
    return sha256(parts);
}

}  // namespace hsm::protocol
