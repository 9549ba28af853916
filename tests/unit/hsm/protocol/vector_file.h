#pragma once

#include <map>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "hsm/protocol/types.h"

namespace hsm::protocol::testing {

using Bytes = std::vector<Byte>;

// tests/vectors/protocol/vectors.json, written by the generator beside it.
const boost::json::object& vectors();

struct Vector {
    std::string name;
    std::string structure;
    const boost::json::object* row = nullptr;
    Bytes encoded;
    bool is_request() const;
    bool is_response() const;
};
const std::vector<Vector>& all_vectors();
const Vector& vector_named(std::string_view name);

Bytes from_hex(const boost::json::value& text);
template <std::size_t size = digest_size>
std::array<Byte, size> array_from_hex(const boost::json::value& text) {
    const auto bytes = from_hex(text);
    CHECK(bytes.size() == size);
    std::array<Byte, size> array{};
    std::ranges::copy(bytes, array.begin());
    return array;
}

std::string source_file(std::string_view path);  // its content
Digest sha256(std::span<const ByteView> parts);  // OpenSSL's
Digest sha256_of(ByteView bytes);

}  // namespace hsm::protocol::testing
