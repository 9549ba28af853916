#include "firmware/engine/ecdsa_der.h"

#include "firmware/engine/algorithm.h"
#include "firmware/engine/der.h"

namespace firmware::engine {

using hsm::Byte;
using hsm::Status;

namespace {

// SEC 2 §2.4.2 and §2.5.1: the order n of the base point.
constexpr std::array<Byte, 32> p256_order = {
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
constexpr std::array<Byte, 48> p384_order = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};

ByteView order_of(KeyType type) {
    switch (type) {
        case KeyType::p256:
            return p256_order;
        case KeyType::p384:
            return p384_order;
        default:
            return {};
    }
}

Result<void> append_scalar(ByteView magnitude, ByteView order, RawEcdsa& raw) {
    if (magnitude.size() > order.size()) {
        return Status::signature_wrong;
    }
    std::array<Byte, 48> padded{};
    auto scalar = hsm::MutableBytes(padded).first(order.size());
    std::ranges::copy(
        magnitude, scalar.begin() + static_cast<std::ptrdiff_t>(order.size() - magnitude.size()));
    if (!std::ranges::lexicographical_compare(scalar, order)) {
        return Status::signature_wrong;
    }
    CHECK(raw.append(scalar));
    return {};
}

Result<RawEcdsa> parse(ByteView der, ByteView order) {
    DerReader outer(der);
    TRY_ASSIGN(auto contents, outer.element(der_sequence));
    TRY(outer.end());
    DerReader inner(contents);
    TRY_ASSIGN(auto r, inner.positive_integer());
    TRY_ASSIGN(auto s, inner.positive_integer());
    TRY(inner.end());
    RawEcdsa raw;
    TRY(append_scalar(r, order, raw));
    TRY(append_scalar(s, order, raw));
    return raw;
}

}  // namespace

Result<RawEcdsa> ecdsa_from_der(KeyType type, ByteView der) {
    const auto order = order_of(type);
    if (order.empty()) {
        return Status::algorithm_wrong;
    }
    auto raw = parse(der, order);
    if (!raw) {
        return Status::signature_wrong;
    }
    return raw;
}

Result<DerSignature> ecdsa_to_der(KeyType type, ByteView raw) {
    const auto half = order_of(type).size();
    if (half == 0 || raw.size() != 2 * half) {
        return Status::signature_wrong;
    }
    const auto zero = [](Byte byte) { return byte == 0; };
    if (std::ranges::all_of(raw.first(half), zero) || std::ranges::all_of(raw.last(half), zero)) {
        return Status::signature_wrong;
    }
    std::array<Byte, hsm::protocol::ecdsa_der_size_max> buffer;
    DerWriter writer(buffer);
    writer.positive_integer(raw.last(half));
    writer.positive_integer(raw.first(half));
    writer.header(der_sequence, writer.size());
    DerSignature der;
    CHECK(writer.ok() && der.assign(writer.written()));
    return der;
}

}  // namespace firmware::engine
