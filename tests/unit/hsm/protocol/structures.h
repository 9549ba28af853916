#pragma once

#include <functional>

#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol::testing {

// Every structure of the protocol, under one face.
struct Structure {
    // The JSON form of the vectors → bytes.
    std::function<Result<Bytes>(const boost::json::object& row)> encode;
    // Bytes → what they decode to → bytes again.
    std::function<Result<Bytes>(ByteView bytes)> reencode;
};
const Structure& structure_of(const Vector& vector);

}  // namespace hsm::protocol::testing
