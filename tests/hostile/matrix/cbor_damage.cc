#include "tests/hostile/matrix/cbor_damage.h"

#include "tests/support/raw_cbor.h"

namespace tests::hostile {
namespace {

using hsm::Byte;
using hsm::ByteView;
using support::copy_of;

CborItem read_head(ByteView request, std::size_t offset) {
    CborItem item;
    item.offset = offset;
    item.major = static_cast<CborItem::Major>(request[offset] >> 5);
    const unsigned additional = request[offset] & 0x1f;
    CHECK(additional < 28);
    const std::size_t argument_size = additional < 24 ? 0 : std::size_t{1} << (additional - 24);
    item.head_size = 1 + argument_size;
    item.argument = additional;
    if (argument_size != 0) {
        item.argument = 0;
        for (const auto byte : request.subspan(offset + 1, argument_size)) {
            item.argument = item.argument << 8 | byte;
        }
    }
    return item;
}

// Appends the item at `offset` and its children; answers where it ends.
std::size_t collect(ByteView request,
                    std::size_t offset,
                    const std::string& path,
                    std::vector<CborItem>& items) {
    auto item = read_head(request, offset);
    item.path = path;
    const auto place = items.size();
    items.push_back(item);
    auto end = item.content();
    if (item.is_string()) {
        end += item.argument;
    } else if (item.major == CborItem::array) {
        for (std::uint64_t i = 0; i < item.argument; ++i) {
            end = collect(request, end, path + '.' + std::to_string(i), items);
        }
    } else if (item.major == CborItem::map) {
        for (std::uint64_t i = 0; i < item.argument; ++i) {
            const auto key = read_head(request, end).argument;
            end = collect(request, end, path + ".key" + std::to_string(key), items);
            end = collect(request, end, path + '.' + std::to_string(key), items);
        }
    }
    items[place].end = end;
    return end;
}

Bytes joined(ByteView a, ByteView b, ByteView c) {
    auto bytes = copy_of(a);
    bytes.insert(bytes.end(), b.begin(), b.end());
    bytes.insert(bytes.end(), c.begin(), c.end());
    return bytes;
}

Bytes longer_head(const CborItem& item) {
    Bytes bytes{static_cast<Byte>(item.major << 5 | 27)};
    for (int shift = 56; shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<Byte>(item.argument >> shift));
    }
    return bytes;
}

struct Substitute {
    std::string what;
    Bytes encoded;
    int major;  // -1: none that the profile has
};

const std::vector<Substitute>& substitutes() {
    static const std::vector<Substitute> all = {
        {"a number", {0x01}, CborItem::number},
        {"a byte string", {0x42, 0x01, 0x02}, CborItem::bytes},
        {"a text", {0x62, 'h', 'i'}, CborItem::text},
        {"an array", {0x81, 0x01}, CborItem::array},
        {"a map", {0xa1, 0x01, 0x01}, CborItem::map},
        {"a negative number", {0x20}, -1},
        {"null", {0xf6}, -1},
        {"undefined", {0xf7}, -1},
        {"true", {0xf5}, -1},
        {"a half float", {0xf9, 0x3c, 0x00}, -1},
        {"a double", {0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0}, -1},
        {"a bignum", {0xc2, 0x41, 0x01}, -1},
        {"a simple value", {0xf8, 0xff}, -1},
        {"a break", {0xff}, -1},
        {"a reserved head", {0x1c}, -1},
        {"an endless byte string", {0x5f, 0x41, 0x01, 0xff}, -1},
        {"an endless array", {0x9f, 0xff}, -1},
        {"an endless map", {0xbf, 0xff}, -1},
    };
    return all;
}

void break_item(ByteView request, const CborItem& item, std::vector<Damaged>& forms) {
    const auto before = request.first(item.offset);
    const auto whole = request.subspan(item.offset, item.end - item.offset);
    const auto content = request.subspan(item.content(), item.end - item.content());
    const auto after = request.subspan(item.end);
    for (const auto& substitute : substitutes()) {
        if (substitute.major != item.major) {
            forms.push_back(
                {item.path + " is " + substitute.what, joined(before, substitute.encoded, after)});
        }
    }
    if (item.head_size < 9) {
        const auto long_head = longer_head(item);
        forms.push_back({item.path + " has a longer head than need be",
                         joined(joined(before, long_head, content), after, {})});
    }
    constexpr Byte tag[] = {0xd8, 0x18};
    forms.push_back({item.path + " is tagged", joined(joined(before, tag, whole), after, {})});
    forms.push_back({item.path + " is left out", joined(before, after, {})});
    forms.push_back({item.path + " is doubled", joined(joined(before, whole, whole), after, {})});
    if (item.is_container() || item.is_string()) {
        for (const auto wrong : {item.argument + 1, item.argument - 1, std::uint64_t{0xffffffff}}) {
            if (wrong == UINT64_MAX) {
                continue;
            }
            forms.push_back(
                {item.path + " announces " + std::to_string(wrong),
                 joined(
                     joined(before, support::cbor_head(item.major, wrong), content), after, {})});
        }
    }
}

struct Entry {
    std::size_t begin;
    std::size_t end;
};

std::vector<Entry> entries_of(std::span<const CborItem> items, const CborItem& map) {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i + 1 < items.size(); ++i) {
        if (items[i].path.starts_with(map.path + ".key") &&
            items[i].path.find('.', map.path.size() + 1) == std::string::npos) {
            entries.push_back({items[i].offset, items[i + 1].end});
        }
    }
    return entries;
}

// A map's entries stand in the order of their keys, each once, all that the message knows.
void break_map(ByteView request,
               std::span<const CborItem> items,
               const CborItem& map,
               std::vector<Damaged>& forms) {
    const auto entries = entries_of(items, map);
    CHECK(entries.size() == map.argument);
    const auto bytes_of = [&](const Entry& entry) {
        return request.subspan(entry.begin, entry.end - entry.begin);
    };
    const auto add = [&](const std::string& what, std::uint64_t count, ByteView content) {
        const auto whole = joined(support::cbor_head(CborItem::map, count), content, {});
        forms.push_back({map.path + ' ' + what, replaced(request, map, whole)});
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto number = std::to_string(i);
        const auto before = request.subspan(map.content(), entries[i].begin - map.content());
        const auto after = request.subspan(entries[i].end, map.end - entries[i].end);
        add("lost entry " + number, map.argument - 1, joined(before, {}, after));
        add("has entry " + number + " twice",
            map.argument + 1,
            joined(before, joined(bytes_of(entries[i]), bytes_of(entries[i]), {}), after));
        if (i + 1 < entries.size()) {
            const auto rest = request.subspan(entries[i + 1].end, map.end - entries[i + 1].end);
            add("has entries exchanged at " + number,
                map.argument,
                joined(before, joined(bytes_of(entries[i + 1]), bytes_of(entries[i]), {}), rest));
        }
    }
    const auto all = request.subspan(map.content(), map.end - map.content());
    constexpr Byte unknown[] = {0x18, 0xc8, 0x00};
    add("has an unknown key", map.argument + 1, joined(all, unknown, {}));
}

}  // namespace

std::vector<CborItem> items_of(ByteView request) {
    std::vector<CborItem> items;
    const auto end = collect(request, 0, "message", items);
    CHECK(end == request.size());
    return items;
}

Bytes replaced(ByteView request, const CborItem& item, ByteView with) {
    return joined(request.first(item.offset), with, request.subspan(item.end));
}

std::vector<Damaged> broken_forms(ByteView request) {
    std::vector<Damaged> forms;
    for (std::size_t size = 0; size < request.size(); ++size) {
        forms.push_back({"cut to " + std::to_string(size), copy_of(request.first(size))});
    }
    for (const Byte extra : {0x00, 0x80, 0xa0, 0xf6, 0xff}) {
        const Byte tail[] = {extra};
        forms.push_back({"followed by " + std::to_string(extra), joined(request, tail, {})});
    }
    const auto items = items_of(request);
    for (const auto& item : items) {
        break_item(request, item, forms);
        if (item.major == CborItem::map) {
            break_map(request, items, item, forms);
        }
    }
    return forms;
}

std::vector<Damaged> changed_values(ByteView request, const CborItem& item) {
    std::vector<Damaged> forms;
    const auto add = [&](const std::string& what, const Bytes& encoded) {
        forms.push_back({item.path + ' ' + what, replaced(request, item, encoded)});
    };
    if (item.major == CborItem::number) {
        const auto value = item.argument;
        for (const auto other : {value + 1,
                                 value - 1,
                                 std::uint64_t{0},
                                 std::uint64_t{255},
                                 std::uint64_t{65536},
                                 UINT64_MAX}) {
            if (other != value) {
                add("becomes " + std::to_string(other), support::cbor_head(0, other));
            }
        }
    }
    if (!item.is_string()) {
        return forms;
    }
    const auto content = copy_of(request.subspan(item.content(), item.argument));
    for (std::size_t i = 0; i < content.size(); ++i) {
        for (const Byte bits : {0x01, 0x80}) {
            auto other = content;
            other[i] = static_cast<Byte>(other[i] ^ bits);
            add("has byte " + std::to_string(i) + " ^ " + std::to_string(bits),
                support::cbor_string(item.major, other));
        }
    }
    if (!content.empty()) {
        add("is empty", support::cbor_string(item.major, {}));
        add("lost its first byte", support::cbor_string(item.major, ByteView(content).subspan(1)));
        add("lost its last byte",
            support::cbor_string(item.major, ByteView(content).first(content.size() - 1)));
        add("is halved",
            support::cbor_string(item.major, ByteView(content).first(content.size() / 2)));
        add("is all zero", support::cbor_string(item.major, Bytes(content.size())));
    }
    constexpr Byte one[] = {0x00};
    add("has one more byte", support::cbor_string(item.major, joined(content, one, {})));
    add("has a byte before", support::cbor_string(item.major, joined(one, content, {})));
    add("is doubled", support::cbor_string(item.major, joined(content, content, one)));
    return forms;
}

}  // namespace tests::hostile
