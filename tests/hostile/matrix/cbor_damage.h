#pragma once

#include <string>

#include "tests/support/passkey.h"

namespace tests::hostile {

using support::Bytes;

// One item of an encoded message, in the order of the bytes.
struct CborItem {
    enum Major : hsm::Byte { number = 0, bytes = 2, text = 3, array = 4, map = 5 };

    std::string path;  // "body.3" is the value under key 3, "body.4.0" the first item of that list
    Major major = number;
    std::uint64_t argument = 0;
    std::size_t offset = 0;
    std::size_t head_size = 0;
    std::size_t end = 0;  // of head and content, children included

    bool is_string() const { return major == bytes || major == text; }
    bool is_container() const { return major == array || major == map; }
    std::size_t content() const { return offset + head_size; }
};

std::vector<CborItem> items_of(hsm::ByteView request);

struct Damaged {
    std::string what;
    Bytes request;
};

// Ways in which no strict decoder takes the message any more: every truncation, bytes after the
// end, each item replaced by one of another type, with a longer head than need be, of indefinite
// length, tagged, doubled, left out, with a wrong count; the entries of each map exchanged,
// repeated, left out or joined by one more.
std::vector<Damaged> broken_forms(hsm::ByteView request);

// Well-formed messages with one item's value changed: a string's bytes flipped one by one, cut at
// either end, emptied or extended; a number one up, one down, to 0, or to a large value.
// `item` is one of items_of(request).
std::vector<Damaged> changed_values(hsm::ByteView request, const CborItem& item);

// The message with an item's encoding replaced.
Bytes replaced(hsm::ByteView request, const CborItem& item, hsm::ByteView with);

}  // namespace tests::hostile
