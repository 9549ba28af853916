#include "tests/unit/hsm/protocol/cbor_item.h"

#include <functional>

#include "hsm/base/byte_reader.h"

namespace hsm::protocol::testing {
namespace {

unsigned shortest(std::uint64_t argument) {
    return argument < 24            ? 0
           : argument < 0x100       ? 1
           : argument < 0x10000     ? 2
           : argument < 0x100000000 ? 4
                                    : 8;
}

void append(Bytes& to, ByteView from) {
    to.insert(to.end(), from.begin(), from.end());
}

Item parse_next(ByteReader& reader) {
    Item item;
    const auto first = *reader.u8();
    item.major = first >> 5;
    item.argument = first & 0x1f;
    if (item.argument >= 24) {
        const auto size = std::size_t{1} << (item.argument - 24);
        item.argument = 0;
        const ByteView argument = *reader.take(size);
        for (const auto byte : argument) {
            item.argument = item.argument << 8 | byte;
        }
    }
    if (item.is_string()) {
        const auto content = *reader.take(item.argument);
        item.content.assign(content.begin(), content.end());
    }
    const auto count = item.major == Item::map ? 2 * item.argument : item.argument;
    for (std::uint64_t i = 0; item.is_container() && i < count; ++i) {
        item.children.push_back(parse_next(reader));
    }
    return item;
}

// Writes `item` with `replacement` in the place of `target`, a node inside it.
void write_with(const Item& item, const Item* target, ByteView replacement, Bytes& to) {
    if (&item == target) {
        append(to, replacement);
        return;
    }
    switch (item.major) {
        case Item::number:
            append(to, write_head(item.major, item.argument, shortest(item.argument)));
            return;
        case Item::bytes:
        case Item::text:
            append(to, write_head(item.major, item.content.size(), shortest(item.content.size())));
            append(to, item.content);
            return;
        default:
            break;
    }
    const auto count = item.children.size() / (item.major == Item::map ? 2 : 1);
    append(to, write_head(item.major, count, shortest(count)));
    for (const auto& child : item.children) {
        write_with(child, target, replacement, to);
    }
}

using Report = std::function<void(std::string what, ByteView replacement, Expectation)>;

std::uint64_t argument_of(const Item& node) {
    if (node.is_string()) {
        return node.content.size();
    }
    return node.major == Item::map     ? node.children.size() / 2
           : node.major == Item::array ? node.children.size()
                                       : node.argument;
}

void other_types(const Item& node, const Report& report) {
    const std::vector<std::pair<const char*, Bytes>> others = {
        {"number", {0x00}},
        {"empty bytes", {0x40}},
        {"empty text", {0x60}},
        {"empty array", {0x80}},
        {"empty map", {0xa0}},
        {"negative", {0x20}},
        {"false", {0xf4}},
        {"true", {0xf5}},
        {"null", {0xf6}},
        {"undefined", {0xf7}},
        {"simple", {0xf8, 0x20}},
        {"half", {0xf9, 0x00, 0x00}},
        {"float", {0xfa, 0, 0, 0, 0}},
        {"double", {0xfb, 0, 0, 0, 0, 0, 0, 0, 0}},
        {"break", {0xff}},
        {"reserved head", {0x1c}},
        {"reserved string", {0x5d}},
    };
    for (const auto& [name, encoded] : others) {
        const bool same_type =
            encoded[0] >> 5 == node.major && encoded.size() == 1 && (encoded[0] & 0x1f) < 24;
        if (!same_type) {
            report(std::string("replaced by ") + name, encoded, Expectation::refused);
        }
    }
    Bytes tagged = {0xc1};
    append(tagged, write(node));
    report("tagged", tagged, Expectation::refused);
}

void other_heads(const Item& node, const Report& report) {
    const auto whole = write(node);
    const auto argument = argument_of(node);
    const auto tail = ByteView(whole).subspan(1 + shortest(argument));
    for (const unsigned size : {1u, 2u, 4u, 8u}) {
        if (size > shortest(argument)) {
            auto longer = write_head(node.major, argument, size);
            append(longer, tail);
            report("head of " + std::to_string(size), longer, Expectation::refused);
        }
    }
    if (node.major == Item::number) {
        return;
    }
    Bytes indefinite = {static_cast<Byte>(node.major << 5 | 31)};
    append(indefinite, node.is_string() ? ByteView(whole) : tail);
    indefinite.push_back(0xff);
    report("indefinite", indefinite, Expectation::refused);

    // A count or length that is not true shifts what follows: almost always an error.
    for (const std::uint64_t lie : {argument + 1,
                                    argument - 1,
                                    std::uint64_t{0xffff},
                                    std::uint64_t{0xffffffff},
                                    UINT64_MAX,
                                    UINT64_MAX / 2}) {
        if (lie != argument) {
            auto lying = write_head(node.major, lie, shortest(lie));
            append(lying, tail);
            report("length " + std::to_string(lie), lying, Expectation::canonical);
        }
    }
}

void other_numbers(const Item& node, const Report& report) {
    for (const std::uint64_t value : {node.argument + 1,
                                      node.argument - 1,
                                      std::uint64_t{0},
                                      std::uint64_t{255},
                                      std::uint64_t{256},
                                      std::uint64_t{0x100000000},
                                      UINT64_MAX}) {
        report("number " + std::to_string(value),
               write_head(Item::number, value, shortest(value)),
               Expectation::canonical);
    }
}

void other_contents(const Item& node, const Report& report) {
    auto changed = node;
    changed.content.push_back('x');
    report("one byte longer", write(changed), Expectation::canonical);
    changed.content.assign(7000, 'x');
    report("7,000 bytes long", write(changed), Expectation::refused);
    if (!node.content.empty()) {
        changed.content.assign(node.content.begin(), node.content.end() - 1);
        report("one byte shorter", write(changed), Expectation::canonical);
    }
    if (node.major == Item::text) {
        changed = node;
        changed.content.push_back(0xff);
        report("not UTF-8", write(changed), Expectation::refused);
    }
}

void other_children(const Item& node, const Report& report) {
    const std::size_t step = node.major == Item::map ? 2 : 1;
    const auto expected = node.major == Item::map ? Expectation::refused : Expectation::canonical;
    for (std::size_t i = 0; i + step <= node.children.size(); i += step) {
        const auto at = node.children.begin() + static_cast<std::ptrdiff_t>(i);
        const auto end = at + static_cast<std::ptrdiff_t>(step);

        auto fewer = node;
        fewer.children.erase(fewer.children.begin() + static_cast<std::ptrdiff_t>(i),
                             fewer.children.begin() + static_cast<std::ptrdiff_t>(i + step));
        report("entry removed", write(fewer), expected);

        auto more = node;
        more.children.insert(more.children.begin() + static_cast<std::ptrdiff_t>(i), at, end);
        report("entry twice", write(more), expected);

        if (i + 2 * step <= node.children.size()) {
            auto swapped = node;
            const auto from = swapped.children.begin() + static_cast<std::ptrdiff_t>(i);
            std::swap_ranges(from,
                             from + static_cast<std::ptrdiff_t>(step),
                             from + static_cast<std::ptrdiff_t>(step));
            report("entries swapped", write(swapped), expected);
        }
    }
    auto more = node;
    if (node.major == Item::map) {
        more.children.push_back({Item::number, 99, {}, {}});
    }
    more.children.push_back({Item::number, 0, {}, {}});
    report("unknown entry added", write(more), expected);
}

void visit(const Item& node,
           const std::string& path,
           const std::function<void(const Item&, const std::string&)>& each) {
    each(node, path);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        visit(node.children[i], path + "/" + std::to_string(i), each);
    }
}

}  // namespace

Bytes write_head(Byte major, std::uint64_t argument, unsigned argument_size) {
    const auto kind = static_cast<unsigned>(major) << 5;
    if (argument_size == 0) {
        return {static_cast<Byte>(kind | argument)};
    }
    const unsigned additional = argument_size == 1   ? 24
                                : argument_size == 2 ? 25
                                : argument_size == 4 ? 26
                                                     : 27;
    Bytes head = {static_cast<Byte>(kind | additional)};
    for (unsigned i = argument_size; i > 0; --i) {
        head.push_back(static_cast<Byte>(argument >> (8 * (i - 1))));
    }
    return head;
}

Item parse(ByteView encoded) {
    ByteReader reader(encoded);
    auto item = parse_next(reader);
    CHECK(reader.at_end());
    return item;
}

Bytes write(const Item& item) {
    Bytes bytes;
    write_with(item, nullptr, {}, bytes);
    return bytes;
}

std::vector<Damaged> damaged_forms(ByteView encoded) {
    std::vector<Damaged> forms;
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        forms.push_back(
            {"cut at " + std::to_string(size),
             Bytes(encoded.begin(), encoded.begin() + static_cast<std::ptrdiff_t>(size)),
             Expectation::refused});
    }
    for (const Byte extra : {0x00, 0x40, 0x80, 0xf6, 0xff}) {
        Bytes longer(encoded.begin(), encoded.end());
        longer.push_back(extra);
        forms.push_back({"followed by " + std::to_string(extra), longer, Expectation::refused});
    }

    const auto root = parse(encoded);
    visit(root, "", [&](const Item& node, const std::string& path) {
        const Report report =
            [&](const std::string& what, ByteView replacement, Expectation expectation) {
                Bytes bytes;
                write_with(root, &node, replacement, bytes);
                forms.push_back({"item " + path + ": " + what, std::move(bytes), expectation});
            };
        other_types(node, report);
        other_heads(node, report);
        if (node.major == Item::number) {
            other_numbers(node, report);
        } else if (node.is_string()) {
            other_contents(node, report);
        } else {
            other_children(node, report);
        }
    });
    return forms;
}

}  // namespace hsm::protocol::testing
