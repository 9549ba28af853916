#pragma once

#include <string>

#include "tests/unit/hsm/protocol/vector_file.h"

namespace hsm::protocol::testing {

// A CBOR item as a tree, for tests that damage it. Takes what the profile allows only.
struct Item {
    enum Major : Byte { number = 0, bytes = 2, text = 3, array = 4, map = 5 };
    Byte major = number;
    std::uint64_t argument = 0;  // a number's value; else derived from what follows
    Bytes content;               // of a string
    std::vector<Item> children;  // of an array; of a map key, value, key, value…

    bool is_string() const { return major == bytes || major == text; }
    bool is_container() const { return major == array || major == map; }
};

Item parse(ByteView encoded);
Bytes write(const Item& item);
Bytes write_head(Byte major, std::uint64_t argument, unsigned argument_size);

enum class Expectation {
    refused,   // whatever it is in, this is an error
    canonical  // an error, or it decodes to something that encodes to exactly these bytes
};
struct Damaged {
    std::string what;
    Bytes encoded;
    Expectation expectation = Expectation::refused;
};

// The item damaged in every way, in every place.
std::vector<Damaged> damaged_forms(ByteView encoded);

}  // namespace hsm::protocol::testing
