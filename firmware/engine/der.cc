#include "firmware/engine/der.h"

#include "hsm/base/byte_reader.h"

namespace firmware::engine {

using hsm::Byte;
using hsm::ByteReader;
using hsm::ByteView;
using hsm::Result;
using hsm::Status;

namespace {

// X.690 §10.1: the minimum number of octets. Nothing of ours is longer than 65,535 bytes.
Result<std::size_t> read_length(ByteReader& reader) {
    TRY_ASSIGN(auto first, reader.u8());
    if (first < 0x80) {
        return std::size_t{first};
    }
    if (first == 0x81) {
        TRY_ASSIGN(auto length, reader.u8());
        if (length < 0x80) {
            return Status::malformed;
        }
        return std::size_t{length};
    }
    if (first == 0x82) {
        TRY_ASSIGN(auto length, reader.u16());
        if (length < 0x100) {
            return Status::malformed;
        }
        return std::size_t{length};
    }
    return Status::malformed;
}

}  // namespace

Result<ByteView> DerReader::element(Byte tag) {
    ByteReader reader(rest_);
    TRY_ASSIGN(auto found, reader.u8());
    if (found != tag) {
        return Status::malformed;
    }
    TRY_ASSIGN(auto length, read_length(reader));
    TRY_ASSIGN(auto contents, reader.take(length));
    rest_ = reader.rest();
    return contents;
}

Result<ByteView> DerReader::positive_integer() {
    TRY_ASSIGN(auto contents, element(der_integer));
    if (contents.empty() || (contents[0] & 0x80) != 0) {
        return Status::malformed;
    }
    if (contents[0] != 0) {
        return contents;
    }
    // X.690 §8.3.2: a leading zero octet only where the next bit would read as a sign.
    if (contents.size() == 1 || (contents[1] & 0x80) == 0) {
        return Status::malformed;
    }
    return contents.subspan(1);
}

Result<void> DerReader::literal(ByteView expected) {
    ByteReader reader(rest_);
    TRY_ASSIGN(auto found, reader.take(expected.size()));
    if (!hsm::equal(found, expected)) {
        return Status::malformed;
    }
    rest_ = reader.rest();
    return {};
}

Result<void> DerReader::end() const {
    if (!rest_.empty()) {
        return Status::malformed;
    }
    return {};
}

void DerWriter::bytes(ByteView bytes) {
    if (!ok_ || bytes.size() > start_) {
        ok_ = false;
        return;
    }
    start_ -= bytes.size();
    // May be the same memory: a caller puts headers before what already lies at the end.
    std::memmove(buffer_.data() + start_, bytes.data(), bytes.size());
}

void DerWriter::byte(Byte byte) {
    bytes(ByteView(&byte, 1));
}

void DerWriter::header(Byte tag, std::size_t content_size) {
    if (content_size > 0xffff) {
        ok_ = false;
        return;
    }
    byte(static_cast<Byte>(content_size));
    if (content_size >= 0x100) {
        byte(static_cast<Byte>(content_size >> 8));
        byte(0x82);
    } else if (content_size >= 0x80) {
        byte(0x81);
    }
    byte(tag);
}

void DerWriter::positive_integer(ByteView magnitude) {
    while (magnitude.size() > 1 && magnitude[0] == 0) {
        magnitude = magnitude.subspan(1);
    }
    const auto before = size();
    bytes(magnitude);
    if (!magnitude.empty() && (magnitude[0] & 0x80) != 0) {
        byte(0);
    }
    header(der_integer, size() - before);
}

}  // namespace firmware::engine
