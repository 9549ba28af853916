#include "hsm/protocol/codec.h"

namespace hsm::protocol::codec {
namespace {

using Kind = Rule::Kind;

template <class T>
const T& as(const void* at) {
    return *static_cast<const T*>(at);
}

std::uint64_t load_number(const void* at, std::uint8_t width) {
    switch (width) {
        case 1:
            return as<std::uint8_t>(at);
        case 2:
            return as<std::uint16_t>(at);
        case 4:
            return as<std::uint32_t>(at);
        default:
            return as<std::uint64_t>(at);
    }
}

void store_number(void* at, std::uint8_t width, std::uint64_t number) {
    switch (width) {
        case 1:
            *static_cast<std::uint8_t*>(at) = static_cast<std::uint8_t>(number);
            break;
        case 2:
            *static_cast<std::uint16_t*>(at) = static_cast<std::uint16_t>(number);
            break;
        case 4:
            *static_cast<std::uint32_t*>(at) = static_cast<std::uint32_t>(number);
            break;
        default:
            *static_cast<std::uint64_t*>(at) = number;
    }
}

// UINT32_MAX leaves a number of 8 bytes unlimited: item_rule() sees to it that nothing else has it.
std::uint64_t number_max(const Rule& rule) {
    return rule.max == UINT32_MAX && rule.width == 8 ? UINT64_MAX : rule.max;
}

// The numbers of an Algorithm; whether they fit the key and each other is the module's question.
bool in_algorithm_limits(std::uint64_t scheme, std::uint64_t digest, std::uint64_t salt) {
    return scheme <= scheme_max && digest >= 1 && digest <= digest_algorithm_max &&
           salt <= salt_length_max;
}

void write_algorithm(CborWriter& writer, const Algorithm& algorithm) {
    const auto scheme = static_cast<std::uint64_t>(algorithm.scheme);
    const auto digest = static_cast<std::uint64_t>(algorithm.digest);
    writer.require(in_algorithm_limits(scheme, digest, algorithm.salt_length));
    writer.array(3);
    writer.number(scheme);
    writer.number(digest);
    writer.number(algorithm.salt_length);
    writer.end();
}

Result<void> read_algorithm(CborReader& reader, Algorithm& algorithm) {
    TRY_ASSIGN(auto count, reader.array());
    if (count != 3) {
        return Status::malformed;
    }
    TRY_ASSIGN(auto scheme, reader.number());
    TRY_ASSIGN(auto digest, reader.number());
    TRY_ASSIGN(auto salt, reader.number());
    if (!in_algorithm_limits(scheme, digest, salt)) {
        return Status::malformed;
    }
    algorithm = {static_cast<Scheme>(scheme),
                 static_cast<DigestAlgorithm>(digest),
                 static_cast<std::uint8_t>(salt)};
    return reader.end();
}

// Each answers the size of a string, 0 for everything else.
std::size_t write_item(CborWriter& writer, const Rule& rule, const void* at) {
    switch (rule.kind) {
        case Kind::number: {
            const auto number = load_number(at, rule.width);
            writer.require(number >= rule.min && number <= number_max(rule));
            writer.number(number);
            return 0;
        }
        case Kind::algorithm:
            write_algorithm(writer, as<Algorithm>(at));
            return 0;
        case Kind::fixed:
            writer.bytes({static_cast<const Byte*>(at), rule.max});
            return 0;
        case Kind::bytes:
        case Kind::text:
            break;
    }
    const auto size =
        rule.kind == Kind::text ? as<std::string_view>(at).size() : as<ByteView>(at).size();
    writer.require(size >= rule.min && size <= rule.max);
    if (rule.kind == Kind::text) {
        writer.text(as<std::string_view>(at));
    } else {
        writer.bytes(as<ByteView>(at));
    }
    return size;
}

Result<std::size_t> read_item(CborReader& reader, const Rule& rule, void* at) {
    switch (rule.kind) {
        case Kind::number: {
            TRY_ASSIGN(auto number, reader.number(number_max(rule)));
            if (number < rule.min) {
                return Status::malformed;
            }
            store_number(at, rule.width, number);
            return std::size_t{0};
        }
        case Kind::algorithm:
            TRY(read_algorithm(reader, *static_cast<Algorithm*>(at)));
            return std::size_t{0};
        case Kind::fixed: {
            TRY_ASSIGN(auto bytes, reader.bytes(rule.max));
            if (bytes.size() != rule.max) {
                return Status::malformed;
            }
            std::ranges::copy(bytes, static_cast<Byte*>(at));
            return std::size_t{0};
        }
        case Kind::bytes:
        case Kind::text:
            break;
    }
    std::size_t size = 0;
    if (rule.kind == Kind::text) {
        TRY_ASSIGN(auto text, reader.text(rule.max));
        *static_cast<std::string_view*>(at) = text;
        size = text.size();
    } else {
        TRY_ASSIGN(auto bytes, reader.bytes(rule.max));
        *static_cast<ByteView*>(at) = bytes;
        size = bytes.size();
    }
    if (size < rule.min) {
        return Status::malformed;
    }
    return size;
}

void write_list(CborWriter& writer, const Rule& rule, const Byte* items) {
    const auto count = as<std::size_t>(items + rule.count_offset);
    CHECK(count <= rule.list_max);
    std::size_t total = 0;
    writer.array(count);
    for (std::size_t i = 0; i < count; ++i) {
        total += write_item(writer, rule, items + i * rule.width);
    }
    writer.require(rule.total == no_total || total <= rule.total);
    writer.end();
}

Result<void> read_list(CborReader& reader, const Rule& rule, Byte* items) {
    TRY_ASSIGN(auto count, reader.array());
    if (count > rule.list_max) {
        return Status::malformed;
    }
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        TRY_ASSIGN(auto size, read_item(reader, rule, items + i * rule.width));
        total += size;
    }
    if (rule.total != no_total && total > rule.total) {
        return Status::malformed;
    }
    *reinterpret_cast<std::size_t*>(items + rule.count_offset) = count;
    return reader.end();
}

}  // namespace

void write_members(CborWriter& writer,
                   Form form,
                   std::string_view tag,
                   std::span<const Rule> rules,
                   const void* const* members) {
    if (form == Form::map) {
        writer.map(rules.size());
    } else {
        writer.array(rules.size() + 1);
        writer.text(tag);
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (form == Form::map) {
            writer.number(rules[i].key);
        }
        if (rules[i].list_max != 0) {
            write_list(writer, rules[i], static_cast<const Byte*>(members[i]));
        } else {
            (void)write_item(writer, rules[i], members[i]);
        }
    }
    writer.end();
}

Result<void> read_members(CborReader& reader,
                          Form form,
                          std::string_view tag,
                          std::span<const Rule> rules,
                          void* const* members) {
    constexpr std::size_t tag_size_max = 32;
    TRY_ASSIGN(auto count, form == Form::map ? reader.map() : reader.array());
    if (count != rules.size() + (form == Form::map ? 0 : 1)) {
        return Status::malformed;
    }
    if (form == Form::array) {
        TRY_ASSIGN(auto found, reader.text(tag_size_max));
        if (found != tag) {
            return Status::malformed;
        }
    }
    for (std::size_t i = 0; i < rules.size(); ++i) {
        if (form == Form::map) {
            TRY_ASSIGN(auto key, reader.number());
            if (key != rules[i].key) {
                return Status::malformed;
            }
        }
        if (rules[i].list_max != 0) {
            TRY(read_list(reader, rules[i], static_cast<Byte*>(members[i])));
        } else {
            TRY(read_item(reader, rules[i], members[i]));
        }
    }
    return reader.end();
}

}  // namespace hsm::protocol::codec
